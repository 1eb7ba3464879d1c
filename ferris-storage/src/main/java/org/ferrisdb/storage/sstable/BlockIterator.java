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
    int[] nextOffsets = new int[16];
    int[] keyEnds = new int[16];
    long[] tags = new long[16];
    int[] valueOffsets = new int[16];
    int[] valueLengths = new int[16];
    byte[] keys = new byte[512];

    void grow() {
      int larger = 2 * count;
      offsets = Arrays.copyOf(offsets, larger);
      nextOffsets = Arrays.copyOf(nextOffsets, larger);
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
    Run decoded = run == null ? new Run() : run;
    run = decoded;
    decoded.count = 0;
    place = -1;
    boolean there = readAt(restart);
    while (there) {
      keep(decoded);
      there = nextOffset < end && readAt(nextOffset);
    }
    place = decoded.count - 1;
  }

  private void keep(Run into) {
    int at = into.count;
    if (at == into.offsets.length) {
      into.grow();
    }
    int start = into.keyStart(at);
    int keyLength = entry.keyLength();
    if (into.keys.length < start + keyLength) {
      into.keys = Arrays.copyOf(into.keys, 2 * (start + keyLength));
    }
    System.arraycopy(entry.keyBuffer(), 0, into.keys, start, keyLength);
    into.keyEnds[at] = start + keyLength;
    into.offsets[at] = offset;
    into.nextOffsets[at] = nextOffset;
    into.tags[at] = entry.tag();
    into.valueOffsets[at] = entry.valueOffset();
    into.valueLengths[at] = entry.valueLength();
    into.count = at + 1;
  }

  /** Goes to an entry that is decoded already. */
  private void standOn(int at) {
    Run from = Objects.requireNonNull(run);
    int start = from.keyStart(at);
    int keyLength = from.keyEnds[at] - start;
    System.arraycopy(from.keys, start, entry.newKey(keyLength, 0), 0, keyLength);
    entry.useVersion(from.tags[at], block.data, from.valueOffsets[at], from.valueLengths[at]);
    offset = from.offsets[at];
    nextOffset = from.nextOffsets[at];
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
    int shared = (int) (packed >>> 4);
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
    entry.useVersion(tag, data, position, valueLength);
    nextOffset = position + valueLength;
    offset = at;
    return true;
  }

  /** What it stands on: always the same object. */
  Entry entry() {
    return entry;
  }
}
