package org.ferrisdb.storage.memtable;

import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.jspecify.annotations.Nullable;

/**
 * The range tombstones of a memtable. They are few, so every further one makes the whole list anew:
 * readers have it without a lock. One writer, many readers.
 */
final class RangeBuffer {
  /** More of them, each counted once a fragment, are no longer few. */
  static final int MAX_COUNT = 1024;

  private static final int OVERHEAD_BYTES = 96; // of a fragment: references, headers, two longs

  private volatile RangeTombstones tombstones = RangeTombstones.EMPTY;
  private volatile long bytes; // what readers see of `held`
  private long held;

  void add(RangeTombstone range, long sequence) {
    tombstones = tombstones.with(range, sequence);
    held += range.from().length + range.to().length + 3L * OVERHEAD_BYTES; // it may cut two others
    bytes = held;
  }

  /** What a reader sees of a key of which this was found among the entries. */
  @Nullable Versioned hide(@Nullable Versioned found, byte[] key, long timestamp, long sequence) {
    RangeTombstones all = tombstones;
    return all.isEmpty() ? found : all.hide(found, key, timestamp, sequence);
  }

  RangeTombstones visibleAt(long sequence) {
    return tombstones.visibleAt(sequence);
  }

  long bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return tombstones.isEmpty();
  }

  boolean isFull() {
    return tombstones.count() >= MAX_COUNT;
  }
}
