package org.ferrisdb.shard.log;

import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftPosition;
import org.jspecify.annotations.Nullable;

/** How an entry of a {@link LeaderTerm} ended, as far as that term is concerned. */
public sealed interface EntryResult {
  /**
   * Accepted by the chain and applied on this replica.
   *
   * @param position where it stands in the log
   */
  record Applied(RaftPosition position) implements EntryResult {}

  /**
   * This leader must not count on it; everything evaluated on top of it is void too.
   *
   * @param mayApply whether it may have been, or may yet be, applied; if not it surely never is
   * @param leader who leads now, if known
   * @param reason one line
   */
  record Voided(boolean mayApply, @Nullable NodeId leader, String reason) implements EntryResult {}
}
