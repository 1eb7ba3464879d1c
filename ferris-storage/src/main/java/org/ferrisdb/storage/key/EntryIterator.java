package org.ferrisdb.storage.key;

/**
 * Walks all versions of all keys of one source in {@link EntryOrder}. Starts invalid; position it
 * with a seek. Not thread-safe; must be closed.
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

  /** Moves forward; only when valid. Returns whether it stands on an entry then. */
  boolean next();

  /** Moves backward; only when valid. Returns whether it stands on an entry then. */
  boolean prev();

  /**
   * What it stands on; only when valid, and until the next move: after that it may be another
   * object.
   */
  Entry entry();

  @Override
  void close();
}
