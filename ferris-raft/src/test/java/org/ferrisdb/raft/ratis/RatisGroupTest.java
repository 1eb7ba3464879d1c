package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RatisGroupTest {
  @Test
  void a_follower_needs_a_checkpoint_when_the_log_begins_behind_what_it_is_sent_next() {
    assertThat(RatisGroup.needsCheckpoint(99, 100)).isTrue();
    assertThat(RatisGroup.needsCheckpoint(0, 100)).as("a new one").isTrue();
    assertThat(RatisGroup.needsCheckpoint(100, 100)).as("its checkpoint ends there").isFalse();
  }

  @Test
  void none_does_that_can_have_all_from_the_log() {
    assertThat(RatisGroup.needsCheckpoint(0, 0)).as("the log is whole").isFalse();
    assertThat(RatisGroup.needsCheckpoint(201, -1)).as("the log is empty").isFalse();
  }
}
