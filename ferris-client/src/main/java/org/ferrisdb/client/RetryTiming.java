package org.ferrisdb.client;

import java.util.concurrent.TimeUnit;

/**
 * Whether a refused call is worth another attempt, and when; pure functions.
 *
 * <p>A call whose last attempt was refused has a definite outcome: not applied. An attempt begun a
 * moment before the deadline would trade that for "unknown", because its answer can not come in
 * time any more. So the last attempt begins while there is still time for its answer, and if there
 * is none, the call ends with what it knows. A call that knows nothing definite has nothing to
 * lose, and tries until its deadline.
 */
final class RetryTiming {
  /** Less than this is never enough, however quick the node was so far. */
  static final long LEAST_USEFUL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** One slow answer must not forbid every retry: at most this part of the call's whole time. */
  private static final int LARGEST_PART = 4;

  private RetryTiming() {}

  /**
   * How much time an attempt needs to be worth beginning.
   *
   * @param roundTripNanos how long the node's answers took of late; 0: unknown
   * @param timeoutNanos the call's whole time
   */
  static long usefulNanos(long roundTripNanos, long timeoutNanos) {
    long part = Math.max(1, timeoutNanos / LARGEST_PART);
    return Math.min(Math.max(LEAST_USEFUL_NANOS, roundTripNanos), part);
  }

  /**
   * How long a refused call waits before its next attempt; negative: there is no time for one.
   *
   * @param remainingNanos until the deadline
   * @param usefulNanos what an attempt needs
   * @param askedNanos what the node asked to wait at the least; it is not asked again before
   * @param backoffNanos how long the client would wait, gladly less if it is the last attempt
   */
  static long delayNanos(
      long remainingNanos, long usefulNanos, long askedNanos, long backoffNanos) {
    long latest = remainingNanos - usefulNanos;
    if (latest < Math.max(0, askedNanos)) {
      return -1;
    }
    return Math.min(latest, Math.max(askedNanos, backoffNanos));
  }

  /**
   * The round trip to reckon with after one more was seen: a longer one counts at once, shorter
   * ones by and by.
   */
  static long observe(long roundTripNanos, long seenNanos) {
    return Math.max(seenNanos, roundTripNanos - roundTripNanos / 8);
  }
}
