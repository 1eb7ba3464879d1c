package org.ferrisdb.storage.memtable;

import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.jspecify.annotations.Nullable;

/**
 * The newest writes, sorted, in memory. One writer at a time, any number of readers at any time.
 *
 * <p>Each entry carries the sequence of the batch that wrote it. A reader names the newest sequence
 * it may see and is blind to everything later: so a batch becomes visible as a whole, when the
 * engine publishes its sequence, and a cursor sees one state for as long as it lives. Sequences are
 * never on disk: what is flushed has long been visible.
 */
public interface Memtable {
  /** Adds an entry; the arrays must not change afterwards. Sequences never decrease. */
  void add(byte[] key, long timestamp, long sequence, EntryKind kind, byte[] value);

  /** Adds a tombstone for a range; its arrays must not change afterwards. */
  void addRange(RangeTombstone range, long sequence);

  /**
   * The newest version of the key at or below timestamp and sequence, which may be a tombstone of
   * its own or of a range; null if none is here.
   */
  @Nullable Versioned get(byte[] key, long timestamp, long sequence);

  /** Walks all entries up to the sequence, hidden by range tombstones or not. */
  EntryIterator iterator(long sequence);

  /** All range tombstones up to the sequence. */
  RangeTombstones ranges(long sequence);

  /**
   * Heap bytes held by the entries, their keys, values and links. While it grows, and as long as a
   * cursor holds what was there before, it may be more for a while.
   */
  long bytes();

  /**
   * Whether it is time to flush it: it holds that many bytes, or more range tombstones than it
   * should, since each further one takes time that grows with their number.
   */
  boolean isFull(long bytes);

  /** Whether nothing was added. */
  boolean isEmpty();
}
