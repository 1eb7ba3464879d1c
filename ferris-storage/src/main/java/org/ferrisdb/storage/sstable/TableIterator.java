package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.EntryOrder;

/** Walks a table: the index says which block, the block which entry. */
final class TableIterator implements EntryIterator {
  private final SSTableReader table;
  private final TableIndex index;
  private final boolean fillCache;
  private final BlockIterator entry;
  private int ordinal;

  TableIterator(SSTableReader table, TableIndex index, boolean fillCache) {
    this.table = table;
    this.index = index;
    this.fillCache = fillCache;
    this.entry = new BlockIterator(Block.EMPTY); // replaced before its first use
    this.ordinal = -1;
  }

  /** Loads the block; false (and invalid) when there is none of that ordinal. */
  private boolean enter(int newOrdinal) {
    if (newOrdinal < 0 || newOrdinal >= index.count()) {
      ordinal = -1;
      return false;
    }
    if (newOrdinal != ordinal) {
      entry.use(table.block(newOrdinal, fillCache));
      ordinal = newOrdinal;
    }
    return true;
  }

  @Override
  public boolean valid() {
    return ordinal >= 0 && entry.valid();
  }

  @Override
  public void seekFirst() {
    if (enter(0)) {
      entry.seekFirst();
    }
  }

  @Override
  public void seekLast() {
    if (enter(index.count() - 1)) {
      entry.seekLast();
    }
  }

  @Override
  public void seek(byte[] key, long timestamp) {
    if (enter(index.find(key, timestamp))) {
      entry.seek(key, timestamp);
    }
  }

  @Override
  public void seekBefore(byte[] key) {
    if (!enter(index.find(key, Long.MAX_VALUE))) {
      seekLast();
      return;
    }
    entry.seekBefore(key);
    if (!entry.valid() && enter(ordinal - 1)) {
      entry.seekLast();
    }
  }

  @Override
  public void next() {
    entry.next();
    if (!entry.valid() && enter(ordinal + 1)) {
      entry.seekFirst();
    }
  }

  @Override
  public void prev() {
    entry.prev();
    if (!entry.valid() && enter(ordinal - 1)) {
      entry.seekLast();
    }
  }

  @Override
  public byte[] keyBuffer() {
    return entry.keyBuffer();
  }

  @Override
  public int keyLength() {
    return entry.keyLength();
  }

  @Override
  public long timestamp() {
    return EntryOrder.timestamp(entry.tag());
  }

  @Override
  public EntryKind kind() {
    return EntryOrder.kind(entry.tag());
  }

  @Override
  public byte[] valueBuffer() {
    return entry.valueBuffer();
  }

  @Override
  public int valueOffset() {
    return entry.valueOffset();
  }

  @Override
  public int valueLength() {
    return entry.valueLength();
  }

  @Override
  public void close() {
    ordinal = -1;
  }
}
