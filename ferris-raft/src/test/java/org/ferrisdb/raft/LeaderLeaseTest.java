package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaderLeaseTest {
  /**
   * L = 1000 ms, e = 0.1: the waiter counts 1100 ms; clocks may differ by 40, the holder counts
   * 820.
   */
  private static final Duration LENGTH = Duration.ofSeconds(1);

  private static final double ERROR = 0.1;

  /** An arbitrary origin: monotonic time may be negative. */
  private static final long ORIGIN = -5_000_000_000L;

  private static final long WALL = 1_700_000_000_000L;

  private static long at(long millis) {
    return ORIGIN + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** The last entry of an earlier term was received at 0; elected and started at 100. */
  private static LeaderLease lease() {
    return new LeaderLease(LENGTH, ERROR, new Leadership(7, at(0)), at(100), WALL + 100);
  }

  private static boolean holds(LeaderLease lease, long millis) {
    return lease.holds(at(millis), WALL + millis);
  }

  @Test
  void without_a_renewal_it_never_holds() {
    LeaderLease lease = lease();
    assertThat(holds(lease, 5000)).isFalse();
  }

  @Test
  void a_renewal_counts_from_before_the_proposal_not_from_its_commit() {
    LeaderLease lease = lease();
    lease.renew(at(2000)); // however late the commit is heard of
    assertThat(holds(lease, 2819)).isTrue();
    assertThat(holds(lease, 2820)).isFalse();
  }

  @Test
  void an_older_proposal_that_commits_later_takes_nothing_back() {
    LeaderLease lease = lease();
    lease.renew(at(2000));
    lease.renew(at(1500));
    assertThat(holds(lease, 2800)).isTrue();
  }

  @Test
  void it_waits_for_the_earlier_lease_to_end_even_when_renewed() {
    LeaderLease lease = lease();
    lease.renew(at(900));
    assertThat(lease.serveFromNanos()).isEqualTo(at(1100));
    assertThat(holds(lease, 1099)).isFalse();
    assertThat(holds(lease, 1100)).isTrue();
  }

  @Test
  void holder_and_waiter_never_overlap_with_clocks_that_run_at_different_speeds() {
    // The old leader proposes E at its 0; the new one receives E later, at real time 0 at the
    // earliest.
    LeaderLease old =
        new LeaderLease(LENGTH, ERROR, new Leadership(1, at(-5000)), at(-1), WALL - 1);
    old.renew(at(0));
    LeaderLease next = new LeaderLease(LENGTH, ERROR, new Leadership(2, at(0)), at(0), WALL);
    for (long real = 0; real < 3000; real++) {
      long slow = real * 95 / 100; // old leader's clocks run 5% slow, the new one's 5% fast
      long fast = real * 105 / 100;
      next.renew(at(fast));
      assertThat(holds(old, slow) && holds(next, fast)).as("both hold at %d", real).isFalse();
    }
  }

  @Test
  void a_suspended_machine_voids_what_was_renewed_before() {
    LeaderLease lease = lease();
    lease.renew(at(2000));
    assertThat(holds(lease, 2100)).isTrue();
    // 10 s pass of which the monotonic clock counted nothing
    assertThat(lease.holds(at(2110), WALL + 2110 + 10_000)).isFalse();
    assertThat(lease.holds(at(2120), WALL + 2120 + 10_000)).isFalse();
    assertThat(lease.wantsRenewal(at(2120))).isTrue();
    lease.renew(at(2130));
    assertThat(lease.holds(at(2140), WALL + 2140 + 10_000)).isTrue();
  }

  @Test
  void a_pause_between_reading_the_two_clocks_costs_one_answer_only() {
    LeaderLease lease = lease();
    lease.renew(at(2000));
    assertThat(lease.holds(at(2100), WALL + 2400)).isFalse();
    assertThat(holds(lease, 2410)).isTrue();
  }

  @Test
  void a_machine_suspended_before_the_clocks_were_first_compared_is_noticed_too() {
    LeaderLease lease = new LeaderLease(LENGTH, ERROR, new Leadership(7, at(-9000)));
    lease.renew(at(0));
    assertThat(holds(lease, 100)).isFalse(); // who knows what happened between
    lease.renew(at(150));
    assertThat(holds(lease, 200)).isTrue();
  }

  @Test
  void a_wall_clock_set_back_voids_it_and_slow_correction_does_not() {
    LeaderLease lease = lease();
    long millis = 2000;
    for (; millis < 100_000; millis += 100) {
      lease.renew(at(millis - 1));
      long corrected = millis - millis / 1000; // 1 ms slower each second
      assertThat(lease.holds(at(millis), WALL + corrected)).as("at %d", millis).isTrue();
    }
    assertThat(lease.holds(at(millis), WALL + millis - 1000)).isFalse();
    assertThat(lease.holds(at(millis), WALL + millis - 1000)).isFalse();
    assertThat(lease.holds(at(millis), WALL + millis - 1000)).isFalse();
  }

  @Test
  void it_wants_renewal_after_half_its_length() {
    LeaderLease lease = lease();
    assertThat(lease.wantsRenewal(at(100))).isTrue();
    lease.renew(at(2000));
    assertThat(lease.wantsRenewal(at(2499))).isFalse();
    assertThat(lease.wantsRenewal(at(2500))).isTrue();
  }

  @Test
  void dropped_is_dropped() {
    LeaderLease lease = lease();
    lease.renew(at(2000));
    lease.drop();
    lease.renew(at(2100));
    assertThat(holds(lease, 2200)).isFalse();
    assertThat(lease.wantsRenewal(at(9000))).isFalse();
  }

  @Test
  void nonsense_is_refused() {
    Leadership leadership = new Leadership(1, 0);
    assertThatThrownBy(() -> new LeaderLease(Duration.ZERO, ERROR, leadership))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LeaderLease(LENGTH, 0, leadership))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
