package org.ferrisdb.shard.oracle;

import java.util.OptionalLong;
import org.ferrisdb.shard.Timestamps;

/**
 * The counter of one leader in one term. It knows nothing of Raft, leases or threads: its owner
 * puts the bounds it asks for into the log, tells it when they have applied, and answers with what
 * was drawn only if the lease still holds after the draw.
 *
 * <p>Invariants, whatever the clocks do: every timestamp drawn is above every one drawn before, at
 * or above the bound this term began with (which all earlier terms stayed below), and below the
 * newest applied bound.
 *
 * <p>Not thread-safe; one owner.
 */
public final class TimestampOracle {
  private final OracleOptions options;
  private final ClockGuard clock;
  private final long windowTicks;
  private long next;
  private long bound;

  /**
   * Begins a term.
   *
   * @param options see there
   * @param clock the node's guarded clock; outlives the term, so that a jump in between is noticed
   * @param appliedBound the bound in the applied state, after the first own entry of the term has
   *     applied (only then does it surely contain all that earlier leaders used)
   * @param nowNanos monotonic clock
   * @param wallMillis wall clock
   */
  public TimestampOracle(
      OracleOptions options, ClockGuard clock, long appliedBound, long nowNanos, long wallMillis) {
    this.options = options;
    this.clock = clock;
    this.windowTicks = Timestamps.ofMillis(options.window().toMillis());
    this.next = appliedBound;
    this.bound = appliedBound;
    // Where the cluster's time is ahead of this node's clock it must go on from there, and not
    // stand
    // still until the clock has caught up: expiries count in oracle time. A bound lies a window
    // ahead of the time it was made at.
    clock.atLeast(
        Timestamps.millis(appliedBound) - options.window().toMillis(), nowNanos, wallMillis);
  }

  /**
   * Draws consecutive timestamps.
   *
   * @param count 1 to {@link OracleOptions#maxCount}
   * @return the first; empty, with nothing drawn, if the bound does not reach so far: see {@link
   *     #boundFor}
   */
  public OptionalLong draw(int count, long nowNanos, long wallMillis) {
    if (count < 1 || count > options.maxCount()) {
      throw new IllegalArgumentException(
          count + " timestamps in one draw: from 1 to " + options.maxCount());
    }
    long first = first(nowNanos, wallMillis);
    // Written so that nothing overflows: first and bound are never negative.
    if (bound - first < count) {
      return OptionalLong.empty();
    }
    next = first + count;
    return OptionalLong.of(first);
  }

  /** The bound to put into the log so that {@code count} can be drawn, and a window more. */
  public long boundFor(int count, long nowNanos, long wallMillis) {
    long first = first(nowNanos, wallMillis);
    long room = Long.MAX_VALUE - first;
    return first + Math.min(room, windowTicks + count);
  }

  /** Whether less than half a window is left, so that a bound should be put into the log soon. */
  public boolean boundRunsLow(long nowNanos, long wallMillis) {
    return bound - first(nowNanos, wallMillis) < windowTicks / 2;
  }

  /** A bound has been committed and applied here. Lower ones than the present are ignored. */
  public void boundApplied(long applied) {
    bound = Math.max(bound, applied);
  }

  /** Whether the wall clock has jumped and is not believed. */
  public boolean alarmed() {
    return clock.alarmed();
  }

  private long first(long nowNanos, long wallMillis) {
    return Math.max(
        next,
        Timestamps.ofMillis(Math.min(clock.millis(nowNanos, wallMillis), Timestamps.MAX_MILLIS)));
  }
}
