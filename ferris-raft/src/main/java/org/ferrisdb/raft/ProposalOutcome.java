package org.ferrisdb.raft;

import org.jspecify.annotations.Nullable;

/** What became of a proposal. */
public sealed interface ProposalOutcome {
  /**
   * It was committed and this node's state machine has applied it (which may have refused it).
   *
   * @param position where
   */
  record Applied(RaftPosition position) implements ProposalOutcome {}

  /**
   * It was certainly not appended.
   *
   * @param leader who leads instead, null if not known
   * @param reason one line
   */
  record NotProposed(@Nullable NodeId leader, String reason) implements ProposalOutcome {}

  /**
   * It may or may not be committed, now or later.
   *
   * @param reason one line
   */
  record Unknown(String reason) implements ProposalOutcome {}
}
