package org.ferrisdb.shard.meta;

import java.util.List;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;

/**
 * What can be asked of the meta group. All are idempotent: the same command twice is once, so
 * whoever did not hear an answer asks again. What each does, and when it is refused, is decided by
 * {@link MetaRules}.
 */
public sealed interface MetaCommand {
  /**
   * The first command of a cluster: its members and its shards. A second one with the same content
   * is accepted and changes nothing, however much the cluster has changed since; with other content
   * it is refused.
   *
   * @param nodes the first members, each with a name of its own
   * @param shards as a {@link org.ferrisdb.shard.map.ShardMap} wants them, at epoch 1
   * @param metaReplicas the voters of the meta group
   */
  record Form(List<NodeRecord> nodes, List<ShardDescriptor> shards, List<NodeId> metaReplicas)
      implements MetaCommand {
    public Form {
      nodes = List.copyOf(nodes);
      shards = List.copyOf(shards);
      metaReplicas = List.copyOf(metaReplicas);
    }

    /** With every node a voter of the meta group. */
    public Form(List<NodeRecord> nodes, List<ShardDescriptor> shards) {
      this(nodes, shards, nodes.stream().map(NodeRecord::id).toList());
    }
  }

  /**
   * A node says who it is and where it listens. A new id under a name that is taken marks the old
   * id REPLACED (a node whose disk was emptied), and opens a {@link ReplicaReplacement} for each of
   * its replicas. The same id again updates the addresses. An id that was replaced is refused.
   */
  record RegisterNode(NodeRecord node) implements MetaCommand {}

  /**
   * The voters of a shard (or, with {@link ShardId#META}, of meta) have changed in Raft: the
   * descriptor follows, its epoch rises by one. Compare-and-set on the epoch. Closes the {@link
   * ReplicaReplacement} that it completes.
   */
  record ReplicasChanged(ShardId shard, long expectedEpoch, List<NodeId> replicas)
      implements MetaCommand {
    public ReplicasChanged {
      replicas = List.copyOf(replicas);
    }
  }

  /**
   * A node has lost the log or the vote of its replica: opens a {@link ReplicaRepair}.
   * Compare-and-set on the map's version, so that a late one does not have a replica rebuilt that
   * has been. One that stands is enough, unless its replica was lost again after it had rejoined:
   * that takes another. Refused while another replica of the group is being rebuilt.
   */
  record BeginRepair(ShardId shard, NodeId node, long expectedVersion) implements MetaCommand {}

  /**
   * A step of a repair has been done, and the next one begins; after the last one the repair is
   * over. What is not known, or further already, stays as it is.
   *
   * @param term with REMOVE: the term of the leader that knows that it is done
   */
  record RepairStepDone(long repair, ReplicaRepair.Step step, long term) implements MetaCommand {}

  /**
   * From here on the leader's oracle may hand out timestamps below the bound. A bound at or below
   * the present one changes nothing.
   */
  record ExtendOracle(long bound) implements MetaCommand {}

  /** Sets a setting of the cluster; an empty value removes it. */
  record ChangeSetting(String name, String value) implements MetaCommand {}
}
