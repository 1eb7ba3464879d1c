package org.ferrisdb.shard.meta;

import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.ShardId;

/**
 * An operation under way: a replica that is to move from a node that was replaced to its successor.
 * Opened and closed by the commands that give it its reason and its end, in the same step, so that
 * there is no moment at which one could be forgotten. Whoever leads the group carries it out, with
 * {@link org.ferrisdb.shard.placement.ReplacementPlanner}.
 *
 * @param id unique in the cluster's life
 * @param group whose replica
 * @param leaving the node that was replaced
 * @param joining the member that now has its name
 */
public record ReplicaReplacement(long id, ShardId group, NodeId leaving, NodeId joining) {
  @Override
  public String toString() {
    return "#" + id + " " + group + " " + leaving + " -> " + joining;
  }
}
