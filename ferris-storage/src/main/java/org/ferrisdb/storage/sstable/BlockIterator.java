package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.key.EntryOrder;

/** Walks one block, both ways. Reusable for another block, so that a scan allocates one of it. */
final class BlockIterator {
  private Block block;
  private int offset; // of the current entry; -1 when invalid
  private int nextOffset;
  private byte[] key = new byte[128];
  private int keyLength;
  private long tag;
  private int valueOffset;
  private int valueLength;

  BlockIterator(Block block) {
    this.block = block;
    this.offset = -1;
  }

  /** Turns to another block; invalid until positioned. */
  void use(Block other) {
    block = other;
    offset = -1;
  }

  boolean valid() {
    return offset >= 0;
  }

  void seekFirst() {
    readAt(0);
  }

  void seekRestart(int index) {
    readAt(block.restart(index));
  }

  void seekLast() {
    if (block.restartCount == 0) {
      offset = -1;
      return;
    }
    readAt(block.restart(block.restartCount - 1));
    while (nextOffset < block.entriesEnd) {
      readAt(nextOffset);
    }
  }

  void seek(byte[] target, long timestamp) {
    readAt(block.scanStart(target, timestamp));
    while (valid()
        && EntryOrder.compare(
                key, keyLength, EntryOrder.timestamp(tag), target, target.length, timestamp)
            < 0) {
      readAt(nextOffset);
    }
  }

  void seekBefore(byte[] target) {
    seek(target, Long.MAX_VALUE);
    if (valid()) {
      prev();
    } else {
      seekLast();
    }
  }

  void next() {
    readAt(nextOffset);
  }

  /** Entries only know where they end, so this walks up from the restart point before. */
  void prev() {
    int end = offset;
    if (end == 0) {
      offset = -1;
      return;
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
    readAt(block.restart(low));
    while (nextOffset < end) {
      readAt(nextOffset);
    }
  }

  private void readAt(int at) {
    if (at >= block.entriesEnd) {
      offset = -1;
      return;
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
    valueLength = (int) (packed >>> 4);
    position += (int) (packed & 15);
    tag = Bytes.getLong(data, position);
    position += 8;
    keyLength = shared + unshared;
    if (key.length < keyLength) {
      byte[] larger = new byte[keyLength * 2];
      System.arraycopy(key, 0, larger, 0, shared);
      key = larger;
    }
    System.arraycopy(data, position, key, shared, unshared);
    valueOffset = position + unshared;
    nextOffset = valueOffset + valueLength;
    offset = at;
  }

  byte[] keyBuffer() {
    return key;
  }

  int keyLength() {
    return keyLength;
  }

  long tag() {
    return tag;
  }

  byte[] valueBuffer() {
    return block.data;
  }

  int valueOffset() {
    return valueOffset;
  }

  int valueLength() {
    return valueLength;
  }
}
