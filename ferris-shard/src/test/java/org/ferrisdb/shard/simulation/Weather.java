package org.ferrisdb.shard.simulation;

import java.util.SplittableRandom;

/**
 * How bad it is in a run; drawn from the seed, so that some runs are calm enough for rare orders of
 * events and others lose every fifth message.
 *
 * @param leaseNanos L
 * @param delayNanos mean of a message's way
 * @param diskNanos mean of a log's sync
 * @param lossPerMillion messages between nodes that vanish
 * @param duplicatesPerMillion Raft messages that come twice
 * @param liesPerMillion proposals whose proposer is told "unknown" or "not proposed" for no reason
 * @param pauseEveryReads after about so many readings of a clock the node stands still there and
 *     then
 * @param longestPauseNanos the longest of these
 * @param disturbEveryNanos mean time between two faults
 * @param driftPerMillion the most a monotonic clock is fast or slow
 * @param durationNanos how long clients begin calls
 * @param thinkNanos mean time between the calls of a process
 * @param processes clients that have one call at a time
 * @param keys how many
 * @param expiryMillis how far ahead of oracle time a write expires
 * @param retentionMillis of old versions
 * @param memtableBytes of the engines
 * @param extraEntryWrites see {@link org.ferrisdb.shard.ShardLimits}
 * @param logKept entries kept when a log is purged
 */
record Weather(
    long leaseNanos,
    long delayNanos,
    long diskNanos,
    int lossPerMillion,
    int duplicatesPerMillion,
    int liesPerMillion,
    int pauseEveryReads,
    long longestPauseNanos,
    long disturbEveryNanos,
    int driftPerMillion,
    long durationNanos,
    long thinkNanos,
    int processes,
    int keys,
    long expiryMillis,
    long retentionMillis,
    long memtableBytes,
    int extraEntryWrites,
    int logKept) {
  static final long MILLI = 1_000_000;

  /** That of a seed. */
  static Weather of(long seed) {
    SplittableRandom r = new SplittableRandom(~seed);
    long lease = r.nextLong(40, 120) * MILLI;
    return new Weather(
        lease,
        MILLI * r.nextLong(1, 8) / 4,
        MILLI * pick(r, 1, 2, 4, 8, 40) / 8,
        pick(r, 0, 0, 2_000, 50_000, 150_000),
        pick(r, 0, 10_000, 100_000),
        pick(r, 0, 5_000, 50_000),
        pick(r, 0, 1_000, 4_000, 16_000),
        lease * r.nextLong(1, 6),
        MILLI * pick(r, 20, 40, 80, 160),
        5_000,
        MILLI * r.nextLong(1_000, 2_500),
        MILLI * r.nextLong(2, 14),
        r.nextInt(3, 6),
        r.nextInt(2, 4),
        pick(r, 300, 2_000, 10_000),
        pick(r, 600, 600_000),
        pick(r, 6_000, 16_000, 1 << 20),
        pick(r, 1, 1, 64),
        pick(r, 0, 3, 20));
  }

  private static int pick(SplittableRandom r, int... of) {
    return of[r.nextInt(of.length)];
  }
}
