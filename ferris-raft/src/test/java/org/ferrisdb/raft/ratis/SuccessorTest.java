package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.GroupStatus.FollowerProgress;
import org.ferrisdb.raft.GroupStatus.Role;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftOptions;
import org.junit.jupiter.api.Test;

class SuccessorTest {
  private static final NodeId TARGET = new NodeId("0000000000000002");
  private static final NodeId OTHER = new NodeId("0000000000000003");

  private static String objection(Role role, FollowerProgress... followers) {
    GroupStatus status =
        new GroupStatus(role, 3, null, List.of(), 5_000, 5_000, 0, List.of(followers));
    return Successor.objection(status, TARGET, RaftOptions.defaults());
  }

  @Test
  void a_follower_that_answers_and_is_nearly_caught_up_may_lead() {
    assertThat(objection(Role.LEADER, new FollowerProgress(TARGET, 4_000, 599, false))).isEmpty();
  }

  @Test
  void silent_lagging_and_unknown_ones_may_not() {
    assertThat(objection(Role.LEADER, new FollowerProgress(TARGET, 5_000, 600, false)))
        .contains("has not answered for 600 ms");
    assertThat(objection(Role.LEADER, new FollowerProgress(TARGET, 3_999, 0, false)))
        .contains("1001 entries behind");
    assertThat(objection(Role.LEADER, new FollowerProgress(OTHER, 5_000, 0, false)))
        .contains("is no follower here");
  }

  @Test
  void where_this_replica_does_not_lead_it_has_no_objection() {
    assertThat(objection(Role.FOLLOWER)).isEmpty();
  }
}
