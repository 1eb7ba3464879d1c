package org.ferrisdb.raft;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A replica's view of its group.
 *
 * @param role what this replica is
 * @param term its current term
 * @param leader who leads as far as it knows; null if unknown
 * @param members the voting members it knows; on the leader those of a committed configuration,
 *     empty while they change
 * @param commitIndex highest index known committed
 * @param appliedIndex highest index applied here
 * @param logBytes bytes of the log's files here
 * @param followers on the leader: the others' progress; empty elsewhere
 */
public record GroupStatus(
    Role role,
    long term,
    @Nullable NodeId leader,
    List<RaftMember> members,
    long commitIndex,
    long appliedIndex,
    long logBytes,
    List<FollowerProgress> followers) {

  /** A replica's role. */
  public enum Role {
    /** Leads, log ready. */
    LEADER,
    /** Follows. */
    FOLLOWER,
    /** Asks for votes. */
    CANDIDATE,
    /** Its log failed or it was closed; it takes part in nothing until reopened. */
    FAILED
  }

  /**
   * How a follower stands, as the leader sees it.
   *
   * @param id who
   * @param matchIndex what it surely has
   * @param silentMillis time since its last answer
   * @param needsCheckpoint whether the leader's log does not reach back to it: until it has fetched
   *     a checkpoint it stands in for nobody, which takes as long as its state is large
   */
  public record FollowerProgress(
      NodeId id, long matchIndex, long silentMillis, boolean needsCheckpoint) {}
}
