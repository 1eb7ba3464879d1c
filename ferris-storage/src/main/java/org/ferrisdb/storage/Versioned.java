package org.ferrisdb.storage;

/**
 * One version of a key, as a read found it.
 *
 * @param timestamp the timestamp the version was written at
 * @param kind a value, or a tombstone (then {@code value} is empty)
 * @param value the value; the caller must not change it
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of one read, never compared
public record Versioned(long timestamp, EntryKind kind, byte[] value) {
  /** Whether this version says that the key has no value. */
  public boolean isTombstone() {
    return kind == EntryKind.TOMBSTONE;
  }
}
