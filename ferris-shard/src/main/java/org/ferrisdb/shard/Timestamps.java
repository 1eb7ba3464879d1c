package org.ferrisdb.shard;

/**
 * The parts of a timestamp, which travels as a plain {@code long}.
 *
 * <pre>
 *  63                                16 15            0
 * +------------------------------------+---------------+
 * | milliseconds since 1970 (48 bits)  | counter (16)  |
 * +------------------------------------+---------------+
 * </pre>
 *
 * A counter that overflows carries into the milliseconds, so timestamps are added to like numbers.
 * Never negative: 48 bits of milliseconds would reach the sign in the year 6429.
 */
public final class Timestamps {
  private static final int COUNTER_BITS = 16;

  /** The last millisecond whose timestamps are not negative. */
  public static final long MAX_MILLIS = Long.MAX_VALUE >>> COUNTER_BITS;

  private Timestamps() {}

  /**
   * The first timestamp of a millisecond.
   *
   * @throws IllegalArgumentException if it lies before 1970 or behind {@link #MAX_MILLIS}
   */
  public static long ofMillis(long millis) {
    if (millis < 0 || millis > MAX_MILLIS) {
      throw new IllegalArgumentException(millis + " ms have no timestamp");
    }
    return millis << COUNTER_BITS;
  }

  /** The millisecond of a timestamp. */
  public static long millis(long timestamp) {
    return timestamp >>> COUNTER_BITS;
  }

  /** The counter of a timestamp. */
  public static int counter(long timestamp) {
    return (int) timestamp & 0xffff;
  }

  /** Milliseconds and counter, for people. */
  public static String toString(long timestamp) {
    return millis(timestamp) + "." + counter(timestamp);
  }

  /** The timestamp that many milliseconds earlier, 0 at the least. */
  public static long minusMillis(long timestamp, long millis) {
    return Math.max(0, timestamp - (millis << COUNTER_BITS));
  }
}
