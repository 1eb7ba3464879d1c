package org.ferrisdb.shard;

/**
 * Arithmetic on the oracle's timestamps: 48 bits of milliseconds since 1970, then a 16-bit counter.
 * They fit a positive {@code long} until the year 6429.
 */
public final class Timestamps {
  private static final int COUNTER_BITS = 16;

  private Timestamps() {}

  /** The first timestamp of a millisecond. */
  public static long ofMillis(long millis) {
    return millis << COUNTER_BITS;
  }

  /** The millisecond of a timestamp. */
  public static long millis(long timestamp) {
    return timestamp >>> COUNTER_BITS;
  }

  /** The timestamp that many milliseconds earlier, 0 at the least. */
  public static long minusMillis(long timestamp, long millis) {
    return Math.max(0, timestamp - (millis << COUNTER_BITS));
  }
}
