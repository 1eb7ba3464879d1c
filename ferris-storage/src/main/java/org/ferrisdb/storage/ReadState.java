package org.ferrisdb.storage;

import java.util.List;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.memtable.Memtable;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a read looks into, newest first: the memtable that is written to, those that wait
 * for their flush, the tables. Immutable but for the active memtable's content.
 *
 * @param active takes the writes
 * @param frozen wait for their flush, newest first
 * @param tables the rest
 */
record ReadState(Slot active, List<Slot> frozen, TableView tables) {
  /** A memtable and what its flush must record. */
  static final class Slot {
    final Memtable memtable;

    /** WAL files below this number hold nothing of this memtable. */
    final long logNumber;

    /** The position of the newest batch in here, or before it if it is empty. */
    volatile AppliedPosition position;

    /** When it was frozen; set before it is. */
    volatile long frozenNanos;

    /** The tables that a flush has written but could not yet record; guarded by the flush. */
    @Nullable List<TableMetadata> written;

    Slot(Memtable memtable, long logNumber, AppliedPosition position) {
      this.memtable = memtable;
      this.logNumber = logNumber;
      this.position = position;
    }
  }

  /**
   * What writes went to when the frozen memtable was full: it never changes, whatever is frozen
   * later. So it is asked of one state, by the memtable itself and not by its place.
   */
  Slot after(Slot slot) {
    int place = frozen.indexOf(slot);
    if (place < 0) {
      throw new IllegalStateException("a memtable that is not frozen, or flushed already");
    }
    return place == 0 ? active : frozen.get(place - 1);
  }

  /** Bytes of all memtables. */
  long memtableBytes() {
    long bytes = active.memtable.bytes();
    for (Slot slot : frozen) {
      bytes += slot.memtable.bytes();
    }
    return bytes;
  }
}
