package org.ferrisdb.storage.metrics;

/**
 * Times of something since open, in nanoseconds.
 *
 * @param count how often
 * @param nanos all together
 * @param longestNanos the longest
 * @param p50Nanos half of them took no longer; up to twice too high, see {@link LatencyHistogram}
 * @param p99Nanos 99 of 100 took no longer; likewise
 */
public record LatencyStats(
    long count, long nanos, long longestNanos, long p50Nanos, long p99Nanos) {}
