package org.ferrisdb.storage.memtable;

import java.util.Arrays;
import java.util.Comparator;
import org.ferrisdb.storage.io.Bytes;

/**
 * Sorts the entries of a {@link ReplayMemtable}: key ascending, timestamp descending, and of a
 * version that was written twice the later writing first.
 *
 * <p>Bytes that all keys share are skipped; of what follows, a window of seven bytes is taken into
 * a word, and the words are sorted byte by byte from the last to the first (a radix sort, Knuth,
 * The Art of Computer Programming 3, 5.2.5): no branch that the processor could guess wrong, and no
 * look at a key. Where windows are the same it goes on behind them.
 *
 * <pre>
 *   word:  | 7 bytes of the key, zeros behind its end | bytes left in the key, 8 for more than 7 |
 * </pre>
 *
 * <p>The last byte puts a key before all that it is the beginning of, and tells keys that end here,
 * and so are the same, from those that go on.
 */
final class KeySort {
  private static final int WINDOW_BYTES = 7;
  private static final int GOES_ON = WINDOW_BYTES + 1;

  /** Fewer are sorted by comparing them. */
  private static final int FEW = 32;

  private final ReplayMemtable entries;
  private final int[] order;
  private final int[] otherOrder;
  private final long[] windows;
  private final long[] otherWindows;

  private KeySort(ReplayMemtable entries, int count) {
    this.entries = entries;
    this.order = new int[count];
    this.otherOrder = new int[count];
    this.windows = new long[count];
    this.otherWindows = new long[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
  }

  /** The numbers of the entries from 0 to the count, in order. */
  static int[] sorted(ReplayMemtable entries, int count) {
    KeySort sort = new KeySort(entries, count);
    sort.sort(0, count, 0);
    return sort.order;
  }

  /** Sorts a range, in which numbers rise and keys are the same for `depth` bytes. */
  private void sort(int from, int to, int depth) {
    if (to - from <= FEW) {
      sortFew(from, to);
      return;
    }
    int shared = shared(from, to, depth);
    for (int i = from; i < to; i++) {
      windows[i] = window(order[i], shared);
    }
    sortByWindow(from, to);
    for (int start = from; start < to; ) {
      long window = windows[start];
      int end = start + 1;
      while (end < to && windows[end] == window) {
        end++;
      }
      if ((window & 0xff) != GOES_ON) {
        sortVersions(start, end);
      } else {
        sort(start, end, shared + WINDOW_BYTES);
      }
      start = end;
    }
  }

  /** With how many bytes all keys of the range begin alike, at least the depth. */
  private int shared(int from, int to, int depth) {
    byte[] first = entries.array(order[from]);
    int key = entries.key(order[from]);
    int shared = entries.keyLength(order[from]);
    for (int i = from + 1; i < to && shared > depth; i++) {
      int other = entries.key(order[i]);
      int length = Math.min(shared, entries.keyLength(order[i]));
      int differs =
          Arrays.mismatch(first, key, key + length, entries.array(order[i]), other, other + length);
      shared = differs < 0 ? length : differs;
    }
    return shared;
  }

  private long window(int entry, int depth) {
    byte[] array = entries.array(entry);
    int at = entries.key(entry) + depth;
    int left = entries.keyLength(entry) - depth;
    int count = Math.min(left, WINDOW_BYTES);
    long window = 0;
    if (at + Long.BYTES <= array.length) {
      window = count == 0 ? 0 : Bytes.getLong(array, at) & -1L << (Long.SIZE - Byte.SIZE * count);
    } else {
      for (int i = 0; i < count; i++) {
        window |= (array[at + i] & 0xffL) << (Long.SIZE - Byte.SIZE * (i + 1));
      }
    }
    return window | Math.min(left, GOES_ON);
  }

  private void sortByWindow(int from, int to) {
    int[][] counts = new int[Long.BYTES][256];
    for (int i = from; i < to; i++) {
      long window = windows[i];
      for (int digit = 0; digit < Long.BYTES; digit++) {
        counts[digit][(int) (window >>> (Byte.SIZE * digit)) & 0xff]++;
      }
    }
    for (int digit = 0; digit < Long.BYTES; digit++) {
      int[] places = counts[digit];
      int shift = Byte.SIZE * digit;
      if (places[(int) (windows[from] >>> shift) & 0xff] < to - from) { // else all have the same
        sortByDigit(from, to, shift, places);
      }
    }
  }

  private void sortByDigit(int from, int to, int shift, int[] places) {
    int place = from;
    for (int value = 0; value < places.length; value++) {
      int many = places[value];
      places[value] = place;
      place += many;
    }
    for (int i = from; i < to; i++) {
      int target = places[(int) (windows[i] >>> shift) & 0xff]++;
      otherWindows[target] = windows[i];
      otherOrder[target] = order[i];
    }
    System.arraycopy(otherWindows, from, windows, from, to - from);
    System.arraycopy(otherOrder, from, order, from, to - from);
  }

  private void sortFew(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      int entry = order[i];
      int at = i;
      while (at > from && compare(entry, order[at - 1]) < 0) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = entry;
    }
  }

  private int compare(int a, int b) {
    int keyA = entries.key(a);
    int keyB = entries.key(b);
    int keys =
        Arrays.compareUnsigned(
            entries.array(a),
            keyA,
            keyA + entries.keyLength(a),
            entries.array(b),
            keyB,
            keyB + entries.keyLength(b));
    return keys != 0 ? keys : compareVersions(a, b);
  }

  private int compareVersions(int a, int b) {
    int timestamps = Long.compare(entries.timestamp(b), entries.timestamp(a));
    return timestamps != 0 ? timestamps : Integer.compare(b, a);
  }

  /**
   * Sorts versions of one key, whose numbers rise: nearly always they came in the order of time.
   */
  private void sortVersions(int from, int to) {
    for (int low = from, high = to - 1; low < high; low++, high--) {
      int entry = order[low];
      order[low] = order[high];
      order[high] = entry;
    }
    boolean inOrder = true;
    for (int i = from + 1; i < to && inOrder; i++) {
      inOrder = compareVersions(order[i - 1], order[i]) < 0;
    }
    if (!inOrder) {
      Integer[] boxed = new Integer[to - from];
      Arrays.setAll(boxed, i -> order[from + i]);
      Comparator<Integer> versions = this::compareVersions;
      Arrays.sort(boxed, versions);
      for (int i = from; i < to; i++) {
        order[i] = boxed[i - from];
      }
    }
  }
}
