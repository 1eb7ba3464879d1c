package org.ferrisdb.shard.meta;

import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.Timestamps;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardMap;

/**
 * Everything the meta group replicates. Immutable: a command makes a new one, so that readers on
 * other threads always see a whole state.
 *
 * @param map the shard map with the node registry, whose nodes stand in the order they registered
 * @param formedBy fingerprint of the command that formed the cluster; empty before
 * @param settings cluster settings
 * @param oracleBound all timestamps handed out so far lie below
 * @param operations replacements under way, by id
 * @param nextOperation id of the next one
 */
public record MetaState(
    ShardMap map,
    String formedBy,
    SortedMap<String, String> settings,
    long oracleBound,
    List<ReplicaReplacement> operations,
    long nextOperation) {
  /** Before the first command. */
  public static final MetaState EMPTY =
      new MetaState(ShardMap.EMPTY, "", new TreeMap<>(), 0, List.of(), 1);

  public MetaState {
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    operations = List.copyOf(operations);
  }

  /** Whether the cluster has been formed. */
  public boolean formed() {
    return !formedBy.isEmpty();
  }

  MetaState withMap(ShardMap newMap) {
    return new MetaState(newMap, formedBy, settings, oracleBound, operations, nextOperation);
  }

  MetaState withFormedBy(String fingerprint) {
    return new MetaState(map, fingerprint, settings, oracleBound, operations, nextOperation);
  }

  MetaState withSettings(SortedMap<String, String> newSettings) {
    return new MetaState(map, formedBy, newSettings, oracleBound, operations, nextOperation);
  }

  MetaState withOracleBound(long bound) {
    return new MetaState(map, formedBy, settings, bound, operations, nextOperation);
  }

  MetaState withOperations(List<ReplicaReplacement> newOperations, long next) {
    return new MetaState(map, formedBy, settings, oracleBound, newOperations, next);
  }

  /** The state as lines of text, for people and golden tests. */
  public String describe() {
    StringBuilder out = new StringBuilder();
    out.append("version ").append(map.version());
    out.append(formed() ? ", formed" : ", not formed");
    out.append(", oracle below ").append(Timestamps.toString(oracleBound)).append('\n');
    Map<NodeId, String> names =
        map.nodes().stream().collect(Collectors.toMap(NodeRecord::id, MetaState::label));
    for (NodeRecord n : map.nodes()) {
      out.append("node ").append(n.name()).append(' ').append(n.id()).append(' ');
      out.append(n.state()).append(' ').append(n.clientAddress()).append(' ');
      out.append(n.raftAddress()).append(' ').append(n.httpAddress());
      n.networks()
          .forEach((net, address) -> out.append(' ').append(net).append('=').append(address));
      out.append('\n');
    }
    if (formed()) {
      describe(out, map.metaMembers(), names);
      map.shards().forEach(s -> describe(out, s, names));
    }
    operations.forEach(o -> out.append("operation ").append(o).append('\n'));
    map.repairs()
        .forEach(
            r -> out.append("repair ").append(r).append(" term ").append(r.term()).append('\n'));
    settings.forEach((k, v) -> out.append("setting ").append(k).append('=').append(v).append('\n'));
    return out.toString();
  }

  private static String label(NodeRecord node) {
    return node.state() == NodeRecord.State.MEMBER
        ? node.name()
        : node.name() + "(replaced " + node.id() + ")";
  }

  private static void describe(
      StringBuilder out, ShardDescriptor shard, Map<NodeId, String> names) {
    out.append(shard.id()).append(" epoch ").append(shard.epoch());
    KeyRange range = shard.range();
    out.append(" [").append(hex(range.start())).append(", ");
    out.append(hex(range.end())).append(") on");
    shard.replicas().forEach(r -> out.append(' ').append(names.getOrDefault(r, r.value())));
    out.append('\n');
  }

  private static String hex(byte[] key) {
    return key.length == 0 ? "-" : HexFormat.of().formatHex(key);
  }
}
