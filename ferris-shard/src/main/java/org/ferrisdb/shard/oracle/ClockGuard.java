package org.ferrisdb.shard.oracle;

import org.ferrisdb.shard.Timestamps;

/**
 * The wall clock, without its jumps: milliseconds since 1970 that advance with the monotonic clock
 * and never go back. Small differences (a clock that is being corrected) are followed forward.
 *
 * <p>A wall clock that runs ahead of the monotonic progress since the guard's base by more than the
 * limit is not believed: time goes on from the old base, and {@link #alarmed} says so until the
 * wall clock is plausible again. A wall clock that falls back changes nothing. The cost of this
 * rule: a machine that was suspended, whose monotonic clock stood still, is not believed either
 * until its process restarts; timestamps stay correct, and merely lag behind the time of day.
 *
 * <p>Not thread-safe; one owner.
 */
public final class ClockGuard {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final long maxJumpMillis;
  private long baseNanos;
  private long baseMillis;
  private boolean alarmed;

  /**
   * Begins at the present reading of both clocks, which is believed.
   *
   * @param maxJumpMillis a wall clock further ahead than this is refused
   * @param nowNanos monotonic clock
   * @param wallMillis wall clock
   */
  public ClockGuard(long maxJumpMillis, long nowNanos, long wallMillis) {
    this.maxJumpMillis = maxJumpMillis;
    this.baseNanos = nowNanos;
    this.baseMillis = clamp(wallMillis);
  }

  /** The guarded time now, never below an earlier answer. */
  public long millis(long nowNanos, long wallMillis) {
    long elapsed = Math.max(0, nowNanos - baseNanos) / NANOS_PER_MILLI;
    long steady = baseMillis + elapsed;
    long ahead = wallMillis - steady;
    alarmed = ahead > maxJumpMillis;
    if (ahead > 0 && !alarmed) {
      baseNanos = nowNanos;
      baseMillis = clamp(wallMillis);
      return baseMillis;
    }
    return steady;
  }

  /**
   * Moves time forward to at least {@code millis}, from where it then advances: what a new leader
   * does that finds the cluster's time ahead of its own clock.
   */
  public void atLeast(long millis, long nowNanos, long wallMillis) {
    if (millis > millis(nowNanos, wallMillis)) {
      baseNanos = nowNanos;
      baseMillis = clamp(millis);
    }
  }

  /** Whether the wall clock was implausibly far ahead when last asked. */
  public boolean alarmed() {
    return alarmed;
  }

  private static long clamp(long millis) {
    return Math.clamp(millis, 0, Timestamps.MAX_MILLIS);
  }
}
