package org.ferrisdb.raft;

import java.time.Duration;

/**
 * The right of one leader in one term to answer without asking the others, kept in the log (rules 1
 * and 2 of the design). CONTRACT STUB: ferris-raft fills it in; no Ratis in it. Thread-safe.
 *
 * <p>All times are of the monotonic clock that the caller passes in, in nanoseconds.
 */
public final class LeaderLease {
  /**
   * @param length L
   * @param clockError e: the holder counts L(1-e), the waiter L(1+e)
   * @param leadership the term and when the last entry of an earlier one was received
   */
  public LeaderLease(Duration length, double clockError, Leadership leadership) {}

  /** When an earlier leader's lease has surely ended: before it this leader serves nothing. */
  public long serveFromNanos() {
    throw new UnsupportedOperationException();
  }

  /** An own entry of this term, proposed at this time, has been committed and applied. */
  public void renew(long proposedAtNanos) {
    throw new UnsupportedOperationException();
  }

  /** Whether the lease is live: the earlier one has ended, and ours has been renewed recently. */
  public boolean holds(long nowNanos, long wallMillis) {
    throw new UnsupportedOperationException();
  }

  /**
   * Whether a no-op should be proposed now to keep it: half of L has passed since the last renewal
   * began.
   */
  public boolean wantsRenewal(long nowNanos) {
    throw new UnsupportedOperationException();
  }

  /** Ends it for good (leadership lost, clocks diverged). */
  public void drop() {
    throw new UnsupportedOperationException();
  }
}
