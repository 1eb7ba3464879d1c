package org.ferrisdb.shard.map;

import org.ferrisdb.raft.NodeId;

/**
 * An operation under way: a replica whose log or vote is lost is being replaced by an empty one on
 * the same node, which then catches up. A voter that forgot its vote must not come back as the same
 * voter, so it goes in steps, each of which is recorded when it is done and never undone:
 *
 * <pre>
 *   REMOVE   the group's leader takes the node out of the voters
 *   REJOIN   the node deletes what is left of its replica and opens an empty one
 *   ADD      the group's leader adds the node again
 * </pre>
 *
 * <p>The shard's descriptor stays as it is meanwhile: it says where replicas belong.
 *
 * @param id unique in the cluster's life; the node carries REJOIN out once for each id
 * @param group whose replica
 * @param node where it is
 * @param step what is to be done now
 * @param term after REMOVE: the term of the leader that knew it as done; 0 before
 */
public record ReplicaRepair(long id, ShardId group, NodeId node, Step step, long term) {
  /** What is to be done. */
  public enum Step {
    REMOVE,
    REJOIN,
    ADD
  }

  @Override
  public String toString() {
    return "#" + id + " " + group + " " + node + " " + step;
  }
}
