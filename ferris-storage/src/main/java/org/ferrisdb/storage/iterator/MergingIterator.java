package org.ferrisdb.storage.iterator;

import java.util.List;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;

/**
 * Walks several sources as if they were one, in one direction. The sources stand in a binary heap
 * with the one whose entry comes next on top. Of equal entries the newer source's comes first going
 * forward, and last going backward. Not thread-safe; closing it closes the sources.
 */
public final class MergingIterator implements AutoCloseable {
  private final Source[] sources;
  private final Source[] heap;
  private final boolean forward;
  private int size;

  /** A source, its age (0 is the newest) and, in the heap, what it stands on. */
  private static final class Source {
    final EntryIterator entries;
    final int rank;
    Entry entry = NOTHING;

    Source(EntryIterator entries, int rank) {
      this.entries = entries;
      this.rank = rank;
    }

    /**
     * Moves it on. By the class that scans spend their time in: else what a compiler makes of the
     * call depends on what it was used for before (flushes and recoveries walk other sources), and
     * a scan takes half as long again if it has seen three.
     */
    boolean move(boolean forward) {
      if (entries instanceof LevelIterator level) {
        if (forward ? level.next() : level.prev()) {
          entry = level.entry();
          return true;
        }
        return false;
      }
      if (forward ? entries.next() : entries.prev()) {
        entry = entries.entry();
        return true;
      }
      return false;
    }
  }

  private static final Entry NOTHING = new Entry();

  /** The sources are given newest first. */
  public MergingIterator(List<EntryIterator> newestFirst, boolean forward) {
    this.sources = new Source[newestFirst.size()];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = new Source(newestFirst.get(i), i);
    }
    this.heap = new Source[sources.length];
    this.forward = forward;
  }

  /** Moves to the first entry in its direction. */
  public void seekStart() {
    for (Source source : sources) {
      if (forward) {
        source.entries.seekFirst();
      } else {
        source.entries.seekLast();
      }
    }
    fill();
  }

  /** Forward only: moves to the first entry at or after the position. */
  public void seek(byte[] key, long timestamp) {
    for (Source source : sources) {
      source.entries.seek(key, timestamp);
    }
    fill();
  }

  /** Backward only: moves to the last entry whose key is below the given one. */
  public void seekBefore(byte[] key) {
    for (Source source : sources) {
      source.entries.seekBefore(key);
    }
    fill();
  }

  private void fill() {
    size = 0;
    for (Source source : sources) {
      if (source.entries.valid()) {
        source.entry = source.entries.entry();
        heap[size++] = source;
      }
    }
    for (int i = size / 2 - 1; i >= 0; i--) {
      siftDown(i);
    }
  }

  /** Whether it stands on an entry. */
  public boolean valid() {
    return size > 0;
  }

  /** What it stands on; only when valid, and until the next move. */
  public Entry current() {
    return heap[0].entry;
  }

  /** Moves to the next entry in its direction; only when valid. */
  public void advance() {
    Source top = heap[0];
    if (!top.move(forward)) {
      heap[0] = heap[--size];
    }
    if (size > 1) {
      siftDown(0);
    }
  }

  private void siftDown(int start) {
    int at = start;
    Source moving = heap[at];
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && comesBefore(heap[child + 1], heap[child])) {
        child++;
      }
      if (!comesBefore(heap[child], moving)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moving;
  }

  private boolean comesBefore(Source a, Source b) {
    int order = a.entry.compareWith(b.entry);
    if (order == 0) {
      order = Integer.compare(a.rank, b.rank);
    }
    return forward ? order < 0 : order > 0;
  }

  @Override
  public void close() {
    for (Source source : sources) {
      source.entries.close();
    }
  }
}
