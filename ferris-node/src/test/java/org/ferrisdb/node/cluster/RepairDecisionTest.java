package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ferrisdb.node.cluster.RepairDecision.Action;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.PreSplit;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ReplicaRepair.Step;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaCommand;
import org.junit.jupiter.api.Test;

final class RepairDecisionTest {
  private static final ShardId S1 = new ShardId(1);
  private static final NodeId SELF = new NodeId("%016x".formatted(1));
  private static final NodeId OTHER = new NodeId("%016x".formatted(2));

  private static NodeRecord node(NodeId id, NodeRecord.State state) {
    return new NodeRecord(id, "n" + id.value(), "h:1", "h:2", "h:3", state);
  }

  private static ShardMap map(NodeRecord.State state, List<NodeId> replicas, ReplicaRepair... r) {
    return new ShardMap(
        8,
        PreSplit.place(PreSplit.evenly(1), replicas, replicas.size()),
        List.of(node(SELF, state), node(OTHER, NodeRecord.State.MEMBER)),
        ShardMap.EMPTY.metaMembers(),
        List.of(r));
  }

  private static ShardMap map(ReplicaRepair... r) {
    return map(NodeRecord.State.MEMBER, List.of(SELF, OTHER), r);
  }

  private static ReplicaRepair repair(NodeId node, Step step) {
    return new ReplicaRepair(5, S1, node, step, step == Step.REMOVE ? 0 : 3);
  }

  private static Action next(ShardMap map, Damage damage, long rejoined) {
    return RepairDecision.next(S1, SELF, map, damage, rejoined);
  }

  @Test
  void nothing_is_done_to_a_healthy_replica() {
    assertThat(next(map(), Damage.NONE, 0)).isEqualTo(new Action.Nothing());
    assertThat(next(ShardMap.EMPTY, Damage.NONE, 0)).isEqualTo(new Action.Nothing());
    assertThat(next(map(repair(OTHER, Step.REJOIN)), Damage.NONE, 0))
        .as("another node's repair")
        .isEqualTo(new Action.Nothing());
  }

  @Test
  void a_corrupt_state_is_fetched_and_the_vote_kept() {
    assertThat(next(map(), Damage.STATE, 0)).isEqualTo(new Action.Rebuild());
    assertThat(next(map(repair(SELF, Step.ADD)), Damage.STATE, 5)).isEqualTo(new Action.Rebuild());
  }

  @Test
  void a_lost_log_is_reported_and_removal_waited_for() {
    assertThat(next(map(), Damage.LOG, 0))
        .isEqualTo(new Action.Tell(new MetaCommand.BeginRepair(S1, SELF, 8)));
    for (Damage damage : Damage.values()) {
      assertThat(next(map(repair(SELF, Step.REMOVE)), damage, 0)).isEqualTo(new Action.Nothing());
    }
  }

  @Test
  void a_replica_begins_anew_once_for_a_repair_and_says_so_until_it_is_heard() {
    ReplicaRepair rejoin = repair(SELF, Step.REJOIN);
    Action tell = new Action.Tell(new MetaCommand.RepairStepDone(5, Step.REJOIN, 0));
    assertThat(next(map(rejoin), Damage.LOG, 0)).isEqualTo(new Action.Rejoin(rejoin));
    assertThat(next(map(rejoin), Damage.LOG, 4)).isEqualTo(new Action.Rejoin(rejoin));
    assertThat(next(map(rejoin), Damage.NONE, 0))
        .as("healthy after all, but removed")
        .isEqualTo(new Action.Rejoin(rejoin));
    assertThat(next(map(rejoin), Damage.NONE, 5)).isEqualTo(tell);
    assertThat(next(map(rejoin), Damage.LOG, 5)).as("lost again already").isEqualTo(tell);
    assertThat(next(map(repair(SELF, Step.ADD)), Damage.NONE, 5)).isEqualTo(new Action.Nothing());
    assertThat(next(map(repair(SELF, Step.ADD)), Damage.LOG, 5))
        .as("it may vote by now: only another repair may delete it")
        .isEqualTo(new Action.Tell(new MetaCommand.BeginRepair(S1, SELF, 8)));
  }

  @Test
  void where_the_map_wants_no_replica_a_lost_one_is_not_reported() {
    assertThat(next(map(NodeRecord.State.MEMBER, List.of(OTHER)), Damage.LOG, 0))
        .isEqualTo(new Action.Nothing());
    assertThat(next(map(NodeRecord.State.REPLACED, List.of(SELF, OTHER)), Damage.LOG, 0))
        .isEqualTo(new Action.Nothing());
    assertThat(next(ShardMap.EMPTY, Damage.LOG, 0)).isEqualTo(new Action.Nothing());
  }
}
