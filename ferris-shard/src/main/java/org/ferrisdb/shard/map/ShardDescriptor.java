package org.ferrisdb.shard.map;

import java.util.List;
import org.ferrisdb.raft.NodeId;

/**
 * What a shard is: its range and its replicas, at an epoch.
 *
 * @param id which shard
 * @param range the keys it owns
 * @param replicas the nodes with a voting replica
 * @param epoch rises by one with every change of range or replicas; every request names it
 */
public record ShardDescriptor(ShardId id, KeyRange range, List<NodeId> replicas, long epoch) {
  public ShardDescriptor {
    replicas = List.copyOf(replicas);
  }
}
