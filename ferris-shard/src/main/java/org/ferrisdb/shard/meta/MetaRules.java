package org.ferrisdb.shard.meta;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;

/**
 * What a command does to the state: a pure function of both, the same on every replica.
 *
 * <p>Every command may come twice, late, or after others that were sent later. So "it holds
 * already" is always an acceptance, and compare-and-set guards what an old message could undo.
 */
public final class MetaRules {
  /** Most nodes the registry holds, replaced ones included: they are remembered for good. */
  public static final int MAX_NODES = 1000;

  /** Most settings, and the most bytes in a name or value. */
  public static final int MAX_SETTINGS = 256;

  private static final int MAX_TEXT = 1024;

  /** The state after a command, and what it came to. */
  public record Decision(MetaState next, MetaResult result) {}

  private MetaRules() {}

  /** Decides a command. */
  public static Decision decide(MetaState state, MetaCommand command) {
    Decision decision =
        switch (command) {
          case MetaCommand.Form c -> form(state, c);
          case MetaCommand.RegisterNode c -> register(state, c.node());
          case MetaCommand.ReplicasChanged c -> replicasChanged(state, c);
          case MetaCommand.ExtendOracle c -> extendOracle(state, c.bound());
          case MetaCommand.ChangeSetting c -> changeSetting(state, c);
          case MetaCommand.BeginRepair c -> RepairRules.begin(state, c);
          case MetaCommand.RepairStepDone c -> RepairRules.stepDone(state, c);
        };
    return decision.next().map().version() == state.map().version()
        ? decision
        : new Decision(withReplacements(RepairRules.prune(decision.next())), decision.result());
  }

  private static Decision form(MetaState state, MetaCommand.Form form) {
    String fingerprint = MetaCommandCodec.fingerprint(form);
    if (state.formed()) {
      return state.formedBy().equals(fingerprint)
          ? holds(state)
          : refused(state, Reason.INVALID, "this cluster has been formed already, differently");
    }
    Set<String> names = new HashSet<>();
    Set<NodeId> ids = new HashSet<>();
    for (NodeRecord node : form.nodes()) {
      ids.add(node.id());
      if (node.state() != NodeRecord.State.MEMBER || node.name().isEmpty()) {
        return refused(state, Reason.INVALID, "node " + node.id() + " is no member with a name");
      }
      if (!names.add(node.name())) {
        return refused(state, Reason.INVALID, "two nodes are named " + node.name());
      }
    }
    if (form.nodes().size() > MAX_NODES || form.shards().isEmpty()) {
      return refused(
          state, Reason.INVALID, "a cluster has 1 to " + MAX_NODES + " nodes and a shard or more");
    }
    ShardDescriptor meta =
        new ShardDescriptor(
            ShardId.META, ShardMap.EMPTY.metaMembers().range(), form.metaReplicas(), 1);
    List<ShardDescriptor> groups = new ArrayList<>(form.shards());
    groups.add(meta);
    for (ShardDescriptor group : groups) {
      if (group.epoch() != 1 || !isReplicaSet(group.replicas(), ids)) {
        return refused(
            state,
            Reason.INVALID,
            group.id() + " does not begin at epoch 1 with distinct replicas on these nodes");
      }
    }
    try {
      ShardMap map = new ShardMap(1, form.shards(), form.nodes(), meta);
      return changed(state.withMap(map).withFormedBy(fingerprint));
    } catch (IllegalArgumentException e) {
      return refused(state, Reason.INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static Decision register(MetaState state, NodeRecord node) {
    if (!state.formed()) {
      return refused(state, Reason.UNAVAILABLE, "this cluster has not been formed yet");
    }
    if (node.state() != NodeRecord.State.MEMBER || node.name().isEmpty()) {
      return refused(state, Reason.INVALID, "only a member with a name can register");
    }
    Optional<NodeRecord> known = state.map().node(node.id());
    return known.isPresent() ? registerAgain(state, known.get(), node) : registerNew(state, node);
  }

  private static Decision registerAgain(MetaState state, NodeRecord known, NodeRecord node) {
    if (known.state() == NodeRecord.State.REPLACED) {
      return refused(
          state,
          Reason.INVALID,
          "node %s was replaced by a node that came as %s with an empty disk; its data are of no use"
              .formatted(node.id(), known.name()));
    }
    if (!known.name().equals(node.name())) {
      return refused(state, Reason.INVALID, "node " + node.id() + " is known as " + known.name());
    }
    if (known.equals(node)) {
      return holds(state);
    }
    List<NodeRecord> nodes = new ArrayList<>(state.map().nodes());
    nodes.replaceAll(n -> n.id().equals(node.id()) ? node : n);
    return changed(withNodes(state, nodes));
  }

  private static Decision registerNew(MetaState state, NodeRecord node) {
    if (state.map().nodes().size() >= MAX_NODES) {
      return refused(
          state, Reason.LIMIT_EXCEEDED, "the registry holds " + MAX_NODES + " nodes already");
    }
    List<NodeRecord> nodes = new ArrayList<>();
    for (NodeRecord n : state.map().nodes()) {
      nodes.add(n.name().equals(node.name()) ? n.withState(NodeRecord.State.REPLACED) : n);
    }
    nodes.add(node);
    return changed(withNodes(state, nodes));
  }

  private static MetaState withNodes(MetaState state, List<NodeRecord> nodes) {
    ShardMap map = state.map();
    return state.withMap(
        new ShardMap(map.version() + 1, map.shards(), nodes, map.metaMembers(), map.repairs()));
  }

  private static Decision replicasChanged(MetaState state, MetaCommand.ReplicasChanged command) {
    ShardMap map = state.map();
    Optional<ShardDescriptor> found = map.shard(command.shard());
    if (!state.formed() || found.isEmpty()) {
      return refused(state, Reason.INVALID, "there is no shard " + command.shard());
    }
    ShardDescriptor current = found.get();
    if (current.replicas().equals(command.replicas())) {
      return holds(state);
    }
    if (current.epoch() != command.expectedEpoch()) {
      return refused(
          state,
          Reason.WRONG_EPOCH,
          "%s is at epoch %d, not %d"
              .formatted(current.id(), current.epoch(), command.expectedEpoch()));
    }
    Set<NodeId> known = new HashSet<>(map.nodes().stream().map(NodeRecord::id).toList());
    if (!isReplicaSet(command.replicas(), known)) {
      return refused(
          state,
          Reason.INVALID,
          "the replicas of " + current.id() + " are not distinct known nodes");
    }
    for (NodeId replica : command.replicas()) {
      if (!current.replicas().contains(replica) && isOlderThanCurrent(map, current, replica)) {
        return refused(
            state,
            Reason.INVALID,
            "%s has a successor of %s already".formatted(current.id(), replica));
      }
    }
    ShardDescriptor next =
        new ShardDescriptor(current.id(), current.range(), command.replicas(), current.epoch() + 1);
    boolean isMeta = current.id().equals(ShardId.META);
    List<ShardDescriptor> shards = new ArrayList<>(map.shards());
    shards.replaceAll(s -> s.id().equals(next.id()) ? next : s);
    return changed(
        state.withMap(
            new ShardMap(
                map.version() + 1,
                shards,
                map.nodes(),
                isMeta ? next : map.metaMembers(),
                map.repairs())));
  }

  /**
   * Whether the descriptor names a later holder of the replica's name: then this is the report of a
   * leader that was deposed before the change and does not know. Nodes stand in order of
   * registration.
   */
  private static boolean isOlderThanCurrent(ShardMap map, ShardDescriptor current, NodeId replica) {
    boolean passed = false;
    String name = map.node(replica).map(NodeRecord::name).orElse("");
    for (NodeRecord node : map.nodes()) {
      if (passed && node.name().equals(name) && current.replicas().contains(node.id())) {
        return true;
      }
      passed |= node.id().equals(replica);
    }
    return false;
  }

  private static Decision extendOracle(MetaState state, long bound) {
    return bound <= state.oracleBound() ? holds(state) : changed(state.withOracleBound(bound));
  }

  private static Decision changeSetting(MetaState state, MetaCommand.ChangeSetting command) {
    if (command.name().isEmpty()
        || command.name().length() > MAX_TEXT
        || command.value().length() > MAX_TEXT) {
      return refused(
          state, Reason.LIMIT_EXCEEDED, "a setting's name and value have at most " + MAX_TEXT);
    }
    SortedMap<String, String> settings = new TreeMap<>(state.settings());
    if (command.value().isEmpty()) {
      settings.remove(command.name());
    } else {
      settings.put(command.name(), command.value());
    }
    if (settings.size() > MAX_SETTINGS) {
      return refused(
          state, Reason.LIMIT_EXCEEDED, "there are " + MAX_SETTINGS + " settings already");
    }
    return settings.equals(state.settings()) ? holds(state) : changed(state.withSettings(settings));
  }

  /**
   * The replacements that the map asks for: one for each replica on a replaced node whose name has
   * a member. Those that stand already keep their id (and are pointed to a newer successor).
   */
  private static MetaState withReplacements(MetaState state) {
    ShardMap map = state.map();
    List<ShardDescriptor> groups = new ArrayList<>(map.shards());
    groups.addFirst(map.metaMembers());
    List<ReplicaReplacement> operations = new ArrayList<>();
    long next = state.nextOperation();
    for (ShardDescriptor group : groups) {
      for (NodeId leaving : group.replicas()) {
        Optional<NodeRecord> joining = map.successor(leaving);
        if (joining.isEmpty()) {
          continue;
        }
        Optional<ReplicaReplacement> standing =
            state.operations().stream()
                .filter(o -> o.group().equals(group.id()) && o.leaving().equals(leaving))
                .findFirst();
        long id = standing.isPresent() ? standing.get().id() : next++;
        operations.add(new ReplicaReplacement(id, group.id(), leaving, joining.get().id()));
      }
    }
    operations.sort((a, b) -> Long.compare(a.id(), b.id()));
    return state.withOperations(operations, next);
  }

  private static boolean isReplicaSet(List<NodeId> replicas, Set<NodeId> known) {
    return !replicas.isEmpty()
        && known.containsAll(replicas)
        && new HashSet<>(replicas).size() == replicas.size();
  }

  static Decision holds(MetaState state) {
    return new Decision(state, new MetaResult.Accepted(false));
  }

  static Decision changed(MetaState state) {
    return new Decision(state, new MetaResult.Accepted(true));
  }

  static Decision refused(MetaState state, Reason reason, String message) {
    return new Decision(state, new MetaResult.Refused(reason, message));
  }
}
