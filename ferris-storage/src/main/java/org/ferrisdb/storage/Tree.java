package org.ferrisdb.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.cache.TableHandle;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.iterator.LevelIterator;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.iterator.VisibleCursor;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.metrics.ReadCounters;
import org.jspecify.annotations.Nullable;

/**
 * The tree as readers see it: one {@link ReadState} at a time, replaced as a whole when a memtable
 * is frozen, a flush is done or a compaction is. Readers take no lock. The one lock here guards the
 * replacement, and its condition tells those who wait for the shape to change.
 *
 * <p>A reader takes the state first and the visible sequence second: so the sequence is never older
 * than what the state's tables hold, and what it sees is one prefix of all batches.
 */
final class Tree {
  private final ReadCounters reads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final @Nullable BooleanSupplier help;
  private volatile ReadState state;
  private volatile long visible; // sequence of the newest batch that readers may see

  private volatile boolean closed;

  /**
   * A tree.
   *
   * @param help does some work of the background in the thread that would wait for it, or says that
   *     there is none; null if the background has threads of its own
   */
  Tree(ReadState initial, ReadCounters reads, @Nullable BooleanSupplier help) {
    this.state = initial;
    this.reads = reads;
    this.help = help;
  }

  ReadState state() {
    return state;
  }

  long visible() {
    return visible;
  }

  /** Lets readers see all batches up to the sequence. */
  void publish(long sequence) {
    visible = sequence;
  }

  /** Waits, with the lock held, until somebody signals. */
  interface Waiting {
    /** Whether to go on waiting; throws to give up. */
    boolean goOn();
  }

  /** Waits until the condition no longer asks to; it is asked again after every change. */
  void await(Waiting waiting) {
    lock.lock();
    try {
      while (waiting.goOn()) {
        if (help == null || !help(help)) {
          changed.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean help(BooleanSupplier work) {
    lock.unlock(); // the work may change the tree
    try {
      return work.getAsBoolean();
    } finally {
      lock.lock();
    }
  }

  /** Tells those who wait that something changed. */
  void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Puts another memtable in the place of the active one, which nothing was added to. */
  void replaceEmpty(Slot fresh) {
    lock.lock();
    try {
      state = new ReadState(fresh, state.frozen(), state.tables());
    } finally {
      lock.unlock();
    }
  }

  /** Puts a fresh memtable in front. */
  void freeze(Slot fresh) {
    lock.lock();
    try {
      ReadState before = state;
      List<Slot> frozen = new ArrayList<>();
      frozen.add(before.active());
      frozen.addAll(before.frozen());
      state = new ReadState(fresh, List.copyOf(frozen), before.tables());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Replaces the tables and takes a flushed memtable out, in one step. */
  void install(TableView tables, @Nullable Slot flushed) {
    TableView old;
    lock.lock();
    try {
      ReadState before = state;
      old = before.tables();
      List<Slot> frozen = before.frozen().stream().filter(slot -> slot != flushed).toList();
      state = new ReadState(before.active(), frozen, tables);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    old.release();
  }

  /** Gives the last state's tables back; cursors keep theirs. Nothing is installed afterwards. */
  void close() {
    closed = true;
    state.tables().release();
  }

  /** The current tables, with a reference that the caller gives back. */
  TableView retainTables() {
    return retain().tables();
  }

  private ReadState retain() {
    while (true) {
      ReadState current = state;
      if (current.tables().tryRetain()) {
        return current;
      }
      if (closed) {
        throw new StorageException.Closed("the engine is closed");
      }
    }
  }

  @Nullable Versioned get(byte[] key, long timestamp) {
    reads.get();
    while (true) {
      ReadState current = state;
      Versioned found = getFromMemtables(current, key, timestamp);
      if (found != null) {
        return found;
      }
      TableView tables = current.tables();
      if (tables.tryRetain()) {
        try {
          return tables.get(key, timestamp, reads);
        } finally {
          tables.release();
        }
      }
      if (closed) {
        throw new StorageException.Closed("the engine is closed");
      }
    }
  }

  private @Nullable Versioned getFromMemtables(ReadState current, byte[] key, long timestamp) {
    long sequence = visible;
    Versioned found = current.active().memtable.get(key, timestamp, sequence);
    List<Slot> frozen = current.frozen();
    for (int i = 0; found == null && i < frozen.size(); i++) {
      found = frozen.get(i).memtable.get(key, timestamp, sequence);
    }
    return found;
  }

  EntryCursor cursor(
      byte @Nullable [] from, byte @Nullable [] to, long timestamp, boolean forward) {
    ReadState current = retain();
    boolean complete = false;
    try {
      EntryCursor cursor = cursor(current, new KeyRange(from, to), timestamp, forward);
      complete = true;
      return cursor;
    } finally {
      if (!complete) { // a table with range tombstones can not be read
        current.tables().release();
      }
    }
  }

  private EntryCursor cursor(ReadState current, KeyRange range, long timestamp, boolean forward) {
    long sequence = visible;
    RangeTombstones hidden = ranges(current, range, sequence);
    List<EntryIterator> sources = new ArrayList<>();
    sources.add(current.active().memtable.iterator(sequence));
    for (Slot slot : current.frozen()) {
      sources.add(slot.memtable.iterator(sequence));
    }
    for (TableHandle table : current.tables().level(0)) {
      if (meets(table, range) && mayShow(table, range, hidden, timestamp)) {
        sources.add(new LevelIterator(List.of(table), true));
      }
    }
    for (int level = 1; level < Version.LEVELS; level++) {
      List<TableHandle> tables = meeting(current.tables().level(level), range);
      if (!hidden.isEmpty()) {
        tables = tables.stream().filter(table -> mayShow(table, range, hidden, timestamp)).toList();
      }
      if (!tables.isEmpty()) {
        sources.add(new LevelIterator(tables, true));
      }
    }
    MergingIterator merged = new MergingIterator(sources, forward);
    TableView tables = current.tables();
    return new VisibleCursor(merged, forward, range, timestamp, hidden, tables, tables::release);
  }

  /** Whether the table may hold keys of the range: who does not need it must not depend on it. */
  private static boolean meets(TableHandle table, KeyRange range) {
    byte @Nullable [] from = range.from();
    byte @Nullable [] to = range.to();
    return (from == null || Arrays.compareUnsigned(table.metadata().end(), from) > 0)
        && (to == null || Arrays.compareUnsigned(table.metadata().smallest(), to) < 0);
  }

  /** Those of a sorted level that may hold keys of the range: they lie side by side. */
  private static List<TableHandle> meeting(List<TableHandle> level, KeyRange range) {
    byte @Nullable [] from = range.from();
    byte @Nullable [] to = range.to();
    int first =
        from == null
            ? 0
            : firstWhere(level, table -> Arrays.compareUnsigned(table.metadata().end(), from) > 0);
    int end =
        to == null
            ? level.size()
            : firstWhere(
                level, table -> Arrays.compareUnsigned(table.metadata().smallest(), to) >= 0);
    return first >= end ? List.of() : level.subList(first, end);
  }

  /** The first of which it is true, as it is of all behind that; their number if of none. */
  private static int firstWhere(List<TableHandle> level, Predicate<TableHandle> test) {
    int low = 0;
    int high = level.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (test.test(level.get(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Whether a reader at the timestamp may see anything of the table. */
  private static boolean mayShow(
      TableHandle table, KeyRange range, RangeTombstones hidden, long timestamp) {
    TableMetadata metadata = table.metadata();
    long newest = metadata.properties().maxTimestamp();
    if (metadata.properties().minTimestamp() > timestamp || hidden.isEmpty()) {
      return metadata.properties().minTimestamp() <= timestamp;
    }
    KeyRange part = new KeyRange(metadata.smallest(), metadata.end()).and(range);
    byte @Nullable [] from = part.from();
    byte @Nullable [] to = part.to();
    return from == null
        || to == null
        || part.isEmpty()
        || !hidden.hideAll(from, to, newest, timestamp);
  }

  /** All range tombstones that matter to a reader of the range. */
  private static RangeTombstones ranges(ReadState current, KeyRange range, long sequence) {
    List<RangeTombstones> all = new ArrayList<>(0);
    all.add(current.active().memtable.ranges(sequence).within(range));
    for (Slot slot : current.frozen()) {
      all.add(slot.memtable.ranges(sequence).within(range));
    }
    for (int level = 0; level < Version.LEVELS; level++) {
      for (TableHandle table : current.tables().withRanges(level)) {
        TableMetadata metadata = table.metadata();
        if (!new KeyRange(metadata.smallest(), metadata.end()).and(range).isEmpty()) {
          all.add(table.ranges().within(range));
        }
      }
    }
    all.removeIf(RangeTombstones::isEmpty);
    return all.isEmpty() ? RangeTombstones.EMPTY : RangeTombstones.union(all);
  }
}
