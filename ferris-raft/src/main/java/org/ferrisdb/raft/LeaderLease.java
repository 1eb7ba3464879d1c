package org.ferrisdb.raft;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The right of one leader in one term to answer without asking the others, kept in the log.
 *
 * <p>Why it is safe: the lease is renewed only by entries that a majority has. Whoever leads next
 * needs the votes of a majority, so it has the last such entry, and it received that entry after
 * the old leader had proposed it. If it waits L from the last receipt while the old leader trusts
 * itself for L from its last proposal, the two never serve at once; the holder counts a little less
 * than L, the waiter a little more, which pays for clocks that run at different speeds.
 *
 * <p>All times are passed in: nanoseconds of the monotonic clock, and milliseconds of the wall
 * clock, which is used for one thing only: when the two have moved apart by more than a little, the
 * machine was suspended (its monotonic clock stands still then) or the wall clock was set, and
 * whatever was renewed before counts no more.
 *
 * <p>Thread-safe; {@link #holds} takes no lock while all is well, and never waits.
 */
public final class LeaderLease {
  /**
   * How often the pair of clocks is read afresh, so that slow correction of the wall clock is no
   * leap.
   */
  private static final long ANCHOR_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * The clocks may come apart by this part of L before that counts; the holder gives it up twice.
   */
  private static final int TOLERANCE_PARTS = 25;

  private final long holderNanos;
  private final long renewalNanos;
  private final long toleranceNanos;
  private final long serveFromNanos;

  /** What was proposed before {@code validFrom} renews nothing. */
  private record Anchor(long nanos, long wallMillis, long validFromNanos) {}

  /** A renewal, by the time its proposal began. */
  private record Renewal(long proposedAtNanos) {}

  private final AtomicReference<@Nullable Anchor> anchor;
  private volatile @Nullable Renewal renewal;
  private volatile boolean dropped;

  /** The last comparison of the clocks disagreed. */
  private volatile boolean suspected;

  /**
   * A lease whose clocks are first compared at the first call of {@link #holds}; until a renewal
   * proposed after that it does not hold.
   *
   * @param length L, above zero
   * @param clockError e, in (0, 0.4): the waiter counts L(1+e), the holder L(1-e) less what the
   *     comparison of the clocks can miss
   * @param leadership the term and when the last entry of an earlier one was received
   */
  public LeaderLease(Duration length, double clockError, Leadership leadership) {
    this(length, clockError, leadership, null);
  }

  /** As above, with the clocks as they are now, so that any later renewal counts. */
  public LeaderLease(
      Duration length, double clockError, Leadership leadership, long nowNanos, long wallMillis) {
    this(length, clockError, leadership, new Anchor(nowNanos, wallMillis, nowNanos));
  }

  private LeaderLease(
      Duration length, double clockError, Leadership leadership, @Nullable Anchor anchor) {
    long nanos = length.toNanos();
    if (nanos <= 0 || !(clockError > 0 && clockError < 0.4)) {
      throw new IllegalArgumentException("lease of " + length + ", clock error " + clockError);
    }
    this.toleranceNanos = nanos / TOLERANCE_PARTS;
    // Time the clocks' comparison may miss, once before and once after the last anchor.
    this.holderNanos = (long) (nanos * (1 - clockError)) - 2 * toleranceNanos;
    this.renewalNanos = nanos / 2;
    this.serveFromNanos =
        leadership.lastEarlierEntryNanos() + (long) Math.ceil(nanos * (1 + clockError));
    this.anchor = new AtomicReference<>(anchor);
  }

  /** When an earlier leader's lease has surely ended: before it this leader serves nothing. */
  public long serveFromNanos() {
    return serveFromNanos;
  }

  /**
   * An own entry of this term has been committed and applied.
   *
   * @param proposedAtNanos read before the entry was proposed
   */
  public void renew(long proposedAtNanos) {
    synchronized (this) {
      Renewal last = renewal;
      if (last == null || proposedAtNanos - last.proposedAtNanos() > 0) {
        renewal = new Renewal(proposedAtNanos);
      }
    }
  }

  /**
   * Whether the lease is live: the earlier one has ended, and ours has been renewed recently. Both
   * clocks are to be read together, after what is to be answered is in hand.
   */
  public boolean holds(long nowNanos, long wallMillis) {
    if (dropped || !clocksAgree(nowNanos, wallMillis)) {
      return false;
    }
    Renewal last = renewal;
    Anchor clocks = anchor.get();
    return last != null
        && clocks != null
        && last.proposedAtNanos() - clocks.validFromNanos() >= 0
        && nowNanos - last.proposedAtNanos() < holderNanos
        && nowNanos - serveFromNanos >= 0;
  }

  /** Compares the clocks with the last pair; when they have moved apart, past renewals are void. */
  private boolean clocksAgree(long nowNanos, long wallMillis) {
    Anchor last = anchor.get();
    if (last != null) {
      long monotonic = nowNanos - last.nanos();
      long apart = TimeUnit.MILLISECONDS.toNanos(wallMillis - last.wallMillis()) - monotonic;
      if (Math.abs(apart) <= toleranceNanos) {
        if (monotonic > ANCHOR_NANOS) {
          anchor.compareAndSet(last, new Anchor(nowNanos, wallMillis, last.validFromNanos()));
        }
        if (suspected) {
          suspected = false;
        }
        return true;
      }
      if (!suspected) {
        // A caller that lost its processor between reading one clock and the other looks the same,
        // but
        // only once. This answer is no either way; what was renewed is void if the next disagrees
        // too.
        suspected = true;
        return false;
      }
    }
    suspected = false;
    anchor.compareAndSet(last, new Anchor(nowNanos, wallMillis, nowNanos));
    return false;
  }

  /**
   * Whether a no-op should be proposed now to keep it: half of L has passed since the last renewal
   * began, or none counts. The caller has one such proposal in flight at a time.
   */
  public boolean wantsRenewal(long nowNanos) {
    Renewal last = renewal;
    Anchor clocks = anchor.get();
    return !dropped
        && (last == null
            || nowNanos - last.proposedAtNanos() >= renewalNanos
            || (clocks != null && last.proposedAtNanos() - clocks.validFromNanos() < 0));
  }

  /** Ends it for good: leadership is lost. */
  public void drop() {
    dropped = true;
  }
}
