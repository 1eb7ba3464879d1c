package org.ferrisdb.integration.workload;

/**
 * When the next operation is due. Evenly spaced; what is late is not made up for, so that no burst
 * follows an outage. Not thread-safe; times are nanoseconds of one clock.
 */
final class Pace {
  private final long interval;
  private long due;

  /**
   * Makes one whose first operation is due at once.
   *
   * @param perSecond above 0
   * @param start now
   */
  Pace(double perSecond, long start) {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException(perSecond + " operations a second: must be above 0");
    }
    this.interval = Math.max(1, (long) (1e9 / perSecond));
    this.due = start - interval;
  }

  /** The time of the next operation, which is never before {@code now}. */
  long next(long now) {
    due += interval;
    if (due - now < 0) {
      due = now;
    }
    return due;
  }
}
