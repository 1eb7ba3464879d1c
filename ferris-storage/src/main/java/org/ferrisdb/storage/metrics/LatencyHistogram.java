package org.ferrisdb.storage.metrics;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Times of something that takes a microsecond or more, in buckets of which each is twice as wide as
 * the one before. Safe for many threads.
 */
public final class LatencyHistogram {
  private static final int BUCKETS = 64;

  /** Bucket b counts times of b significant bits: from 2^(b-1) to 2^b - 1 nanoseconds. */
  private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);

  private final AtomicLong total = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();

  /** It took that long. */
  public void record(long nanos) {
    long time = Math.max(0, nanos);
    buckets.getAndIncrement(64 - Long.numberOfLeadingZeros(time));
    total.getAndAdd(time);
    if (time > longest.get()) {
      longest.getAndAccumulate(time, Math::max);
    }
  }

  /** The figures so far. */
  public LatencyStats stats() {
    long[] counts = new long[BUCKETS];
    long count = 0;
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] = buckets.get(i);
      count += counts[i];
    }
    long most = longest.get();
    return new LatencyStats(
        count,
        total.get(),
        most,
        below(counts, count, 0.5, most),
        below(counts, count, 0.99, most));
  }

  /** The upper end of the bucket in which the share of all times is reached. */
  private static long below(long[] counts, long count, double share, long longest) {
    long left = (long) Math.ceil(count * share);
    for (int i = 0; i < BUCKETS && left > 0; i++) {
      left -= counts[i];
      if (left <= 0) {
        return Math.min(longest, (1L << i) - 1);
      }
    }
    return 0;
  }
}
