package org.ferrisdb.storage.sstable;

import java.util.Arrays;
import java.util.Objects;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryOrder;
import org.jspecify.annotations.Nullable;

/**
 * Walks one block, both ways. Reusable for another block, so that a scan allocates one of it.
 *
 * <p>An entry only knows where it ends, and its key only what it does not share with the one
 * before. So who goes backward decodes all entries from the restart point on, once, and keeps them
 * until he has passed them.
 */
final class BlockIterator {
  private Block block;
  private int offset; // of the current entry; -1 when invalid
  private int nextOffset;
  private final Entry entry = new Entry();

  /** The entries from a restart point up to the current one, and which of them it is; -1: none. */
  private @Nullable Run run;

  private int place = -1;

  /** Decoded entries, one after the other. */
  private static final class Run {
    int count;
    int[] offsets = new int[16];
    int[] keyEnds = new int[16];
    long[] tags = new long[16];
    int[] valueOffsets = new int[16];
    int[] valueLengths = new int[16];
    byte[] keys = new byte[512];

    /** The keys, with room for one more of this length from there on. */
    byte[] roomForKey(int from, int length) {
      if (keys.length < from + length) {
        keys = Arrays.copyOf(keys, 2 * (from + length));
      }
      return keys;
    }

    void add(int offset, int keyEnd, long tag, int valueOffset, int valueLength) {
      if (count == offsets.length) {
        grow();
      }
      offsets[count] = offset;
      keyEnds[count] = keyEnd;
      tags[count] = tag;
      valueOffsets[count] = valueOffset;
      valueLengths[count] = valueLength;
      count++;
    }

    private void grow() {
      int larger = 2 * count;
      offsets = Arrays.copyOf(offsets, larger);
      keyEnds = Arrays.copyOf(keyEnds, larger);
      tags = Arrays.copyOf(tags, larger);
      valueOffsets = Arrays.copyOf(valueOffsets, larger);
      valueLengths = Arrays.copyOf(valueLengths, larger);
    }

    int keyStart(int at) {
      return at == 0 ? 0 : keyEnds[at - 1];
    }
  }

  BlockIterator(Block block) {
    this.block = block;
    this.offset = -1;
  }

  /** Turns to another block; invalid until positioned. */
  void use(Block other) {
    block = other;
    offset = -1;
    place = -1;
  }

  boolean valid() {
    return offset >= 0;
  }

  void seekFirst() {
    place = -1;
    boolean _ = readAt(0);
  }

  void seekRestart(int index) {
    place = -1;
    boolean _ = readAt(block.restart(index));
  }

  void seekLast() {
    if (block.restartCount == 0) {
      offset = -1;
      return;
    }
    collect(block.restart(block.restartCount - 1), block.entriesEnd);
  }

  void seek(byte[] target, long timestamp) {
    place = -1;
    boolean there = readAt(block.scanStart(target, timestamp));
    while (there
        && EntryOrder.compare(
                entry.keyBuffer(),
                entry.keyLength(),
                entry.timestamp(),
                target,
                target.length,
                timestamp)
            < 0) {
      there = readAt(nextOffset);
    }
  }

  void seekBefore(byte[] target) {
    seek(target, Long.MAX_VALUE);
    if (valid()) {
      boolean _ = prev();
    } else {
      seekLast();
    }
  }

  boolean next() {
    place = -1;
    return readAt(nextOffset);
  }

  boolean prev() {
    if (place > 0) {
      standOn(place - 1);
      return true;
    }
    int end = offset;
    if (end == 0) {
      offset = -1;
      return false;
    }
    int low = 0;
    int high = block.restartCount - 1;
    while (low < high) { // the last restart before the current entry
      int middle = (low + high + 1) >>> 1;
      if (block.restart(middle) < end) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    collect(block.restart(low), end);
    return true;
  }

  /** Decodes the entries from a restart point on up to the end, and stands on the last of them. */
  private void collect(int restart, int end) {
    Run into = run == null ? new Run() : run;
    run = into;
    into.count = 0;
    place = -1;
    byte[] data = block.data;
    int at = restart;
    int start = 0; // of the key before
    int keyEnd = 0;
    while (at < end) {
      int position = at;
      long packed = Block.varint(data, position);
      int shared = (int) (packed >>> 5);
      position += (int) (packed & 15);
      packed = Block.varint(data, position);
      int unshared = (int) (packed >>> 4);
      position += (int) (packed & 15);
      packed = Block.varint(data, position);
      int valueLength = (int) (packed >>> 4);
      position += (int) (packed & 15);
      long tag = Bytes.getLong(data, position);
      position += 8;
      byte[] keys = into.roomForKey(keyEnd, shared + unshared);
      System.arraycopy(keys, start, keys, keyEnd, shared);
      System.arraycopy(data, position, keys, keyEnd + shared, unshared);
      start = keyEnd;
      keyEnd += shared + unshared;
      position += unshared;
      into.add(at, keyEnd, tag, position, valueLength);
      at = position + valueLength;
    }
    if (into.count == 0) {
      offset = -1;
      return;
    }
    standOn(into.count - 1);
  }

  /** Goes to an entry that is decoded already. */
  private void standOn(int at) {
    Run from = Objects.requireNonNull(run);
    int start = from.keyStart(at);
    int keyLength = from.keyEnds[at] - start;
    System.arraycopy(from.keys, start, entry.newKey(keyLength, 0), 0, keyLength);
    offset = from.offsets[at];
    entry.useVersion(
        from.tags[at],
        block.data,
        from.valueOffsets[at],
        from.valueLengths[at],
        block.isApart(offset));
    nextOffset = from.valueOffsets[at] + from.valueLengths[at];
    place = at;
  }

  private boolean readAt(int at) {
    if (at >= block.entriesEnd) {
      offset = -1;
      return false;
    }
    byte[] data = block.data;
    int position = at;
    long packed = Block.varint(data, position);
    int shared = (int) (packed >>> 5);
    boolean apart = (packed & Block.APART) != 0;
    position += (int) (packed & 15);
    packed = Block.varint(data, position);
    int unshared = (int) (packed >>> 4);
    position += (int) (packed & 15);
    packed = Block.varint(data, position);
    int valueLength = (int) (packed >>> 4);
    position += (int) (packed & 15);
    long tag = Bytes.getLong(data, position);
    position += 8;
    byte[] key = entry.newKey(shared + unshared, shared);
    System.arraycopy(data, position, key, shared, unshared);
    position += unshared;
    entry.useVersion(tag, data, position, valueLength, apart);
    nextOffset = position + valueLength;
    offset = at;
    return true;
  }

  /** What it stands on: always the same object. */
  Entry entry() {
    return entry;
  }
}
