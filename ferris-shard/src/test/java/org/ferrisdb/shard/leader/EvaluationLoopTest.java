package org.ferrisdb.shard.leader;

import static org.assertj.core.api.Assertions.assertThat;

import org.ferrisdb.shard.ShardLimits;
import org.junit.jupiter.api.Test;

/** When waiting writes become an entry. What the loop then does is in the shard's own tests. */
class EvaluationLoopTest {
  private static final ShardLimits LIMITS = ShardLimits.defaults();
  private static final int MANY = LIMITS.extraEntryWrites();
  private static final int FULL = LIMITS.maxEntriesInFlight();

  @Test
  void a_write_that_is_alone_does_not_wait() {
    assertThat(EvaluationLoop.mayPropose(0, 1, LIMITS)).isTrue();
  }

  @Test
  void few_writes_gather_behind_an_entry_and_many_go_beside_it() {
    assertThat(EvaluationLoop.mayPropose(1, 1, LIMITS)).isFalse();
    assertThat(EvaluationLoop.mayPropose(1, MANY - 1, LIMITS)).isFalse();
    assertThat(EvaluationLoop.mayPropose(1, MANY, LIMITS)).isTrue();
    assertThat(EvaluationLoop.mayPropose(FULL - 1, MANY, LIMITS)).isTrue();
  }

  @Test
  void the_limit_of_entries_in_flight_holds_for_any_number() {
    assertThat(EvaluationLoop.mayPropose(FULL, 100 * MANY, LIMITS)).isFalse();
  }
}
