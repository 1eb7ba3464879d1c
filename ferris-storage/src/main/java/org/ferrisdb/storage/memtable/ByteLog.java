package org.ferrisdb.storage.memtable;

import java.util.Arrays;

/**
 * Where a memtable keeps the bytes of its keys and values: one after the other in a few large
 * arrays (slabs), so that the collector sees a handful of objects instead of one for each entry.
 *
 * <pre>
 *   address, 31 bits:  | slab, 13 bits | offset in the slab, 18 bits |
 * </pre>
 *
 * <p>Slabs begin small, because most shards are small, and double up to 256 KiB. What would waste
 * much of one gets a slab of its own size. Nothing is ever changed or moved.
 *
 * <p>One thread appends. Others may read what is behind an address that they got from it by a
 * release store and an acquire load.
 */
final class ByteLog {
  private static final int OFFSET_BITS = 18;
  private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;
  private static final int MAX_SLAB_BYTES = 1 << OFFSET_BITS;
  private static final int MIN_SLAB_BYTES = 1 << 10;
  private static final int MAX_SLABS = 1 << 13;

  /** Longer pieces do not share a slab. */
  private static final int SHARED_BYTES = MAX_SLAB_BYTES / 8;

  /**
   * A log of so many bytes has room for a batch more, whatever its pieces: the shortest that do not
   * share a slab are an eighth of one.
   */
  static final long MAX_BYTES = (long) MAX_SLABS * SHARED_BYTES - (16 << 20);

  private static final byte[] NONE = {};

  /**
   * Replaced when it is full, never changed where a reader may look. Volatile, because a reader may
   * come upon the replacement by a race, and must find in it what it had found in the one before.
   */
  private volatile byte[][] slabs = new byte[8][];

  private int count;
  private byte[] current = NONE;
  private int currentIndex;
  private int used;
  private long held;

  /** Appends the bytes and returns their address. */
  int append(byte[] bytes) {
    if (bytes.length > SHARED_BYTES) {
      int slab = addSlab(bytes.clone());
      return slab << OFFSET_BITS;
    }
    if (used + bytes.length > current.length) {
      int next = Math.clamp(2L * current.length, MIN_SLAB_BYTES, MAX_SLAB_BYTES);
      byte[] slab = new byte[Math.max(next, bytes.length)];
      currentIndex = addSlab(slab);
      current = slab;
      used = 0;
    }
    int address = currentIndex << OFFSET_BITS | used;
    System.arraycopy(bytes, 0, current, used, bytes.length);
    used += bytes.length;
    return address;
  }

  private int addSlab(byte[] slab) {
    if (count == MAX_SLABS) {
      throw new IllegalStateException("a memtable holds at most " + MAX_SLABS + " slabs");
    }
    byte[][] directory = slabs;
    if (count == directory.length) {
      directory = Arrays.copyOf(directory, 2 * count);
      slabs = directory;
    }
    directory[count] = slab;
    held += slab.length;
    return count++;
  }

  /** The array in which the address is. */
  byte[] slab(int address) {
    return slabs[address >>> OFFSET_BITS];
  }

  /** Where in its array it is. */
  static int offset(int address) {
    return address & OFFSET_MASK;
  }

  /** Bytes of all slabs. For the appending thread. */
  long held() {
    return held;
  }
}
