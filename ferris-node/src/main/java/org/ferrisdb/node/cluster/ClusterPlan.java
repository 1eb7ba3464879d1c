package org.ferrisdb.node.cluster;

import java.util.List;
import java.util.UUID;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.PreSplit;
import org.ferrisdb.shard.map.ShardDescriptor;

/**
 * What a cluster is made of on its first day. Drawn up once, by the first seed, and then the same
 * on every initial member for good.
 *
 * @param cluster the cluster's id
 * @param members the initial members, in the order of the seeds
 * @param shards how many shards
 * @param splitKeys where they begin, empty: evenly
 */
public record ClusterPlan(
    UUID cluster, List<NodeRecord> members, int shards, List<byte[]> splitKeys) {
  /** Replicas of a shard, where there are that many nodes. */
  public static final int REPLICAS = 3;

  /** Replicas of meta, where there are that many nodes. */
  public static final int META_REPLICAS = 3;

  public ClusterPlan {
    members = List.copyOf(members);
    splitKeys = List.copyOf(splitKeys);
  }

  /** Whether the node is an initial member. */
  public boolean includes(NodeId node) {
    return members.stream().anyMatch(m -> m.id().equals(node));
  }

  /** The first members of the meta group. */
  public List<NodeId> metaMembers() {
    return members.stream().limit(META_REPLICAS).map(NodeRecord::id).toList();
  }

  /** The first shards, with their replicas. */
  public List<ShardDescriptor> descriptors() {
    return PreSplit.place(
        splitKeys.isEmpty() ? PreSplit.evenly(shards) : PreSplit.at(splitKeys),
        members.stream().map(NodeRecord::id).toList(),
        REPLICAS);
  }
}
