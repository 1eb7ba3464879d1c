package org.ferrisdb.shard.meta;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ReplicaRepair.Step;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardMap;

/** The part of {@link MetaRules} that keeps the record of repairs. */
final class RepairRules {
  private RepairRules() {}

  static MetaRules.Decision begin(MetaState state, MetaCommand.BeginRepair command) {
    ShardMap map = state.map();
    Optional<ShardDescriptor> group = map.shard(command.shard());
    if (!state.formed()
        || group.isEmpty()
        || !group.get().replicas().contains(command.node())
        || !isMember(map, command)) {
      return MetaRules.refused(
          state, Reason.INVALID, "no replica of " + command.shard() + " belongs on this node");
    }
    if (group.get().replicas().size() == 1) {
      return MetaRules.refused(
          state,
          Reason.INVALID,
          command.shard() + " has no other replica to be rebuilt from; restore a backup");
    }
    Optional<ReplicaRepair> standing = map.repair(command.shard());
    if (standing.isPresent() && !standing.get().node().equals(command.node())) {
      return MetaRules.refused(
          state, Reason.UNAVAILABLE, "one at a time, and first " + standing.get());
    }
    if (standing.isPresent() && standing.get().step() != Step.ADD) {
      return MetaRules.holds(state);
    }
    if (command.expectedVersion() != map.version()) {
      return MetaRules.refused(
          state,
          Reason.WRONG_EPOCH,
          "the map is at version " + map.version() + ", not " + command.expectedVersion());
    }
    List<ReplicaRepair> repairs = new ArrayList<>(map.repairs());
    standing.ifPresent(repairs::remove);
    repairs.add(
        new ReplicaRepair(state.nextOperation(), command.shard(), command.node(), Step.REMOVE, 0));
    return MetaRules.changed(
        withRepairs(state, repairs).withOperations(state.operations(), state.nextOperation() + 1));
  }

  private static boolean isMember(ShardMap map, MetaCommand.BeginRepair command) {
    return map.node(command.node()).map(n -> n.state() == NodeRecord.State.MEMBER).orElse(false);
  }

  static MetaRules.Decision stepDone(MetaState state, MetaCommand.RepairStepDone command) {
    Optional<ReplicaRepair> found =
        state.map().repairs().stream().filter(r -> r.id() == command.repair()).findFirst();
    if (found.isEmpty() || found.get().step().compareTo(command.step()) > 0) {
      return MetaRules.holds(state);
    }
    ReplicaRepair repair = found.get();
    if (repair.step() != command.step() || (command.step() == Step.REMOVE && command.term() < 1)) {
      return MetaRules.refused(
          state, Reason.INVALID, command.step() + " can not be done yet in " + repair);
    }
    List<ReplicaRepair> repairs = new ArrayList<>(state.map().repairs());
    repairs.remove(repair);
    switch (repair.step()) {
      case REMOVE -> repairs.add(next(repair, Step.REJOIN, command.term()));
      case REJOIN -> repairs.add(next(repair, Step.ADD, repair.term()));
      case ADD -> {}
    }
    return MetaRules.changed(withRepairs(state, repairs));
  }

  private static ReplicaRepair next(ReplicaRepair repair, Step step, long term) {
    return new ReplicaRepair(repair.id(), repair.group(), repair.node(), step, term);
  }

  /** Drops what is about a replica that belongs there no more, in a state that has changed. */
  static MetaState prune(MetaState state) {
    ShardMap map = state.map();
    List<ReplicaRepair> kept =
        map.repairs().stream()
            .filter(r ->
                map.shard(r.group()).map(d -> d.replicas().contains(r.node())).orElse(false)
                    && map.successor(r.node()).isEmpty())
            .toList();
    return kept.equals(map.repairs()) ? state : state.withMap(map.with(map.version(), kept));
  }

  private static MetaState withRepairs(MetaState state, List<ReplicaRepair> repairs) {
    List<ReplicaRepair> sorted =
        repairs.stream().sorted(Comparator.comparingLong(ReplicaRepair::id)).toList();
    return state.withMap(state.map().with(state.map().version() + 1, sorted));
  }
}
