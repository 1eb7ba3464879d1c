package org.ferrisdb.storage.key;

import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.io.Bytes;

/**
 * The order of entries, and the tag that carries timestamp and kind in eight bytes.
 *
 * <p>Entries are sorted by user key ascending (unsigned bytes), then by timestamp descending, so
 * that of all versions of a key the newest comes first and "the newest at or below T" is the first
 * entry at or after (key, T). Two entries with the same key and timestamp are one version written
 * twice; the one from the newer source wins.
 *
 * <pre>
 *   tag, 64 bits:  | timestamp, 63 bits | kind, 1 bit |
 * </pre>
 */
public final class EntryOrder {
  private EntryOrder() {}

  /** Packs timestamp (never negative) and kind. */
  public static long tag(long timestamp, EntryKind kind) {
    return timestamp << 1 | kind.code();
  }

  /** The timestamp in a tag. */
  public static long timestamp(long tag) {
    return tag >>> 1;
  }

  /** The kind in a tag. */
  public static EntryKind kind(long tag) {
    return (tag & 1) == 1 ? EntryKind.PUT : EntryKind.TOMBSTONE;
  }

  /** Compares (key ascending, timestamp descending). */
  public static int compare(
      byte[] a, int aLength, long aTimestamp, byte[] b, int bLength, long bTimestamp) {
    int keys = Bytes.compare(a, aLength, b, bLength);
    return keys != 0 ? keys : Long.compare(bTimestamp, aTimestamp);
  }
}
