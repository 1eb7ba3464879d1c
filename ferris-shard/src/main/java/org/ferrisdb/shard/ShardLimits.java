package org.ferrisdb.shard;

/**
 * Sizes that requests and queues are held to.
 *
 * @param maxKeyBytes largest user key
 * @param maxValueBytes largest value
 * @param maxBatchBytes largest write request, all keys, values and conditions
 * @param maxEntryBytes largest log entry
 * @param maxQueuedRequests requests a shard's mailbox holds before it refuses
 * @param maxEntriesInFlight proposed and not yet applied
 * @param extraEntryWrites writes that must wait for an entry to be proposed beside others in flight
 * @param maxOutcomes size of the exactly-once table of a shard
 * @param maxExpiryMillis how far ahead of oracle time an expiry may lie
 * @param retentionMillis how long old versions stay readable
 */
public record ShardLimits(
    int maxKeyBytes,
    int maxValueBytes,
    int maxBatchBytes,
    int maxEntryBytes,
    int maxQueuedRequests,
    int maxEntriesInFlight,
    int extraEntryWrites,
    int maxOutcomes,
    long maxExpiryMillis,
    long retentionMillis) {
  /** The limits of the design. */
  public static ShardLimits defaults() {
    return new ShardLimits(
        8 << 10,
        1 << 20,
        (4 << 20) - (64 << 10),
        4 << 20,
        100_000,
        4,
        64,
        500_000,
        600_000,
        600_000);
  }

  /** The same with another {@link #extraEntryWrites}. */
  public ShardLimits withExtraEntryWrites(int writes) {
    return new ShardLimits(
        maxKeyBytes,
        maxValueBytes,
        maxBatchBytes,
        maxEntryBytes,
        maxQueuedRequests,
        maxEntriesInFlight,
        writes,
        maxOutcomes,
        maxExpiryMillis,
        retentionMillis);
  }
}
