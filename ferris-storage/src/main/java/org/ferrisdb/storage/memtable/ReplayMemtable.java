package org.ferrisdb.storage.memtable;

import java.util.Arrays;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.jspecify.annotations.Nullable;

/**
 * A memtable for recovery, which is filled first and read once, when it is flushed. It only notes
 * where in the log's own bytes each entry lies, and sorts the notes when it is asked for its
 * entries ({@link KeySort}): that takes a fraction of keeping them sorted at every moment, which
 * nobody looks at. RocksDB has the like for bulk loads ("vector memtable").
 *
 * <p>Unlike the others it is for one thread at a time, and who hands it to another must publish it.
 *
 * <pre>
 *   note   0 which array   1 where its key begins     2 the key's length
 *          3 where its value begins                   4 kind and length of the value
 *          5 sequence, from the first one in this memtable on
 * </pre>
 */
public final class ReplayMemtable implements Memtable {
  private static final int KEY = 1;
  private static final int KEY_LENGTH = 2;
  private static final int VALUE = 3;
  private static final int VALUE_LENGTH = 4;
  private static final int SEQUENCE = 5;
  private static final int NOTE_WORDS = 6;

  private static final int PUT_BIT = 1 << 31;
  private static final int FIRST_NOTES = 64;

  /** Of an entry: its note, its timestamp, its place in the order. */
  private static final int NOTE_BYTES = 4 * NOTE_WORDS + 8 + 4;

  private byte[][] arrays = new byte[8][];
  private int arrayCount;
  private int[] notes = new int[FIRST_NOTES * NOTE_WORDS];
  private long[] timestamps = new long[FIRST_NOTES];
  private int count;
  private long firstSequence;
  private long bytes;
  private int[] order = {};
  private final RangeBuffer ranges = new RangeBuffer();

  @Override
  public void add(byte[] key, long timestamp, long sequence, EntryKind kind, byte[] value) {
    byte[] both = Arrays.copyOf(key, key.length + value.length);
    System.arraycopy(value, 0, both, key.length, value.length);
    add(both, 0, key.length, timestamp, sequence, kind, key.length, value.length);
  }

  /** Adds an entry whose key and value are slices of an array that does not change any more. */
  public void add(
      byte[] array,
      int key,
      int keyLength,
      long timestamp,
      long sequence,
      EntryKind kind,
      int value,
      int valueLength) {
    if (count == 0) {
      firstSequence = sequence;
    }
    if (count == timestamps.length) {
      timestamps = Arrays.copyOf(timestamps, 2 * count);
      notes = Arrays.copyOf(notes, 2 * count * NOTE_WORDS);
    }
    int note = count * NOTE_WORDS;
    notes[note] = indexOf(array);
    notes[note + KEY] = key;
    notes[note + KEY_LENGTH] = keyLength;
    notes[note + VALUE] = value;
    notes[note + VALUE_LENGTH] = valueLength | (kind == EntryKind.PUT ? PUT_BIT : 0);
    notes[note + SEQUENCE] = Math.toIntExact(sequence - firstSequence);
    timestamps[count++] = timestamp;
    bytes += NOTE_BYTES + keyLength + valueLength;
  }

  /** Entries of one array come one after the other. */
  @SuppressWarnings("ReferenceEquality") // it is about the array, not its content
  private int indexOf(byte[] array) {
    if (arrayCount == 0 || arrays[arrayCount - 1] != array) {
      if (arrayCount == arrays.length) {
        arrays = Arrays.copyOf(arrays, 2 * arrayCount);
      }
      arrays[arrayCount++] = array;
    }
    return arrayCount - 1;
  }

  // ---- of an entry, by its number, from 0 in the order in which they came

  byte[] array(int entry) {
    return arrays[notes[entry * NOTE_WORDS]];
  }

  int key(int entry) {
    return notes[entry * NOTE_WORDS + KEY];
  }

  int keyLength(int entry) {
    return notes[entry * NOTE_WORDS + KEY_LENGTH];
  }

  long timestamp(int entry) {
    return timestamps[entry];
  }

  private long sequence(int entry) {
    return firstSequence + notes[entry * NOTE_WORDS + SEQUENCE];
  }

  private int value(int entry) {
    return notes[entry * NOTE_WORDS + VALUE];
  }

  private int valueLength(int entry) {
    return notes[entry * NOTE_WORDS + VALUE_LENGTH] & ~PUT_BIT;
  }

  private EntryKind kind(int entry) {
    return notes[entry * NOTE_WORDS + VALUE_LENGTH] < 0 ? EntryKind.PUT : EntryKind.TOMBSTONE;
  }

  private byte[] valueCopy(int entry) {
    return Arrays.copyOfRange(array(entry), value(entry), value(entry) + valueLength(entry));
  }

  /**
   * The order of the entry and a position: key ascending, timestamp descending. Of one version that
   * was written twice the later writing comes first; they are equal here.
   */
  private int compare(int entry, byte[] key, long timestamp) {
    int from = key(entry);
    int keys =
        Arrays.compareUnsigned(array(entry), from, from + keyLength(entry), key, 0, key.length);
    return keys != 0 ? keys : Long.compare(timestamp, timestamps[entry]);
  }

  // ---- reading

  /** The numbers of all entries, in order. */
  private int[] order() {
    if (order.length != count) {
      order = KeySort.sorted(this, count);
    }
    return order;
  }

  @Override
  public void addRange(RangeTombstone range, long sequence) {
    ranges.add(range, sequence);
  }

  @Override
  public RangeTombstones ranges(long sequence) {
    return ranges.visibleAt(sequence);
  }

  @Override
  public boolean isFull(long limit) {
    return bytes() >= limit || ranges.isFull();
  }

  @Override
  public @Nullable Versioned get(byte[] key, long timestamp, long sequence) {
    return ranges.hide(find(key, timestamp, sequence), key, timestamp, sequence);
  }

  private @Nullable Versioned find(byte[] key, long timestamp, long sequence) {
    int[] sorted = order();
    for (int at = ceiling(sorted, key, timestamp); at < sorted.length; at++) {
      int entry = sorted[at];
      if (compare(entry, key, timestamps[entry]) != 0) {
        return null;
      }
      if (sequence(entry) <= sequence) {
        return new Versioned(timestamps[entry], kind(entry), valueCopy(entry));
      }
    }
    return null;
  }

  /** The first place in the order that is not before the position. */
  private int ceiling(int[] sorted, byte[] key, long timestamp) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(sorted[middle], key, timestamp) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public EntryIterator iterator(long sequence) {
    return new NoteIterator(order(), sequence);
  }

  @Override
  public long bytes() {
    return bytes + ranges.bytes();
  }

  @Override
  public boolean isEmpty() {
    return count == 0 && ranges.isEmpty();
  }

  private final class NoteIterator implements EntryIterator {
    private final int[] sorted;
    private final long visible;
    private final Entry entry = new Entry();
    private int at;

    /** Which the entry shows; -1: none yet. */
    private int shown = -1;

    NoteIterator(int[] sorted, long visible) {
      this.sorted = sorted;
      this.visible = visible;
      this.at = sorted.length;
    }

    private void goTo(int place, int step) {
      at = place;
      while (valid() && sequence(sorted[at]) > visible) {
        at += step;
      }
    }

    private int current() {
      if (!valid()) {
        throw new IllegalStateException("the iterator stands on no entry");
      }
      return sorted[at];
    }

    @Override
    public boolean valid() {
      return at >= 0 && at < sorted.length;
    }

    @Override
    public void seekFirst() {
      goTo(0, 1);
    }

    @Override
    public void seekLast() {
      goTo(sorted.length - 1, -1);
    }

    @Override
    public void seek(byte[] target, long timestamp) {
      goTo(ceiling(sorted, target, timestamp), 1);
    }

    @Override
    public void seekBefore(byte[] target) {
      goTo(ceiling(sorted, target, Long.MAX_VALUE) - 1, -1);
    }

    @Override
    public boolean next() {
      int _ = current();
      goTo(at + 1, 1);
      return valid();
    }

    @Override
    public boolean prev() {
      int _ = current();
      goTo(at - 1, -1);
      return valid();
    }

    @Override
    public Entry entry() {
      int here = current();
      if (here != shown) {
        int length = keyLength(here);
        System.arraycopy(array(here), key(here), entry.newKey(length, 0), 0, length);
        entry.useVersion(
            EntryOrder.tag(timestamps[here], kind(here)),
            array(here),
            value(here),
            valueLength(here));
        shown = here;
      }
      return entry;
    }

    @Override
    public void close() {
      at = sorted.length;
    }
  }
}
