package org.ferrisdb.storage.memtable;

import java.util.Arrays;

/**
 * Where a {@link TrieMemtable} keeps its nodes, leaves and versions: pieces of a few ints each, one
 * after the other in arrays (slabs) that are never copied. One array that grew would be copied a
 * dozen times until the memtable is full, the last times for tens of milliseconds while a writer
 * waits, and the collector would copy what is left of them.
 *
 * <pre>
 *   address, 31 bits:  | slab, 15 bits | offset in the slab, 16 bits |
 * </pre>
 *
 * <p>Slabs begin small, because most shards are small, and double up to 256 KiB. No piece lies in
 * two of them. Address 0 is not given to anybody: it stands for none.
 *
 * <p>One thread allocates and writes. Others may read what is behind an address that they got from
 * it by a release store and an acquire load.
 */
final class WordLog {
  private static final int OFFSET_BITS = 16;
  private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
  private static final int MAX_SLAB_WORDS = 1 << OFFSET_BITS;
  private static final int MIN_SLAB_WORDS = 1 << 8;
  private static final int MAX_SLABS = 1 << 15;

  /**
   * Replaced when it is full, never changed where a reader may look. Volatile, because a reader may
   * come upon the replacement by a race, and must find in it what it had found in the one before.
   */
  private volatile int[][] slabs = new int[8][];

  private int count;
  private int room;
  private int used = 1;
  private long held;

  WordLog() {
    addSlab(MIN_SLAB_WORDS);
  }

  /**
   * The address of so many words, all 0.
   *
   * @param words at most 512, those of the second smallest slab
   */
  int allocate(int words) {
    if (used + words > room) {
      addSlab(Math.min(2 * room, MAX_SLAB_WORDS));
      used = 0;
    }
    int address = (count - 1) << OFFSET_BITS | used;
    used += words;
    return address;
  }

  private void addSlab(int words) {
    if (count == MAX_SLABS) {
      throw new IllegalStateException("a memtable holds at most " + MAX_SLABS + " slabs of words");
    }
    int[][] directory = slabs;
    if (count == directory.length) {
      directory = Arrays.copyOf(directory, 2 * count);
    }
    directory[count++] = new int[words];
    slabs = directory;
    room = words;
    held += 4L * words;
  }

  /** The array in which the address is. */
  int[] slab(int address) {
    return slabs[address >>> OFFSET_BITS];
  }

  /** Where in its array it is. */
  static int offset(int address) {
    return address & OFFSET_MASK;
  }

  /** Bytes of all slabs. For the allocating thread. */
  long held() {
    return held;
  }
}
