package org.ferrisdb.storage.iterator;

import java.util.Arrays;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.sstable.ValueResolver;
import org.jspecify.annotations.Nullable;

/**
 * Makes of all versions of all keys what a reader at one timestamp sees: of each key the newest
 * version at or below it, if that is a value.
 *
 * <p>A range tombstone hides a version that is older than it, see {@link RangeTombstones}.
 *
 * <p>Forward, the versions of a key come newest first, so the first one old enough decides.
 * Backward they come oldest first, so the last one old enough does, and it is known only when the
 * next key is met.
 */
public final class VisibleCursor implements EntryCursor {
  private final MergingIterator entries;
  private final boolean forward;
  private final byte @Nullable [] from;
  private final byte @Nullable [] to;
  private final long readTimestamp;
  private final RangeTombstones hidden;
  private final ValueResolver values;
  private final Runnable whenClosed;

  private boolean started;
  private boolean closed;
  private boolean onEntry;
  private boolean broken; // whoever asked again might miss entries
  private byte[] key = new byte[64];
  private int keyLength = -1; // -1 before the first key
  private long timestamp;
  private byte[] valueBuffer = key;
  private int valueOffset;
  private int valueLength;
  private boolean apart;

  /**
   * A cursor over a range.
   *
   * @param hidden the range tombstones that lie in it
   * @param values finds values that lie apart, when they are asked for
   * @param whenClosed gives back what the entries read from
   */
  public VisibleCursor(
      MergingIterator entries,
      boolean forward,
      KeyRange range,
      long readTimestamp,
      RangeTombstones hidden,
      ValueResolver values,
      Runnable whenClosed) {
    this.entries = entries;
    this.forward = forward;
    this.from = range.from();
    this.to = range.to();
    this.readTimestamp = readTimestamp;
    this.hidden = hidden;
    this.values = values;
    this.whenClosed = whenClosed;
  }

  @Override
  public boolean next() {
    if (closed) {
      throw new IllegalStateException("the cursor is closed");
    }
    if (broken) {
      throw new IllegalStateException("the cursor broke off before; open another one");
    }
    onEntry = false;
    broken = true; // until this step has come to its end
    if (!started) {
      started = true;
      start();
    }
    onEntry = forward ? nextForward() : nextBackward();
    broken = false;
    return onEntry;
  }

  private void start() {
    if (forward && from != null) {
      entries.seek(from, Long.MAX_VALUE);
    } else if (!forward && to != null) {
      entries.seekBefore(to);
    } else {
      entries.seekStart();
    }
  }

  private boolean nextForward() {
    while (entries.valid()) {
      Entry entry = entries.current();
      if (to != null && Bytes.compare(entry.keyBuffer(), entry.keyLength(), to, to.length) >= 0) {
        return false;
      }
      if (entry.timestamp() <= readTimestamp && !isKey(entry)) {
        takeKey(entry);
        takeVersion(entry);
        boolean live = entry.kind() == EntryKind.PUT;
        entries.advance();
        if (live && !isHidden()) {
          return true;
        }
      } else {
        entries.advance();
      }
    }
    return false;
  }

  private boolean nextBackward() {
    while (entries.valid()) {
      Entry entry = entries.current();
      if (from != null
          && Bytes.compare(entry.keyBuffer(), entry.keyLength(), from, from.length) < 0) {
        return false;
      }
      takeKey(entry);
      boolean live = false;
      do {
        entry = entries.current();
        if (!isKey(entry)) {
          break;
        }
        if (entry.timestamp() <= readTimestamp) {
          takeVersion(entry);
          live = entry.kind() == EntryKind.PUT;
        }
        entries.advance();
      } while (entries.valid());
      if (live && !isHidden()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a range tombstone hides the version that was taken last. */
  private boolean isHidden() {
    return !hidden.isEmpty()
        && hidden.newest(key, keyLength, readTimestamp, Long.MAX_VALUE) > timestamp;
  }

  private boolean isKey(Entry entry) {
    return entry.hasKey(key, keyLength);
  }

  private void takeKey(Entry entry) {
    keyLength = entry.keyLength();
    if (key.length < keyLength) {
      key = new byte[keyLength * 2];
    }
    System.arraycopy(entry.keyBuffer(), 0, key, 0, keyLength);
  }

  private void takeVersion(Entry entry) {
    timestamp = entry.timestamp();
    valueBuffer = entry.valueBuffer(); // value buffers never change, so no copy yet
    valueOffset = entry.valueOffset();
    valueLength = entry.valueLength();
    apart = entry.isApart();
  }

  private void requireEntry() {
    if (!onEntry) {
      throw new IllegalStateException("the cursor stands on no entry");
    }
  }

  @Override
  public byte[] key() {
    requireEntry();
    return Arrays.copyOf(key, keyLength);
  }

  @Override
  public byte[] value() {
    requireEntry();
    if (apart) {
      return values.resolve(valueBuffer, valueOffset, valueLength).clone();
    }
    return Arrays.copyOfRange(valueBuffer, valueOffset, valueOffset + valueLength);
  }

  @Override
  public long timestamp() {
    requireEntry();
    return timestamp;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      onEntry = false;
      entries.close();
      whenClosed.run();
    }
  }
}
