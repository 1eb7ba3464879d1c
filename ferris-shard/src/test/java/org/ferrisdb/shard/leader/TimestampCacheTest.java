package org.ferrisdb.shard.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimestampCacheTest {
  private static byte[] key(int i) {
    return new byte[] {(byte) i};
  }

  @Test
  void a_key_and_a_range_that_were_read_hold_later_writes_above() {
    TimestampCache cache = new TimestampCache(10, 100, 10);
    cache.raise(key(5), 20);
    cache.raise(key(7), key(9), 30);
    cache.raise(key(100), new byte[0], 40);
    assertThat(cache.lowest(key(5))).isEqualTo(20);
    assertThat(cache.lowest(key(6))).isEqualTo(10);
    assertThat(cache.lowest(key(7))).isEqualTo(30);
    assertThat(cache.lowest(key(8))).isEqualTo(30);
    assertThat(cache.lowest(key(9))).isEqualTo(10);
    assertThat(cache.lowest(key(120))).isEqualTo(40);
    cache.raise(key(5), 15);
    assertThat(cache.lowest(key(5))).isEqualTo(20);
  }

  @Test
  void what_is_evicted_is_never_forgotten_only_made_coarser() {
    Random random = new Random(42);
    TimestampCache cache = new TimestampCache(0, 8, 4);
    List<long[]> promises = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      long timestamp = random.nextInt(1_000_000);
      int from = random.nextInt(100);
      int to = random.nextBoolean() ? from + 1 : from + 1 + random.nextInt(20);
      if (to == from + 1) {
        cache.raise(key(from), timestamp);
      } else {
        cache.raise(key(from), key(to), timestamp);
      }
      promises.add(new long[] {from, to, timestamp});
      int asked = random.nextInt(120);
      long promised = 0;
      for (long[] p : promises) {
        if (asked >= p[0] && asked < p[1]) {
          promised = Math.max(promised, p[2]);
        }
      }
      assertThat(cache.lowest(key(asked))).isGreaterThanOrEqualTo(promised);
    }
  }
}
