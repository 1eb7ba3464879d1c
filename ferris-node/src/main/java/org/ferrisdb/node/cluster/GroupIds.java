package org.ferrisdb.node.cluster;

import java.util.UUID;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.shard.map.ShardId;

/**
 * Names the Raft groups of a cluster. The upper half of a group's id comes from the cluster's id,
 * the lower half is the shard's number: any node can tell what a group on its disk is without
 * asking anybody, groups of two clusters never meet, and logs show {@code ...-000000000003} for
 * shard 3.
 *
 * @param cluster the cluster's id
 */
public record GroupIds(UUID cluster) {
  /** The group of a shard ({@link ShardId#META} included). */
  public GroupId of(ShardId shard) {
    return new GroupId(new UUID(upper(), shard.value()));
  }

  /** The shard of a group; throws {@link IllegalArgumentException} for one of another cluster. */
  public ShardId shardOf(GroupId group) {
    if (group.value().getMostSignificantBits() != upper()) {
      throw new IllegalArgumentException(
          "group " + group + " does not belong to cluster " + cluster);
    }
    return new ShardId(group.value().getLeastSignificantBits());
  }

  private long upper() {
    return cluster.getMostSignificantBits()
        ^ Long.rotateLeft(cluster.getLeastSignificantBits(), 32);
  }
}
