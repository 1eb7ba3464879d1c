package org.ferrisdb.node.cluster;

import java.util.Optional;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaCommand;

/**
 * What a node does next for a damaged replica of its own, as a pure function of what it knows; what
 * the group's leader does is {@link org.ferrisdb.shard.placement.ReplacementPlanner}'s. Asked again
 * after every step and every crash.
 *
 * <p>A corrupt state with a whole log is replaced by a checkpoint from another replica: the replica
 * keeps its vote and stays a member. A lost log or vote takes a {@link ReplicaRepair}.
 */
final class RepairDecision {
  private RepairDecision() {}

  /** What to do. */
  sealed interface Action {
    /** Nothing, or to wait for others. */
    record Nothing() implements Action {}

    /** Fetch a checkpoint of another replica, and open with it. */
    record Rebuild() implements Action {}

    /** Tell meta that the replica is lost, or how far its repair has got. */
    record Tell(MetaCommand command) implements Action {}

    /** Delete what is left of the replica, and open an empty one that waits to be added. */
    record Rejoin(ReplicaRepair repair) implements Action {}
  }

  /**
   * The next step.
   *
   * @param shard whose replica
   * @param self this node
   * @param map the newest map it knows
   * @param damage what is wrong
   * @param rejoined the repair for which the replica has begun anew last, see {@link ReplicaMarks}
   */
  static Action next(ShardId shard, NodeId self, ShardMap map, Damage damage, long rejoined) {
    Optional<ReplicaRepair> repair = map.repair(shard).filter(r -> r.node().equals(self));
    if (repair.isPresent()) {
      ReplicaRepair r = repair.get();
      switch (r.step()) {
        case REMOVE -> {
          return new Action.Nothing(); // the leader's
        }
        case REJOIN -> {
          return rejoined < r.id()
              ? new Action.Rejoin(r)
              : new Action.Tell(
                  new MetaCommand.RepairStepDone(r.id(), ReplicaRepair.Step.REJOIN, 0));
        }
        case ADD -> {} // the leader's, unless the new replica is damaged again
      }
    }
    return switch (damage) {
      case NONE -> new Action.Nothing();
      case STATE -> new Action.Rebuild();
      case LOG ->
          belongsHere(shard, self, map)
              ? new Action.Tell(new MetaCommand.BeginRepair(shard, self, map.version()))
              : new Action.Nothing();
    };
  }

  /** Whether the map wants a replica here. */
  static boolean belongsHere(ShardId shard, NodeId self, ShardMap map) {
    Optional<ShardDescriptor> descriptor = map.shard(shard);
    return descriptor.isPresent()
        && descriptor.get().epoch() > 0
        && descriptor.get().replicas().contains(self)
        && map.node(self).map(n -> n.state() == NodeRecord.State.MEMBER).orElse(false);
  }
}
