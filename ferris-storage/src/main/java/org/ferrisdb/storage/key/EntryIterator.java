package org.ferrisdb.storage.key;

import java.util.Arrays;
import org.ferrisdb.storage.EntryKind;

/**
 * Walks all versions of all keys of one source in {@link EntryOrder}. Starts invalid; position it
 * with a seek. The buffers it hands out belong to it and change with the next move, except value
 * buffers, which never change. Not thread-safe; must be closed.
 */
public interface EntryIterator extends AutoCloseable {
  /** Whether it stands on an entry. */
  boolean valid();

  /** Moves to the first entry. */
  void seekFirst();

  /** Moves to the last entry. */
  void seekLast();

  /** Moves to the first entry at or after (key, timestamp): the newest version not above it. */
  void seek(byte[] key, long timestamp);

  /** Moves to the last entry whose key is below the given one: the oldest version of that key. */
  void seekBefore(byte[] key);

  /** Moves forward; only when valid. */
  void next();

  /** Moves backward; only when valid. */
  void prev();

  /** The array in which the current key begins at index 0. */
  byte[] keyBuffer();

  /** Length of the current key in bytes. */
  int keyLength();

  /** Timestamp of the current version. */
  long timestamp();

  /** Kind of the current version. */
  EntryKind kind();

  /** The array that holds the current value; immutable. */
  byte[] valueBuffer();

  /** Where the current value begins in its buffer. */
  int valueOffset();

  /** Length of the current value in bytes. */
  int valueLength();

  /** A copy of the current key. */
  default byte[] keyCopy() {
    return Arrays.copyOf(keyBuffer(), keyLength());
  }

  /** A copy of the current value. */
  default byte[] valueCopy() {
    return Arrays.copyOfRange(valueBuffer(), valueOffset(), valueOffset() + valueLength());
  }

  @Override
  void close();
}
