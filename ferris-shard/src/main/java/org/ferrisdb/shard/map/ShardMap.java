package org.ferrisdb.shard.map;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ferrisdb.raft.NodeId;

/**
 * The whole routing table at a version. Immutable, and checked when made: who holds one may rely on
 * what is said below.
 *
 * @param version rises with every change
 * @param shards sorted by range, covering the key space without gap or overlap, each id once; empty
 *     before the cluster is formed
 * @param nodes every node known, each id once
 * @param metaMembers descriptor of the meta group (id 0, range empty of meaning)
 * @param repairs replicas that are being rebuilt, at most one a group, by id
 */
public record ShardMap(
    long version,
    List<ShardDescriptor> shards,
    List<NodeRecord> nodes,
    ShardDescriptor metaMembers,
    List<ReplicaRepair> repairs) {
  /** What there is before the first command: no node, no shard. */
  public static final ShardMap EMPTY =
      new ShardMap(
          0, List.of(), List.of(), new ShardDescriptor(ShardId.META, KeyRange.ALL, List.of(), 0));

  /** A map in which nothing is being rebuilt. */
  public ShardMap(
      long version,
      List<ShardDescriptor> shards,
      List<NodeRecord> nodes,
      ShardDescriptor metaMembers) {
    this(version, shards, nodes, metaMembers, List.of());
  }

  /**
   * Checks the map.
   *
   * @throws IllegalArgumentException naming the gap, overlap or duplicate
   */
  public ShardMap {
    shards = List.copyOf(shards);
    nodes = List.copyOf(nodes);
    repairs = List.copyOf(repairs);
    if (!metaMembers.id().equals(ShardId.META)) {
      throw new IllegalArgumentException(metaMembers.id() + " can not describe the meta group");
    }
    checkCover(shards);
    checkIds(shards, nodes);
    if (repairs.stream().map(ReplicaRepair::group).distinct().count() < repairs.size()) {
      throw new IllegalArgumentException("two repairs in one group: " + repairs);
    }
  }

  /** The same map at a version, with these repairs. */
  public ShardMap with(long newVersion, List<ReplicaRepair> newRepairs) {
    return new ShardMap(newVersion, shards, nodes, metaMembers, newRepairs);
  }

  /** The repair of a replica of the group that is under way. */
  public Optional<ReplicaRepair> repair(ShardId group) {
    return repairs.stream().filter(r -> r.group().equals(group)).findFirst();
  }

  /** The shard that owns the key; empty only before the cluster is formed. */
  public Optional<ShardDescriptor> lookup(byte[] key) {
    if (shards.isEmpty()) {
      return Optional.empty();
    }
    // The last shard that starts at or below the key: the ranges cover everything.
    int low = 0;
    int high = shards.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Arrays.compareUnsigned(shards.get(middle).range().start(), key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return Optional.of(shards.get(low));
  }

  /** The descriptor of a shard, or of the meta group for {@link ShardId#META}. */
  public Optional<ShardDescriptor> shard(ShardId id) {
    if (id.equals(ShardId.META)) {
      return Optional.of(metaMembers);
    }
    return shards.stream().filter(s -> s.id().equals(id)).findFirst();
  }

  /** The node of that id. */
  public Optional<NodeRecord> node(NodeId id) {
    return nodes.stream().filter(n -> n.id().equals(id)).findFirst();
  }

  /** The member of that name; a name has one member at most, besides those it replaced. */
  public Optional<NodeRecord> member(String name) {
    return nodes.stream()
        .filter(n -> n.state() == NodeRecord.State.MEMBER && n.name().equals(name))
        .findFirst();
  }

  /** The member that took a replaced node's name; empty for nodes that are not replaced. */
  public Optional<NodeRecord> successor(NodeId id) {
    return node(id)
        .filter(n -> n.state() == NodeRecord.State.REPLACED)
        .flatMap(n -> member(n.name()));
  }

  private static void checkCover(List<ShardDescriptor> shards) {
    byte[] expected = new byte[0];
    for (int i = 0; i < shards.size(); i++) {
      KeyRange range = shards.get(i).range();
      int order = Arrays.compareUnsigned(range.start(), expected);
      if (order != 0) {
        throw new IllegalArgumentException(
            (order < 0 ? "overlap before " : "gap before ") + shards.get(i).id());
      }
      boolean last = i == shards.size() - 1;
      if (last != (range.end().length == 0)) {
        throw new IllegalArgumentException(
            last
                ? "gap behind " + shards.get(i).id()
                : "overlap: " + shards.get(i).id() + " has no end and is not the last");
      }
      if (!last && Arrays.compareUnsigned(range.start(), range.end()) >= 0) {
        throw new IllegalArgumentException(shards.get(i).id() + " owns no key");
      }
      expected = range.end();
    }
  }

  private static void checkIds(List<ShardDescriptor> shards, List<NodeRecord> nodes) {
    Set<ShardId> ids = new HashSet<>();
    for (ShardDescriptor shard : shards) {
      if (shard.id().value() < 1 || !ids.add(shard.id())) {
        throw new IllegalArgumentException("shard id " + shard.id() + " twice or not above 0");
      }
    }
    Set<NodeId> members = new HashSet<>();
    for (NodeRecord node : nodes) {
      if (!members.add(node.id())) {
        throw new IllegalArgumentException("node id " + node.id() + " twice");
      }
    }
  }
}
