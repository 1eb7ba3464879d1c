package org.ferrisdb.raft;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * This node's replica of one group. Thread-safe. An interface, so that shards can be tested without
 * Ratis.
 */
public interface RaftGroup {
  /** Which group. */
  GroupId id();

  /**
   * Appends the payload if this node leads. May block briefly on the log's queue: never call it on
   * an event loop. Calls of one thread are appended in their order. The future never completes
   * exceptionally; it completes after apply on this node, or when the replica fails or is closed.
   */
  CompletableFuture<ProposalOutcome> propose(ByteBuffer payload);

  /** What this replica knows of the group now; cheap. */
  GroupStatus status();

  /** How far its log has come here; cheap. */
  default LogEnd logEnd() {
    return LogEnd.NONE;
  }

  /**
   * Hands leadership to the member once it has caught up; completes exceptionally if that fails.
   */
  CompletableFuture<Void> transferLeadership(NodeId target, Duration timeout);

  /** Gives leadership up, to whomever wins the election. */
  CompletableFuture<Void> stepDown();

  /**
   * Changes the voting members, compare-and-set: fails if the current ones are not {@code
   * expected}. New members are caught up (by log or checkpoint) before they vote; they must have
   * the group open with {@link RaftNode#join}.
   *
   * <p>Ends in minutes at the latest: with a {@link java.util.concurrent.TimeoutException} if it is
   * not done by then, and with an {@link java.io.IOException} if this node refuses, fails or no
   * longer leads. After either the change may still happen: look at the members again.
   */
  CompletableFuture<Void> changeMembers(List<RaftMember> expected, List<RaftMember> next);

  /**
   * Flushes the state machine and purges the log up to what that made durable, keeping some
   * entries, and more where a member is catching up. Done once the log's files are gone.
   */
  CompletableFuture<RaftPosition> compactLog();

  /** Keeps the log here as it is for whom a checkpoint is about to be made. */
  default LogHold holdLog() {
    return LogHold.NONE;
  }
}
