package org.ferrisdb.raft.ratis;

import java.util.Optional;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.GroupStatus.FollowerProgress;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftOptions;

/** Whether a member can take leadership over now. Pure. */
final class Successor {
  /** Caught up within a moment, at any rate of entries a group has here. */
  private static final long MAX_ENTRIES_BEHIND = 1_000;

  private Successor() {}

  /**
   * What speaks against it, in words; empty if nothing does. A replica that does not lead has no
   * say in this: Ratis answers for it.
   */
  static String objection(GroupStatus status, NodeId target, RaftOptions options) {
    if (status.role() != GroupStatus.Role.LEADER) {
      return "";
    }
    Optional<FollowerProgress> follower =
        status.followers().stream().filter(f -> f.id().equals(target)).findFirst();
    if (follower.isEmpty()) {
      return "node " + target + " is no follower here, so it can not lead";
    }
    long silent = follower.get().silentMillis();
    if (silent >= options.electionTimeoutMin().toMillis()) {
      return "node " + target + " has not answered for " + silent + " ms, so it is not to lead";
    }
    long behind = status.commitIndex() - follower.get().matchIndex();
    return behind > MAX_ENTRIES_BEHIND
        ? "node " + target + " is " + behind + " entries behind, so it is not to lead yet"
        : "";
  }
}
