package org.ferrisdb.shard.meta;

import java.util.List;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;

/** What can be asked of the meta group. All are idempotent: the same command twice is once. */
public sealed interface MetaCommand {
  /**
   * The first command of a cluster: its members and its shards. A second one with the same content
   * is accepted and changes nothing; with other content it is refused.
   */
  record Form(List<NodeRecord> nodes, List<ShardDescriptor> shards) implements MetaCommand {}

  /**
   * A node says who it is and where it listens. A new id under a name that is taken marks the old
   * id REPLACED (a node whose disk was emptied).
   */
  record RegisterNode(NodeRecord node) implements MetaCommand {}

  /**
   * The voters of a shard (or, with {@link ShardId#META}, of meta) have changed in Raft: the
   * descriptor follows, its epoch rises by one. Compare-and-set on the epoch.
   */
  record ReplicasChanged(ShardId shard, long expectedEpoch, List<NodeId> replicas)
      implements MetaCommand {}
}
