package org.ferrisdb.storage.sstable;

import java.util.Arrays;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.RangeTombstones;
import org.jspecify.annotations.Nullable;

/**
 * A block in memory, its checksum verified, ready to be searched; {@link BlockBuilder} draws the
 * bytes. Immutable.
 */
final class Block {
  /** Of the first varint of an entry as {@link #varint} packs it: the value lies apart. */
  static final int APART = 1 << 4;

  private static final byte[] NOTHING = {};

  /** Without an entry. */
  static final Block EMPTY = new Block(new byte[4], "no file", 0);

  final byte[] data;

  /** Where the entries end and the restarts begin. */
  final int entriesEnd;

  final int restartCount;

  /**
   * Takes the bytes over and looks once at every length in them, so that nobody who searches or
   * walks the block must doubt one: the right checksum only says that these bytes were written.
   *
   * @param name of the file
   * @param offset of the block in it
   */
  Block(byte[] data, String name, long offset) {
    this.data = data;
    int count = data.length < 4 ? -1 : Bytes.getInt(data, data.length - 4);
    if (count < 0 || count > (data.length - 4) / 4) {
      throw new StorageException.Corruption(
          name + ": block at offset " + offset + " with " + count + " restarts");
    }
    this.restartCount = count;
    this.entriesEnd = data.length - 4 - 4 * count;
    int bad = firstBadEntry();
    if (bad >= 0) {
      throw new StorageException.Corruption(
          name + ": block at offset " + offset + " makes no sense from its byte " + bad + " on");
    }
  }

  /** Where the first entry is that can not be right; -1 if all fill the block as they should. */
  private int firstBadEntry() {
    int at = 0;
    int restart = 0;
    long keyLength = 0;
    try {
      while (at < entriesEnd) {
        int position = at;
        long packed = varint(data, position);
        position += (int) (packed & 15);
        long shared = packed >>> 5;
        if (restart < restartCount && restart(restart) == at) {
          restart++;
          if ((packed & ~APART) != 1) { // one byte, which binary search skips unseen
            return at;
          }
        } else if (at == 0 || shared > keyLength) {
          return at;
        }
        packed = varint(data, position);
        position += (int) (packed & 15);
        long unshared = packed >>> 4;
        packed = varint(data, position);
        position += (int) (packed & 15);
        long room = entriesEnd - position - Long.BYTES - unshared;
        if (room < 0 || packed >>> 4 > room) {
          return at;
        }
        keyLength = shared + unshared;
        at = (int) (entriesEnd - room + (packed >>> 4));
      }
    } catch (IndexOutOfBoundsException e) { // a varint that goes on past the end
      return at;
    }
    return restart == restartCount ? -1 : at;
  }

  /** A varint at the position, packed as {@code value << 4 | length}. */
  static long varint(byte[] data, int position) {
    int first = data[position];
    if (first >= 0) {
      return (long) first << 4 | 1;
    }
    long value = first & 0x7F;
    int length = 1;
    int next;
    do {
      next = data[position + length];
      value |= (long) (next & 0x7F) << (7 * length);
      length++;
    } while (next < 0 && length < 10);
    return value << 4 | length;
  }

  int restart(int index) {
    return Bytes.getInt(data, entriesEnd + 4 * index);
  }

  /**
   * The first restart point of [from, to) at or after (key, timestamp), {@code to} if none is. In
   * an index block that is the ordinal of the only data block that can hold the position.
   */
  int firstRestartAtOrAfter(byte[] key, long timestamp, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compareAtRestart(middle, key, timestamp) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int compareAtRestart(int index, byte[] key, long timestamp) {
    int at = restart(index) + 1; // nothing is shared: one byte
    long unshared = varint(data, at);
    at += (int) (unshared & 15);
    at += (int) (varint(data, at) & 15);
    int from = at + 8;
    int order =
        Arrays.compareUnsigned(data, from, from + (int) (unshared >>> 4), key, 0, key.length);
    return order != 0
        ? order
        : Long.compare(timestamp, EntryOrder.timestamp(Bytes.getLong(data, at)));
  }

  /** Offset of the entry from which a forward scan meets the position: 0 or a restart before it. */
  int scanStart(byte[] key, long timestamp) {
    int first = firstRestartAtOrAfter(key, timestamp, 0, restartCount);
    return first == 0 ? 0 : restart(first - 1);
  }

  /**
   * The newest version of the key at or below the timestamp, or null if this block has none.
   *
   * <p>No key is put together for this. While the scan is below the target, {@code matched} is how
   * many bytes the entry before had in common with it. An entry that shares more than that with its
   * predecessor differs from the target at the same byte: still below. One that shares less is
   * already above. Only one that shares exactly as much needs a comparison, and only from there on.
   *
   * @param ranges of the table: a value that they hide is not looked for where it lies apart, nor
   *     is it in what is returned
   * @param values finds the others
   */
  @Nullable Versioned get(
      byte[] key, long timestamp, RangeTombstones ranges, ValueResolver values) {
    int at = scanStart(key, timestamp);
    int matched = 0;
    while (at < entriesEnd) {
      long packed = varint(data, at);
      boolean apart = (packed & APART) != 0;
      int shared = (int) (packed >>> 5);
      at += (int) (packed & 15);
      packed = varint(data, at);
      int unshared = (int) (packed >>> 4);
      at += (int) (packed & 15);
      packed = varint(data, at);
      int valueLength = (int) (packed >>> 4);
      at += (int) (packed & 15);
      int suffix = at + 8;
      if (shared == 0) {
        matched = 0; // a restart point, where the prefix in common is not written down
      }
      if (shared < matched) {
        return null;
      }
      if (shared == matched) {
        int differs = Arrays.mismatch(data, suffix, suffix + unshared, key, matched, key.length);
        if (differs < 0) {
          long tag = Bytes.getLong(data, at);
          if (EntryOrder.timestamp(tag) <= timestamp) {
            int value = suffix + unshared;
            return apart
                ? versionApart(key, timestamp, tag, ranges, values, value, valueLength)
                : new Versioned(
                    EntryOrder.timestamp(tag),
                    EntryOrder.kind(tag),
                    Arrays.copyOfRange(data, value, value + valueLength));
          }
          matched = key.length;
        } else {
          if (differs < unshared
              && (matched + differs == key.length
                  || Byte.compareUnsigned(data[suffix + differs], key[matched + differs]) > 0)) {
            return null;
          }
          matched += differs;
        }
      }
      at = suffix + unshared + valueLength;
    }
    return null;
  }

  private Versioned versionApart(
      byte[] key,
      long readTimestamp,
      long tag,
      RangeTombstones ranges,
      ValueResolver values,
      int offset,
      int length) {
    long timestamp = EntryOrder.timestamp(tag);
    boolean hidden =
        !ranges.isEmpty()
            && ranges.newest(key, key.length, readTimestamp, Long.MAX_VALUE) > timestamp;
    return new Versioned(
        timestamp, EntryOrder.kind(tag), hidden ? NOTHING : values.resolve(data, offset, length));
  }

  /** Whether the entry that begins there has a {@link ValueReference} in the place of its value. */
  boolean isApart(int entry) {
    return (data[entry] & 1) != 0; // the lowest bit of its first varint
  }
}
