package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ZipfTest {
  @Test
  void theFrequencyOfARankFollowsZipfsLaw() {
    int items = 1_000;
    int draws = 1_000_000;
    Zipf zipf = new Zipf(items);
    SplittableRandom random = new SplittableRandom(42);
    int[] counts = new int[items];
    for (int i = 0; i < draws; i++) {
      counts[zipf.rank(random)]++;
    }
    double zeta = 0;
    for (int i = 1; i <= items; i++) {
      zeta += 1 / Math.pow(i, 0.99);
    }
    for (int rank : new int[] {0, 1}) {
      double expected = 1 / Math.pow(rank + 1, 0.99) / zeta;
      assertThat(counts[rank] / (double) draws).isCloseTo(expected, within(0.005));
    }
    assertThat(counts[10]).isGreaterThan(counts[100]).isLessThan(counts[1]);
    assertThat(counts[items - 1]).isPositive();
  }

  @Test
  void drawsStayInRangeAndHotItemsAreScattered() {
    Zipf zipf = new Zipf(20_000);
    SplittableRandom random = new SplittableRandom(1);
    Set<Integer> drawn = new HashSet<>();
    int first = 0;
    for (int i = 0; i < 10_000; i++) {
      int item = zipf.next(random);
      assertThat(item).isBetween(0, 19_999);
      drawn.add(item);
      first += item < 100 ? 1 : 0;
    }
    assertThat(drawn.size()).isBetween(1_000, 9_000);
    assertThat(first).isLessThan(2_000); // unscattered, the first hundred would get half
  }

  @Test
  void oneItemIsAlwaysThatItem() {
    assertThat(new Zipf(1).next(new SplittableRandom(1))).isZero();
  }

  @Test
  void keysOfTheBenchAreDistinctAndHitEveryQuarterOfTheKeySpace() {
    Set<Long> seen = new HashSet<>();
    int[] quarters = new int[4];
    for (int i = 0; i < 20_000; i++) {
      byte[] key = BenchRunner.key(i);
      quarters[(key[0] & 0xff) / 64]++;
      seen.add(Zipf.mix(i));
    }
    assertThat(seen).hasSize(20_000);
    for (int q : quarters) {
      assertThat(q).isBetween(4_500, 5_500);
    }
  }
}
