package org.ferrisdb.node.console;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.ferrisdb.node.cluster.NodeMap;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.console.Observation.GroupSeen;
import org.ferrisdb.node.console.Observation.NodeSeen;
import org.ferrisdb.node.console.Observation.RepairSeen;
import org.ferrisdb.node.console.Observation.ShardSeen;
import org.ferrisdb.node.observe.NodeView;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.jspecify.annotations.Nullable;

/** Looks at its node. Stateless; reads memory only. */
final class Observer {
  /** As long as the cluster's own duties believe in a node that is silent. */
  private static final long SILENT_MILLIS = 3_000;

  private Observer() {}

  /** What there is to see now, before the node is anything. */
  static Observation nothing(String self, long nowMillis) {
    return new Observation(
        nowMillis,
        self,
        0,
        Map.of(),
        Set.of(),
        Set.of(),
        new TreeMap<>(),
        new TreeMap<>(),
        new TreeMap<>(),
        false,
        0,
        0);
  }

  /**
   * What there is to see now.
   *
   * @param before what was seen last, to remember leaders while there is none
   */
  static Observation look(NodeView node, Observation before, long nowMillis) {
    ShardMap map = node.nodeMap().map(NodeMap::map).orElse(ShardMap.EMPTY);
    Function<NodeId, String> name = id -> map.node(id).map(NodeRecord::name).orElse(id.value());
    Map<String, NodeSeen> nodes = new HashMap<>();
    map.nodes()
        .forEach(n ->
            nodes.put(
                n.id().value(), new NodeSeen(n.name(), n.state() == NodeRecord.State.REPLACED)));
    TreeMap<String, ShardSeen> shards = new TreeMap<>();
    map.shards().forEach(d -> shards.put(d.id().toString(), shard(d, name)));
    TreeMap<String, RepairSeen> repairs = new TreeMap<>();
    map.repairs()
        .forEach(
            r -> repairs.put(r.group().toString(), new RepairSeen(r.id(), name.apply(r.node()))));
    TreeMap<String, GroupSeen> groups = new TreeMap<>();
    // Names are the map's: before there is one, leaders would be told by their ids.
    if (map.version() > 0) {
      node.host().ifPresent(host -> groups(host, before, nowMillis, name, groups));
    }
    Set<String> answering = answering(node);
    Set<String> everAnswered = new HashSet<>(before.everAnswered());
    everAnswered.addAll(answering);
    return new Observation(
        nowMillis,
        node.config().name(),
        map.version(),
        nodes,
        answering,
        everAnswered,
        groups,
        shards,
        repairs,
        node.disk().isLow(),
        node.disk().freeBytes(),
        node.disk().reserve());
  }

  private static Set<String> answering(NodeView node) {
    return node.peerSilence().entrySet().stream()
        .filter(e -> e.getValue() < SILENT_MILLIS)
        .map(e -> e.getKey().value())
        .collect(Collectors.toSet());
  }

  private static ShardSeen shard(ShardDescriptor d, Function<NodeId, String> name) {
    return new ShardSeen(
        d.epoch(), d.replicas().stream().map(name).sorted().collect(Collectors.joining(", ")));
  }

  private static void groups(
      ShardHost host,
      Observation before,
      long nowMillis,
      Function<NodeId, String> name,
      Map<String, GroupSeen> out) {
    for (ShardId id : host.hosted()) {
      RaftGroup group = host.group(id);
      if (group != null) {
        out.put(
            id.toString(),
            group(group.status(), before.groups().get(id.toString()), nowMillis, name));
      }
    }
  }

  static GroupSeen group(
      GroupStatus status,
      @Nullable GroupSeen before,
      long nowMillis,
      Function<NodeId, String> name) {
    NodeId id = status.leader();
    boolean failed = status.role() == GroupStatus.Role.FAILED;
    if (id != null) {
      String leader = name.apply(id);
      return new GroupSeen(leader, leader, status.term(), 0, failed);
    }
    boolean was = before != null && before.leaderlessSinceMillis() > 0;
    return new GroupSeen(
        "",
        before == null ? "" : before.lastLeader(),
        before == null ? 0 : before.term(),
        was && before != null ? before.leaderlessSinceMillis() : nowMillis,
        failed);
  }
}
