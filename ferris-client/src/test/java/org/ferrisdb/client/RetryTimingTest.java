package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.RetryTiming.LEAST_USEFUL_NANOS;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a refused call is tried again, and when it is not. */
class RetryTimingTest {
  private static long ms(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void an_attempt_needs_the_nodes_round_trip_but_never_less_than_a_little() {
    assertThat(RetryTiming.usefulNanos(0, ms(10_000))).isEqualTo(LEAST_USEFUL_NANOS);
    assertThat(RetryTiming.usefulNanos(ms(1), ms(10_000))).isEqualTo(LEAST_USEFUL_NANOS);
    assertThat(RetryTiming.usefulNanos(ms(80), ms(10_000))).isEqualTo(ms(80));
  }

  @Test
  void a_node_that_once_was_slow_does_not_forbid_every_retry() {
    assertThat(RetryTiming.usefulNanos(ms(9_000), ms(10_000))).isEqualTo(ms(2_500));
    assertThat(RetryTiming.usefulNanos(ms(9_000), ms(4))).isEqualTo(ms(1));
    assertThat(RetryTiming.usefulNanos(ms(9_000), 1)).isEqualTo(1);
  }

  @Test
  void a_refused_call_waits_as_long_as_it_likes_while_there_is_time() {
    assertThat(RetryTiming.delayNanos(ms(1_000), ms(5), 0, ms(40))).isEqualTo(ms(40));
    assertThat(RetryTiming.delayNanos(ms(1_000), ms(5), ms(50), ms(40))).isEqualTo(ms(50));
  }

  @Test
  void the_last_attempt_begins_while_its_answer_can_still_come() {
    assertThat(RetryTiming.delayNanos(ms(200), ms(20), 0, ms(500))).isEqualTo(ms(180));
    assertThat(RetryTiming.delayNanos(ms(200), ms(20), ms(100), ms(500))).isEqualTo(ms(180));
  }

  @Test
  void without_time_for_an_answer_or_for_what_the_node_asked_there_is_no_attempt() {
    assertThat(RetryTiming.delayNanos(ms(20), ms(20), 0, ms(5))).isZero();
    assertThat(RetryTiming.delayNanos(ms(20) - 1, ms(20), 0, ms(5))).isNegative();
    assertThat(RetryTiming.delayNanos(ms(200), ms(20), ms(181), ms(5))).isNegative();
    assertThat(RetryTiming.delayNanos(-ms(3), ms(5), 0, ms(5))).isNegative();
  }

  @Test
  void whatever_is_asked_the_attempt_has_its_useful_time_or_is_not_made() {
    long seed = System.nanoTime();
    System.out.println("whatever_is_asked seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long remaining = random.nextLong(-ms(20), ms(2_000));
      long useful = 1 + random.nextLong(ms(500));
      long asked = random.nextBoolean() ? 0 : random.nextLong(ms(1_000));
      long backoff = random.nextLong(ms(500));

      long delay = RetryTiming.delayNanos(remaining, useful, asked, backoff);

      if (delay >= 0) {
        assertThat(remaining - delay).isGreaterThanOrEqualTo(useful);
        assertThat(delay).isBetween(asked, Math.max(asked, backoff));
      } else {
        assertThat(remaining).isLessThan(useful + asked);
      }
    }
  }

  @Test
  void a_longer_round_trip_counts_at_once_and_is_forgotten_by_and_by() {
    long seen = RetryTiming.observe(0, ms(3));
    assertThat(seen).isEqualTo(ms(3));
    seen = RetryTiming.observe(seen, ms(80));
    assertThat(seen).isEqualTo(ms(80));
    assertThat(RetryTiming.observe(seen, ms(1))).isEqualTo(ms(70));
    for (int i = 0; i < 40; i++) {
      seen = RetryTiming.observe(seen, ms(1));
    }
    assertThat(seen).isEqualTo(ms(1));
  }
}
