package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Looks every 100 ms, as the watch does, at times of its own. */
class ElectionTimerTest {
  private static final long SEED = 20261128;
  private static final long LOOK = 100;

  private final Random random = new Random(SEED);

  private ElectionTimer timer() {
    return new ElectionTimer(Duration.ofMillis(600), Duration.ofMillis(1000), random);
  }

  private static long nanos(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  /** The times in ms at which a follower stands that heard its leader at 0, up to the end. */
  private static List<Long> standing(ElectionTimer timer, int rank, int ranks, long endMillis) {
    List<Long> times = new ArrayList<>();
    for (long now = 0; now <= endMillis; now += LOOK) {
      if (timer.isSilent(0, nanos(now)) && timer.stands(0, nanos(now), rank, ranks)) {
        times.add(now);
      } else {
        timer.allIsWell(nanos(now));
      }
    }
    return times;
  }

  @Test
  void a_silent_leader_is_stood_for_between_the_timeouts_and_not_after_twice_of_them() {
    for (int i = 0; i < 200; i++) {
      assertThat(standing(timer(), i % 2, 2, 5_000).getFirst())
          .as("seed %d, round %d", SEED, i)
          .isBetween(600L, 1000L + LOOK);
    }
  }

  @Test
  void two_followers_have_each_their_own_part_of_the_time() {
    for (int i = 0; i < 200; i++) {
      assertThat(standing(timer(), 0, 2, 5_000).getFirst()).isBetween(600L, 800L + LOOK);
      assertThat(standing(timer(), 1, 2, 5_000).getFirst()).isBetween(800L, 1000L + LOOK);
    }
  }

  @Test
  void a_candidacy_that_came_to_nothing_is_repeated_soon_and_not_at_every_look() {
    for (int i = 0; i < 200; i++) {
      List<Long> times = standing(timer(), 0, 1, 10_000);
      for (int t = 1; t < times.size(); t++) {
        assertThat(times.get(t) - times.get(t - 1)).isBetween(300L, 600L + LOOK);
      }
      assertThat(times).hasSizeGreaterThan(10);
    }
  }

  @Test
  void who_hears_again_and_again_never_stands() {
    ElectionTimer timer = timer();
    for (long now = 0; now < 60_000; now += LOOK) {
      long heard = now - now % 500;
      assertThat(timer.isSilent(nanos(heard), nanos(now))).isFalse();
      timer.allIsWell(nanos(now));
    }
  }

  @Test
  void being_heard_once_more_puts_it_off() {
    ElectionTimer timer = timer();
    for (long now = 0; now <= 700; now += LOOK) {
      timer.allIsWell(nanos(now));
    }
    assertThat(timer.isSilent(nanos(550), nanos(1100))).isFalse();
    timer.allIsWell(nanos(900));
    assertThat(timer.stands(nanos(550), nanos(1149), 0, 1)).isFalse();
  }

  @Test
  void who_stood_still_itself_reads_first_what_was_said_meanwhile() {
    ElectionTimer timer = timer();
    timer.allIsWell(nanos(100));
    assertThat(timer.stands(nanos(50), nanos(60_000), 0, 2)).isFalse();
    timer.allIsWell(nanos(60_100));
    timer.allIsWell(nanos(60_200));
    assertThat(timer.stands(nanos(50), nanos(60_299), 0, 2)).isFalse();
    assertThat(timer.stands(nanos(50), nanos(60_301), 0, 2)).isTrue();
  }

  @Test
  void the_only_follower_left_and_a_degenerate_range_are_no_trouble() {
    ElectionTimer narrow =
        new ElectionTimer(Duration.ofMillis(300), Duration.ofMillis(300), random);
    assertThat(standing(narrow, 0, 1, 2_000).getFirst()).isEqualTo(300L);
  }
}
