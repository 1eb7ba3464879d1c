package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;

/** Walks a table: the index says which block, the block which entry. */
final class TableIterator implements EntryIterator {
  private final SSTableReader table;
  private final TableIndex index;
  private final boolean fillCache;
  private final BlockIterator entries;
  private int ordinal;

  TableIterator(SSTableReader table, TableIndex index, boolean fillCache) {
    this.table = table;
    this.index = index;
    this.fillCache = fillCache;
    this.entries = new BlockIterator(Block.EMPTY); // replaced before its first use
    this.ordinal = -1;
  }

  /** Loads the block; false (and invalid) when there is none of that ordinal. */
  private boolean enter(int newOrdinal) {
    if (newOrdinal < 0 || newOrdinal >= index.count()) {
      ordinal = -1;
      return false;
    }
    if (newOrdinal != ordinal) {
      entries.use(table.block(newOrdinal, fillCache));
      ordinal = newOrdinal;
    }
    return true;
  }

  @Override
  public boolean valid() {
    return ordinal >= 0 && entries.valid();
  }

  @Override
  public void seekFirst() {
    if (enter(0)) {
      entries.seekFirst();
    }
  }

  @Override
  public void seekLast() {
    if (enter(index.count() - 1)) {
      entries.seekLast();
    }
  }

  @Override
  public void seek(byte[] key, long timestamp) {
    if (enter(index.find(key, timestamp))) {
      entries.seek(key, timestamp);
    }
  }

  @Override
  public void seekBefore(byte[] key) {
    if (!enter(index.find(key, Long.MAX_VALUE))) {
      seekLast();
      return;
    }
    entries.seekBefore(key);
    if (!entries.valid() && enter(ordinal - 1)) {
      entries.seekLast();
    }
  }

  @Override
  public boolean next() {
    if (entries.next()) {
      return true;
    }
    if (enter(ordinal + 1)) {
      entries.seekFirst();
    }
    return valid();
  }

  @Override
  public boolean prev() {
    if (entries.prev()) {
      return true;
    }
    if (enter(ordinal - 1)) {
      entries.seekLast();
    }
    return valid();
  }

  @Override
  public Entry entry() {
    return entries.entry();
  }

  @Override
  public void close() {
    ordinal = -1;
  }
}
