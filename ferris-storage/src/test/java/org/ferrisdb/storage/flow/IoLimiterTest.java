package org.ferrisdb.storage.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.ferrisdb.storage.flow.IoLimiter.Urgency;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.ManualTicker;
import org.junit.jupiter.api.Test;

/** Compactions keep to their rate, in the right order; flushes keep to none. */
final class IoLimiterTest {
  private static final int RATE = 10 << 20;

  private final ManualTicker ticker = new ManualTicker();
  private final IoLimiter limiter = new IoLimiter(RATE, ticker);

  private double seconds(long begin) {
    return (ticker.nanos() - begin) / 1e9;
  }

  @Test
  void compactions_write_at_the_rate_and_not_above() {
    long begin = ticker.nanos();
    for (int i = 0; i < 1_000; i++) {
      limiter.acquire(64 << 10, i % 2 == 0 ? Urgency.LEVEL0 : Urgency.DEEPER);
    }
    assertThat(seconds(begin)).isEqualTo(1_000.0 * (64 << 10) / RATE, within(0.15));
    assertThat(ticker.sleeps()).allMatch(nanos -> nanos <= 20_000_000);
  }

  @Test
  void time_that_nobody_used_is_not_saved_up() {
    ticker.advance(3_600_000_000_000L);
    long begin = ticker.nanos();
    for (int i = 0; i < 100; i++) {
      limiter.acquire(RATE / 10, Urgency.DEEPER);
    }
    assertThat(seconds(begin)).isBetween(9.7, 10.0);
  }

  @Test
  void flushes_never_wait_and_compactions_make_up_for_them() {
    long begin = ticker.nanos();
    for (int i = 0; i < 1_000; i++) {
      limiter.acquire(1 << 20, Urgency.AT_ONCE);
    }
    assertThat(ticker.sleeps()).isEmpty();
    limiter.acquire(1, Urgency.LEVEL0);
    assertThat(seconds(begin))
        .as("a tenth of a second's worth, not all of it")
        .isBetween(0.1, 0.13);
  }

  @Test
  void deeper_levels_let_level_0_go_first() {
    IoLimiter[] shared = new IoLimiter[1];
    int[] asked = new int[1];
    Ticker passing =
        new Ticker() {
          @Override
          public long nanos() {
            return ticker.nanos();
          }

          // While level 0 sleeps here, time enough for both passes, and the deeper one asks.
          @Override
          public void sleep(long nanos) {
            ticker.advance(1_000_000_000);
            assertThat(shared[0].tryAcquire(1, Urgency.DEEPER)).isPositive();
            asked[0]++;
          }
        };
    shared[0] = new IoLimiter(RATE, passing);
    assertThat(shared[0].tryAcquire(RATE / 5, Urgency.DEEPER)).as("all there is, twice").isZero();
    shared[0].acquire(100, Urgency.LEVEL0);
    assertThat(asked[0]).isEqualTo(1);
    assertThat(shared[0].tryAcquire(1, Urgency.DEEPER)).as("level 0 has what it wanted").isZero();
  }

  @Test
  void without_a_rate_nothing_waits_and_files_are_as_they_were() {
    IoLimiter none = new IoLimiter(IoLimiter.UNLIMITED, ticker);
    for (int i = 0; i < 1_000; i++) {
      none.acquire(1 << 30, Urgency.DEEPER);
    }
    assertThat(ticker.sleeps()).isEmpty();
    FileSystem files = new FaultyFileSystem();
    assertThat(LimitedFileSystem.of(files, none, () -> Urgency.DEEPER)).isSameAs(files);
    IoLimiter inline = new IoLimiter(RATE, Ticker.STILL);
    assertThat(LimitedFileSystem.of(files, inline, () -> Urgency.DEEPER)).isSameAs(files);
    assertThatThrownBy(() -> new IoLimiter(-1, ticker))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void what_a_limited_file_appends_is_counted() throws IOException {
    FaultyFileSystem files = new FaultyFileSystem();
    FileSystem limited = LimitedFileSystem.of(files, limiter, () -> Urgency.DEEPER);
    limited.createDirectories(Path.of("/disk"));
    long begin = ticker.nanos();
    try (FileSystem.WritableFile file = limited.create(Path.of("/disk/a"))) {
      for (int i = 0; i < 20; i++) {
        file.append(ByteBuffer.allocate(RATE / 10));
      }
      assertThat(file.size()).isEqualTo(20L * (RATE / 10));
    }
    assertThat(seconds(begin)).isBetween(1.75, 2.0);
  }
}
