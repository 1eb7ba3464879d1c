package org.ferrisdb.storage.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Figures that an engine's owner can trust. */
final class MetricsTest {
  @Test
  void striped_counters_add_up_what_all_threads_count() throws InterruptedException {
    StripedCounters counters = new StripedCounters();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      // One after the other: two threads of one row would lose additions, as they may.
      Thread thread = Thread.ofPlatform().start(() -> count(counters));
      thread.join();
      threads.add(thread);
    }
    assertThat(threads.stream().map(Thread::threadId).distinct()).hasSize(6);
    assertThat(counters.sum(0)).isEqualTo(6_000);
    assertThat(counters.sum(15)).isEqualTo(3_000);
    assertThat(counters.sum(1)).isZero();
  }

  private static void count(StripedCounters counters) {
    for (int i = 0; i < 1_000; i++) {
      counters.increment(0);
      if (i % 2 == 0) {
        counters.increment(15);
      }
    }
  }

  @Test
  void a_histogram_knows_its_quantiles_to_a_factor_of_two() {
    LatencyHistogram histogram = new LatencyHistogram();
    assertThat(histogram.stats()).isEqualTo(new LatencyStats(0, 0, 0, 0, 0));
    for (int i = 0; i < 985; i++) {
      histogram.record(1_000);
    }
    for (int i = 0; i < 15; i++) {
      histogram.record(3_000_000);
    }
    LatencyStats stats = histogram.stats();
    assertThat(stats.count()).isEqualTo(1_000);
    assertThat(stats.nanos()).isEqualTo(985_000 + 45_000_000);
    assertThat(stats.longestNanos()).isEqualTo(3_000_000);
    assertThat(stats.p50Nanos()).isBetween(1_000L, 2_000L);
    assertThat(stats.p99Nanos()).as("no more than the longest").isEqualTo(3_000_000);
    histogram.record(0);
    histogram.record(-5); // a clock that went back
    histogram.record(Long.MAX_VALUE / 4);
    assertThat(histogram.stats().count()).isEqualTo(1_003);
    assertThat(histogram.stats().longestNanos()).isEqualTo(Long.MAX_VALUE / 4);
  }

  @Test
  void a_rate_follows_what_is_seen_and_forgets() {
    SeenRate rate = new SeenRate();
    assertThat(rate.perSecond()).isEqualTo(SeenRate.FIRST_GUESS);
    rate.add(1_000, 1_000_000); // tiny work tells little
    assertThat(rate.perSecond()).isEqualTo(SeenRate.FIRST_GUESS, within(SeenRate.FIRST_GUESS / 20));
    for (int i = 0; i < 50; i++) {
      rate.add(16 << 20, 1_000_000_000);
    }
    assertThat(rate.perSecond()).isEqualTo(16 << 20, within(1e6));
    for (int i = 0; i < 50; i++) {
      rate.add(100 << 20, 1_000_000_000);
    }
    assertThat(rate.perSecond()).isEqualTo(100 << 20, within(5e6));
    for (int i = 0; i < 500; i++) {
      rate.add(0, 1_000_000_000);
    }
    assertThat(rate.perSecond()).isEqualTo(SeenRate.LEAST);
  }

  @Test
  void amplifications_are_ratios_and_zero_before_anything_happened() {
    assertThat(new ReadStats(0, 0, 0, 0).readAmplification()).isZero();
    assertThat(new ReadStats(10, 40, 25, 5).readAmplification()).isEqualTo(1.5);
    assertThat(new WorkStats(0, 0, 0, 0, 0, 0).writeAmplification()).isZero();
    assertThat(new WorkStats(100, 80, 0, 500, 420, 0).writeAmplification()).isEqualTo(5);
  }
}
