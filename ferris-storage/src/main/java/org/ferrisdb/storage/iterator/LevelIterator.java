package org.ferrisdb.storage.iterator;

import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.sstable.SSTableReader;
import org.ferrisdb.storage.sstable.TableSource;
import org.jspecify.annotations.Nullable;

/**
 * Walks disjoint tables, listed by key, one after the other, holding only the one it is in. Its
 * creator keeps the view of the tables until it is closed.
 */
public final class LevelIterator implements EntryIterator {
  private final List<? extends TableSource> tables;
  private final boolean fillCache;
  private int at = -1;
  private @Nullable SSTableReader reader;
  private @Nullable EntryIterator entries;

  /** Over the tables of one sorted level, or over a single table. */
  public LevelIterator(List<? extends TableSource> tables, boolean fillCache) {
    this.tables = tables;
    this.fillCache = fillCache;
  }

  private @Nullable EntryIterator enter(int index) {
    if (index < 0 || index >= tables.size()) {
      leave();
      return null;
    }
    EntryIterator inside = entries;
    if (index == at && inside != null) {
      return inside;
    }
    leave();
    SSTableReader acquired = tables.get(index).acquire();
    inside = BoundedIterator.of(acquired.iterator(fillCache), tables.get(index).bounds());
    reader = acquired;
    entries = inside;
    at = index;
    return inside;
  }

  private void leave() {
    EntryIterator inside = entries;
    SSTableReader held = reader;
    entries = null;
    reader = null;
    at = -1;
    if (inside != null) {
      inside.close();
    }
    if (held != null) {
      held.release();
    }
  }

  private EntryIterator current() {
    EntryIterator inside = entries;
    if (inside == null) {
      throw new IllegalStateException("the iterator stands on no entry");
    }
    return inside;
  }

  /** The first table that does not end before the key. */
  private int tableFor(byte[] key) {
    int low = 0;
    int high = tables.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Arrays.compareUnsigned(tables.get(middle).end(), key) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public boolean valid() {
    EntryIterator inside = entries;
    return inside != null && inside.valid();
  }

  @Override
  public void seekFirst() {
    enterFirst(0);
  }

  @Override
  public void seekLast() {
    enterLast(tables.size() - 1);
  }

  @Override
  public void seek(byte[] key, long timestamp) {
    EntryIterator inside = enter(tableFor(key));
    if (inside != null) {
      inside.seek(key, timestamp);
      if (!inside.valid()) { // only versions of the key that are too new were here
        enterFirst(at + 1);
      }
    }
  }

  @Override
  public void seekBefore(byte[] key) {
    EntryIterator inside = enter(tableFor(key));
    if (inside == null) {
      seekLast();
      return;
    }
    inside.seekBefore(key);
    if (!inside.valid()) {
      enterLast(at - 1);
    }
  }

  /** Stands on the first entry from that table on; a table of range tombstones alone has none. */
  private void enterFirst(int index) {
    int next = index;
    EntryIterator inside = enter(next);
    while (inside != null) {
      inside.seekFirst();
      if (inside.valid()) {
        return;
      }
      inside = enter(++next);
    }
  }

  /** Stands on the last entry up to that table. */
  private void enterLast(int index) {
    int next = index;
    EntryIterator inside = enter(next);
    while (inside != null) {
      inside.seekLast();
      if (inside.valid()) {
        return;
      }
      inside = enter(--next);
    }
  }

  @Override
  public boolean next() {
    if (current().next()) {
      return true;
    }
    enterFirst(at + 1);
    return valid();
  }

  @Override
  public boolean prev() {
    if (current().prev()) {
      return true;
    }
    enterLast(at - 1);
    return valid();
  }

  @Override
  public Entry entry() {
    return current().entry();
  }

  @Override
  public void close() {
    leave();
  }
}
