package org.ferrisdb.client;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: doubling from a first delay to a longest, half of it
 * random.
 */
final class Backoff {
  private final long firstMillis;
  private final long longestMillis;
  private final RandomGenerator random;

  Backoff(long firstMillis, long longestMillis, RandomGenerator random) {
    this.firstMillis = firstMillis;
    this.longestMillis = longestMillis;
    this.random = random;
  }

  /**
   * The delay after some failures in a row.
   *
   * @param failures 1 for the first
   * @return nanoseconds
   */
  long nanosAfter(int failures) {
    int doublings = Math.min(20, Math.max(0, failures - 1));
    long nanos = TimeUnit.MILLISECONDS.toNanos(Math.min(longestMillis, firstMillis << doublings));
    return nanos / 2 + random.nextLong(nanos / 2 + 1);
  }
}
