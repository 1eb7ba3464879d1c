package org.ferrisdb.storage.key;

import java.util.Arrays;
import org.ferrisdb.storage.StorageException;

/**
 * The sizes that the engine accepts; every buffer and sanity check of a length derives from them.
 */
public final class Limits {
  /** A key: 8 KiB of the user's and up to 1 KiB of prefix that the layer above puts before it. */
  public static final int KEY_BYTES = (8 << 10) + (1 << 10);

  /** A value: 1 MiB of the user's and up to 64 KiB of envelope. */
  public static final int VALUE_BYTES = (1 << 20) + (64 << 10);

  /**
   * A batch: a log entry of 4 MiB and up to 1 MiB of bookkeeping that its application adds. With a
   * WAL of the engine's own each operation counts {@link #OP_OVERHEAD_BYTES} besides its key and
   * value. With an external log only keys and values count: there the batch stands in a log that
   * all replicas share, and whoever refuses it refuses it for ever, and everything behind it.
   */
  public static final int BATCH_BYTES = (4 << 20) + (1 << 20);

  /** Deletions of ranges in a batch, each of which takes time that grows with their number. */
  public static final int BATCH_RANGES = 256;

  /** What an operation counts in a batch besides its key and value, with a WAL. */
  public static final int OP_OVERHEAD_BYTES = 24;

  private Limits() {}

  /** Refuses a version that is over a limit. */
  public static void require(byte[] key, long timestamp, byte[] value) {
    requireAtMost("key", key.length, KEY_BYTES);
    requireAtMost("value", value.length, VALUE_BYTES);
    if (key.length == 0) {
      throw new StorageException.Refused("key: is empty; a key has at least one byte");
    }
    requireTimestamp(timestamp);
  }

  /** Refuses a range tombstone that is over a limit, or of no keys. */
  public static void require(RangeTombstone range) {
    requireAtMost("start of a range", range.from().length, KEY_BYTES);
    // One byte more than a key: the first key after the largest.
    requireAtMost("end of a range", range.to().length, KEY_BYTES + 1);
    if (range.from().length == 0 || Arrays.compareUnsigned(range.from(), range.to()) >= 0) {
      throw new StorageException.Refused(
          "range: its start must have at least one byte and lie before its end");
    }
    requireTimestamp(range.timestamp());
  }

  /** Refuses what is larger than its limit. */
  public static void requireAtMost(String what, long bytes, long limit) {
    requireAtMost(what, bytes, limit, " bytes");
  }

  /** Refuses more than the limit of something, whose unit is told with a space before it. */
  public static void requireAtMost(String what, long count, long limit, String unit) {
    if (count > limit) {
      throw new StorageException.Refused(
          what + ": " + count + unit + ", the limit is " + limit + "; split it");
    }
  }

  private static void requireTimestamp(long timestamp) {
    if (timestamp < 0) {
      throw new StorageException.Refused(
          "timestamp: " + timestamp + "; a timestamp is never negative");
    }
  }
}
