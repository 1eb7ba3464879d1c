package org.ferrisdb.shard.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.ferrisdb.shard.Timestamps;
import org.junit.jupiter.api.Test;

final class TimestampOracleTest {
  private static final OracleOptions OPTIONS = OracleOptions.defaults();
  private static final long MILLI = 1_000_000;
  private static final long WALL = 1_800_000_000_000L;

  @Test
  void nothing_is_drawn_before_a_bound_has_applied() {
    TimestampOracle oracle = oracle(0);
    assertThat(oracle.draw(1, 0, WALL)).isEmpty();
    long bound = oracle.boundFor(1, 0, WALL);
    assertThat(oracle.draw(1, 0, WALL)).as("asking for a bound gives none").isEmpty();
    oracle.boundApplied(bound);
    assertThat(oracle.draw(1, 0, WALL)).hasValue(Timestamps.ofMillis(WALL));
  }

  @Test
  void timestamps_follow_the_clock_and_a_full_counter_carries_into_the_milliseconds() {
    TimestampOracle oracle = extended(0);
    assertThat(oracle.draw(65_536, 0, WALL)).hasValue(Timestamps.ofMillis(WALL));
    assertThat(oracle.draw(1, 0, WALL)).hasValue(Timestamps.ofMillis(WALL + 1));
    assertThat(oracle.draw(1, 5 * MILLI, WALL + 5)).hasValue(Timestamps.ofMillis(WALL + 5));
    assertThat(Timestamps.toString(oracle.draw(1, 5 * MILLI, WALL + 5).getAsLong()))
        .isEqualTo((WALL + 5) + ".1");
  }

  @Test
  void a_draw_never_reaches_the_bound() {
    TimestampOracle oracle = oracle(Timestamps.ofMillis(WALL));
    oracle.boundApplied(Timestamps.ofMillis(WALL) + 10);
    assertThat(oracle.draw(11, 0, WALL)).isEmpty();
    assertThat(oracle.draw(10, 0, WALL)).hasValue(Timestamps.ofMillis(WALL));
    assertThat(oracle.draw(1, 0, WALL)).isEmpty();
  }

  @Test
  void a_bound_runs_low_when_half_a_window_is_left() {
    TimestampOracle oracle = extended(0);
    assertThat(oracle.boundRunsLow(1400 * MILLI, WALL + 1400)).isFalse();
    assertThat(oracle.boundRunsLow(1600 * MILLI, WALL + 1600)).isTrue();
  }

  @Test
  void a_new_term_begins_at_the_bound_even_if_its_clock_is_behind_and_time_goes_on_from_there() {
    long bound = Timestamps.ofMillis(WALL + 3_600_000);
    TimestampOracle oracle = extended(bound);
    assertThat(oracle.draw(1, 0, WALL)).hasValue(bound);
    // Four seconds later oracle time has gone on by four; it does not stand still for an hour.
    assertThat(oracle.draw(1, 4000 * MILLI, WALL + 4000))
        .hasValue(Timestamps.ofMillis(WALL + 3_600_000 - 3000 + 4000));
  }

  @Test
  void a_wall_clock_that_jumps_forward_is_not_believed_and_alarmed() {
    ClockGuard clock = new ClockGuard(10_000, 0, WALL);
    assertThat(clock.millis(1000 * MILLI, WALL + 1000 + 10_000)).isEqualTo(WALL + 11_000);
    assertThat(clock.alarmed()).isFalse();
    assertThat(clock.millis(1000 * MILLI, WALL + 11_000 + 10_001)).isEqualTo(WALL + 11_000);
    assertThat(clock.alarmed()).isTrue();
    assertThat(clock.millis(3000 * MILLI, WALL + 3_600_000)).isEqualTo(WALL + 13_000);
    assertThat(clock.alarmed()).isTrue();
    assertThat(clock.millis(4000 * MILLI, WALL + 14_000)).isEqualTo(WALL + 14_000);
    assertThat(clock.alarmed()).isFalse();
  }

  @Test
  void a_wall_clock_that_falls_back_changes_nothing() {
    ClockGuard clock = new ClockGuard(10_000, 0, WALL);
    assertThat(clock.millis(1000 * MILLI, WALL - 3_600_000)).isEqualTo(WALL + 1000);
    assertThat(clock.alarmed()).isFalse();
    assertThat(clock.millis(2000 * MILLI, 0)).isEqualTo(WALL + 2000);
  }

  @Test
  void counts_outside_the_limits_are_refused() {
    TimestampOracle oracle = extended(0);
    for (int count : new int[] {Integer.MIN_VALUE, -1, 0, (1 << 20) + 1, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> oracle.draw(count, 0, WALL))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(oracle.draw(1 << 20, 0, WALL)).isPresent();
  }

  @Test
  void the_end_of_time_is_an_empty_draw_and_no_overflow() {
    TimestampOracle oracle =
        new TimestampOracle(
            OPTIONS,
            new ClockGuard(10_000, 0, Timestamps.MAX_MILLIS),
            Long.MAX_VALUE - 5,
            0,
            Timestamps.MAX_MILLIS);
    oracle.boundApplied(oracle.boundFor(1, 0, Long.MAX_VALUE));
    assertThat(oracle.draw(5, 0, Long.MAX_VALUE)).hasValue(Long.MAX_VALUE - 5);
    assertThat(oracle.draw(1, 0, Long.MAX_VALUE)).isEmpty();
  }

  /**
   * Leaders come and go, on nodes with clocks of their own that jump; bounds apply late, or only in
   * the log and never at the leader that asked. Whatever is drawn is above all that was drawn
   * before.
   */
  @Test
  void over_any_leader_changes_and_clock_jumps_timestamps_only_rise() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      long nanos = 0;
      long[] offset = new long[3];
      ClockGuard[] clocks = new ClockGuard[3];
      for (int n = 0; n < 3; n++) {
        clocks[n] = new ClockGuard(10_000, nanos, WALL);
      }
      long applied = 0;
      long asked = 0;
      long newest = -1;
      int node = 0;
      TimestampOracle oracle = new TimestampOracle(OPTIONS, clocks[0], applied, nanos, WALL);
      for (int step = 0; step < 400; step++) {
        nanos += (long) random.nextInt(20) * MILLI;
        long wall = WALL + nanos / MILLI + offset[node];
        switch (random.nextInt(20)) {
          case 0 -> { // another leader; what the old one had asked for may have come into the log
            applied = random.nextBoolean() ? Math.max(applied, asked) : applied;
            asked = 0;
            node = random.nextInt(3);
            wall = WALL + nanos / MILLI + offset[node];
            oracle = new TimestampOracle(OPTIONS, clocks[node], applied, nanos, wall);
          }
          case 1 -> offset[node] = random.nextLong(-20_000, 20_000);
          case 2 -> nanos += (long) random.nextInt(5000) * MILLI;
          case 3, 4 -> asked = Math.max(asked, oracle.boundFor(1, nanos, wall));
          case 5, 6 -> {
            applied = Math.max(applied, asked);
            oracle.boundApplied(applied);
          }
          default -> {
            int count = 1 + random.nextInt(100_000);
            OptionalLong first = oracle.draw(count, nanos, wall);
            if (first.isPresent()) {
              assertThat(first.getAsLong()).as("seed %d step %d", seed, step).isGreaterThan(newest);
              newest = first.getAsLong() + count - 1;
              assertThat(newest).isLessThan(applied);
            }
          }
        }
      }
      assertThat(newest).as("seed %d drew nothing", seed).isPositive();
    }
  }

  @Test
  void parts_and_limits_of_a_timestamp() {
    long t = Timestamps.ofMillis(WALL) + 77;
    assertThat(Timestamps.millis(t)).isEqualTo(WALL);
    assertThat(Timestamps.counter(t)).isEqualTo(77);
    List<Long> wrong = new ArrayList<>(List.of(-1L, Timestamps.MAX_MILLIS + 1, Long.MAX_VALUE));
    wrong.forEach(m ->
        assertThatThrownBy(() -> Timestamps.ofMillis(m))
            .isInstanceOf(IllegalArgumentException.class));
    assertThat(Timestamps.ofMillis(Timestamps.MAX_MILLIS)).isPositive();
  }

  private static TimestampOracle oracle(long bound) {
    return new TimestampOracle(OPTIONS, new ClockGuard(10_000, 0, WALL), bound, 0, WALL);
  }

  private static TimestampOracle extended(long bound) {
    TimestampOracle oracle = oracle(bound);
    oracle.boundApplied(oracle.boundFor(1, 0, WALL));
    return oracle;
  }
}
