package org.ferrisdb.storage.sstable;

import java.util.Arrays;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.key.Entry;

/**
 * The index of an open table: which data block can hold a key. It is a block whose entries are the
 * last entries of the data blocks, and beside it, made when the table is opened, eight bytes of
 * each key as a number, from where the first and the last key differ on:
 *
 * <pre>
 *   keys       user/0000417  user/0000981  user/0001503      all begin with "user/000"
 *   numbers        "0417"        "0981"        "1503"
 * </pre>
 *
 * <p>Searching an array of numbers touches few cache lines, where every step of a search through
 * the block touches two; only among equal numbers the keys themselves are compared. Immutable.
 */
final class TableIndex {
  private final Block block;
  private final String name;
  private final byte[] common; // what all keys begin with
  private final long[] numbers;

  TableIndex(Block block, String name) {
    this.block = block;
    this.name = name;
    this.numbers = new long[block.restartCount];
    BlockIterator entries = new BlockIterator(block);
    Entry entry = entries.entry();
    byte[] shared = {};
    if (numbers.length > 0) {
      entries.seekRestart(numbers.length - 1);
      byte[] last = entry.keyCopy();
      entries.seekRestart(0);
      int differs = Arrays.mismatch(entry.keyBuffer(), 0, entry.keyLength(), last, 0, last.length);
      shared = differs < 0 ? last : Arrays.copyOf(last, differs);
    }
    this.common = shared;
    for (int i = 0; i < numbers.length; i++) {
      entries.seekRestart(i);
      numbers[i] = number(entry.keyBuffer(), entry.keyLength(), common.length);
    }
  }

  /** How many data blocks there are. */
  int count() {
    return numbers.length;
  }

  /** Where a data block is. */
  TableFormat.BlockHandle handle(int ordinal) {
    BlockIterator entries = new BlockIterator(block);
    entries.seekRestart(ordinal);
    Entry entry = entries.entry();
    int end = entry.valueOffset() + entry.valueLength();
    return TableFormat.BlockHandle.decode(
        new ByteSource(block.data, entry.valueOffset(), end, name), "block");
  }

  /**
   * The ordinal of the only data block that can hold the first entry at or after (key, timestamp);
   * the number of blocks if none can.
   */
  int find(byte[] key, long timestamp) {
    int differs = Arrays.mismatch(key, 0, key.length, common, 0, common.length);
    if (differs >= 0 && differs < common.length) {
      boolean before =
          differs == key.length || Byte.compareUnsigned(key[differs], common[differs]) < 0;
      return before ? 0 : numbers.length;
    }
    long number = number(key, key.length, common.length);
    int low = firstNotBelow(number, 0);
    if (low == numbers.length || numbers[low] != number) {
      return low;
    }
    int high = number == -1L ? numbers.length : firstNotBelow(number + 1, low);
    return block.firstRestartAtOrAfter(key, timestamp, low, high);
  }

  /** The first of the numbers, from there on, that is not below the given one; unsigned. */
  private int firstNotBelow(long number, int from) {
    long sought = number + Long.MIN_VALUE;
    int low = from;
    int high = numbers.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (numbers[middle] + Long.MIN_VALUE < sought) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Up to eight bytes from there on, the missing ones as zeros: in the order of the keys. */
  private static long number(byte[] key, int length, int from) {
    if (length - from >= Long.BYTES) {
      return Bytes.getLong(key, from);
    }
    long number = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      number = number << 8 | (from + i < length ? key[from + i] & 0xFF : 0);
    }
    return number;
  }
}
