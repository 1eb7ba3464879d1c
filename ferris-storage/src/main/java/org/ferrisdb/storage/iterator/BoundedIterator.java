package org.ferrisdb.storage.iterator;

import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Shows the part of a source that lies in a range: of a table that an engine shares with another,
 * its own part. Not thread-safe; closing it closes the source.
 */
public final class BoundedIterator implements EntryIterator {
  private final EntryIterator entries;
  private final KeyRange range;
  private boolean inside;

  private BoundedIterator(EntryIterator entries, KeyRange range) {
    this.entries = entries;
    this.range = range;
  }

  /** The part of the entries that lies in the range. */
  public static EntryIterator of(EntryIterator entries, @Nullable KeyRange range) {
    if (range == null || (range.from() == null && range.to() == null)) {
      return entries;
    }
    return new BoundedIterator(entries, range);
  }

  private void look() {
    look(entries.valid());
  }

  private boolean look(boolean valid) {
    inside = valid && range.contains(entries.entry().keyBuffer(), entries.entry().keyLength());
    return inside;
  }

  @Override
  public boolean valid() {
    return inside;
  }

  @Override
  public void seekFirst() {
    byte @Nullable [] from = range.from();
    if (from == null) {
      entries.seekFirst();
    } else {
      entries.seek(from, Long.MAX_VALUE);
    }
    look();
  }

  @Override
  public void seekLast() {
    byte @Nullable [] to = range.to();
    if (to == null) {
      entries.seekLast();
    } else {
      entries.seekBefore(to);
    }
    look();
  }

  @Override
  public void seek(byte[] key, long timestamp) {
    if (isBeforeRange(key)) {
      seekFirst();
    } else {
      entries.seek(key, timestamp);
      look();
    }
  }

  @Override
  public void seekBefore(byte[] key) {
    if (range.contains(key, key.length) || isBeforeRange(key)) {
      entries.seekBefore(key);
      look();
    } else {
      seekLast();
    }
  }

  private boolean isBeforeRange(byte[] key) {
    return !new KeyRange(range.from(), null).contains(key, key.length);
  }

  @Override
  public boolean next() {
    return look(entries.next());
  }

  @Override
  public boolean prev() {
    return look(entries.prev());
  }

  @Override
  public Entry entry() {
    return entries.entry();
  }

  @Override
  public void close() {
    inside = false;
    entries.close();
  }
}
