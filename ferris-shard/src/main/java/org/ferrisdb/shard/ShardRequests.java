package org.ferrisdb.shard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The requests a shard's leader answers and its answers; what the front door translates to. */
public final class ShardRequests {
  private ShardRequests() {}

  /**
   * A conditional atomic write.
   *
   * @param epoch the shard's epoch as the client knows it
   * @param clientHigh upper half of the client's random 128-bit id
   * @param clientLow lower half
   * @param sequence the call's number at that client, from 1; the same for every attempt
   * @param acknowledgedBelow the client waits for no sequence below this any more
   * @param expiry oracle timestamp after which it must not be applied
   * @param conditions all must hold
   * @param mutations a key at most once
   */
  public record Write(
      long epoch,
      long clientHigh,
      long clientLow,
      long sequence,
      long acknowledgedBelow,
      long expiry,
      List<Condition> conditions,
      List<Mutation> mutations) {}

  /**
   * Sets or deletes one key.
   *
   * @param key the user's key
   * @param value null deletes
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Mutation(byte[] key, byte @Nullable [] value) {}

  /** What must hold of a key. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public sealed interface Condition {
    /** The key. */
    byte[] key();

    /** The key has exactly this value. */
    record HasValue(byte[] key, byte[] value) implements Condition {}

    /** The key has a value of exactly this version (commit timestamp). */
    record HasVersion(byte[] key, long version) implements Condition {}

    /** The key has no value. */
    record IsAbsent(byte[] key) implements Condition {}
  }

  /** How a write ended. */
  public sealed interface WriteOutcome {
    /**
     * Applied.
     *
     * @param version its commit timestamp
     */
    record Committed(long version) implements WriteOutcome {}

    /**
     * Refused: a condition did not hold.
     *
     * @param condition index of the first that failed
     * @param actualPresent whether the key had a value
     * @param actualVersion that value's version, 0 if none
     */
    record ConditionFailed(int condition, boolean actualPresent, long actualVersion)
        implements WriteOutcome {}
  }

  /**
   * Reads keys.
   *
   * @param timestamp 0: now, linearizable; else at that timestamp
   */
  public record Get(long epoch, List<byte[]> keys, long timestamp) {}

  /**
   * What {@link Get} found.
   *
   * @param timestamp what was read at
   * @param values one for each key, null where absent
   */
  public record GetResult(long timestamp, List<@Nullable Value> values) {}

  /** A value and its version. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Value(long version, byte[] value) {}

  /**
   * Reads one page of a range.
   *
   * @param from inclusive, empty: the shard's start
   * @param to exclusive, empty: the shard's end
   * @param timestamp 0: draw one now
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Scan(
      long epoch,
      byte[] from,
      byte[] to,
      boolean reverse,
      int maxEntries,
      int maxBytes,
      boolean keysOnly,
      long timestamp) {}

  /**
   * A page.
   *
   * @param timestamp what was read at
   * @param entries in the scan's order
   * @param more whether the range may hold more
   */
  public record ScanPage(long timestamp, List<Entry> entries, boolean more) {}

  /** A key with its value; the value is empty where only keys were asked for. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Entry(byte[] key, byte[] value, long version) {}
}
