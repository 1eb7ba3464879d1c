package org.ferrisdb.raft.ratis;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome;
import org.ferrisdb.raft.RaftPosition;
import org.jspecify.annotations.Nullable;

/**
 * A payload on its way through Ratis, which hands the same object back when it is about to append
 * the entry and when it applies it. That is how outcomes are told apart: what was refused before it
 * got as far as the log was certainly not proposed; anything else that did not apply is unknown,
 * whatever the exception says (a leader that steps down answers "not leader" for entries it has
 * long replicated).
 */
final class Proposal implements Message, Unanswered.Question {
  private final ByteString payload;
  private final CompletableFuture<ProposalOutcome> outcome = new CompletableFuture<>();
  private volatile boolean appending;

  /**
   * @param payload not copied: must not change any more
   */
  Proposal(ByteBuffer payload) {
    this.payload = UnsafeByteOperations.unsafeWrap(payload);
  }

  @Override
  public ByteString getContent() {
    return payload;
  }

  CompletableFuture<ProposalOutcome> outcome() {
    return outcome;
  }

  /** From now on it may be in the log. */
  void appending() {
    appending = true;
  }

  /** The state machine here has applied it. */
  void applied(RaftPosition position) {
    outcome.complete(new ProposalOutcome.Applied(position));
  }

  /** The replica has ended, and Ratis may never answer. */
  @Override
  public void ended(String reason) {
    outcome.complete(new ProposalOutcome.Unknown(reason));
  }

  /** The replica had ended before this got anywhere. */
  void refused(String reason) {
    outcome.complete(new ProposalOutcome.NotProposed(null, reason));
  }

  /** Ratis has answered; too late to matter if it has applied. */
  void answered(@Nullable RaftClientReply reply, @Nullable Throwable failure) {
    if (outcome.isDone()) {
      return;
    }
    Throwable cause = failure != null ? failure : reply == null ? null : reply.getException();
    String reason = cause == null ? "answered without being applied here" : String.valueOf(cause);
    if (appending) {
      outcome.complete(new ProposalOutcome.Unknown(reason));
    } else {
      outcome.complete(new ProposalOutcome.NotProposed(suggestedLeader(cause), reason));
    }
  }

  private static @Nullable NodeId suggestedLeader(@Nullable Throwable cause) {
    if (cause instanceof NotLeaderException notLeader) {
      RaftPeer leader = notLeader.getSuggestedLeader();
      return leader == null ? null : Members.node(leader.getId());
    }
    return null;
  }
}
