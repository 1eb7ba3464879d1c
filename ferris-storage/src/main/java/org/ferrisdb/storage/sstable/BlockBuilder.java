package org.ferrisdb.storage.sstable;

import java.util.Arrays;
import org.ferrisdb.storage.io.ByteSink;

/**
 * Builds a block: sorted entries, keys without the prefix that they share with the one before.
 *
 * <pre>
 * block = entry* restart* count
 *
 * entry   | shared << 1, apart | unshared | valueLength | tag | key bytes      | value             |
 *         | varint             | varint   | varint      | u64 | unshared bytes | valueLength bytes |
 * restart | u32, offset of an entry that shares nothing |
 * count   | u32, number of restarts |
 * </pre>
 *
 * <p>Apart is 1 if the value is not here but in a value file: what is here is a {@link
 * ValueReference}. The bit stands beside the shared length, which is shorter than 64 mostly: then
 * no entry is longer for it, and what the tag says of the entry's kind stays true.
 *
 * <p>Every n-th entry is a restart point: it holds its whole key, so that a search can begin there.
 * The tag is timestamp and kind, see {@code EntryOrder}. An index is a block too, with every entry
 * a restart: the key is the last one of a data block, the value its handle.
 */
final class BlockBuilder {
  private final int restartInterval;
  private final ByteSink out = new ByteSink(8 << 10);
  private int[] restarts = new int[64];
  private int restartCount;
  private int entries;

  BlockBuilder(int restartInterval) {
    this.restartInterval = restartInterval;
  }

  /**
   * Adds an entry.
   *
   * @param common length of the prefix that its key shares with the key before
   * @param apart whether the value is a {@link ValueReference}
   */
  void add(
      byte[] key,
      int keyLength,
      int common,
      long tag,
      byte[] value,
      int valueOffset,
      int valueLength,
      boolean apart) {
    int shared = common;
    if (entries % restartInterval == 0) {
      shared = 0;
      if (restartCount == restarts.length) {
        restarts = Arrays.copyOf(restarts, restartCount * 2);
      }
      restarts[restartCount++] = out.size();
    }
    out.putVarint((long) shared << 1 | (apart ? 1 : 0))
        .putVarint(keyLength - shared)
        .putVarint(valueLength)
        .putLong(tag);
    out.putBytes(key, shared, keyLength - shared).putBytes(value, valueOffset, valueLength);
    entries++;
  }

  boolean isEmpty() {
    return entries == 0;
  }

  int size() {
    return out.size() + 4 * restartCount + 4;
  }

  /** Completes the block; it is in the returned sink until {@link #reset}. */
  ByteSink finish() {
    for (int i = 0; i < restartCount; i++) {
      out.putInt(restarts[i]);
    }
    return out.putInt(restartCount);
  }

  void reset() {
    out.reset();
    restartCount = 0;
    entries = 0;
  }
}
