package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RatisGroupTest {
  @Test
  void a_follower_needs_a_checkpoint_when_the_log_begins_behind_what_it_has() {
    assertThat(RatisGroup.needsCheckpoint(98, 100, 200)).isTrue();
    assertThat(RatisGroup.needsCheckpoint(99, 100, 200))
        .as("the entry before its next is gone")
        .isTrue();
    assertThat(RatisGroup.needsCheckpoint(100, 100, 200)).isFalse();
    assertThat(RatisGroup.needsCheckpoint(-1, 100, 200)).as("nothing heard of it yet").isTrue();
  }

  @Test
  void none_does_that_has_all_there_is_or_can_have_it_from_the_log() {
    assertThat(RatisGroup.needsCheckpoint(99, 100, 99)).isFalse();
    assertThat(RatisGroup.needsCheckpoint(-1, 0, 200)).as("the log is whole").isFalse();
    assertThat(RatisGroup.needsCheckpoint(200, -1, 200)).as("the log is empty").isFalse();
  }
}
