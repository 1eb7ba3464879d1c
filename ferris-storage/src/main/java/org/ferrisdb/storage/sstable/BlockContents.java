package org.ferrisdb.storage.sstable;

import java.util.Arrays;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;

/**
 * Reads a block from its first byte to its last and checks every step; {@link BlockBuilder} draws
 * the bytes. For inspection and verification: readers use {@code Block} and {@code BlockIterator},
 * which trust what the checksum has vouched for and are several times faster.
 */
public final class BlockContents {
  private BlockContents() {}

  /** Is shown the entries in order. */
  public interface Visitor {
    /**
     * One entry.
     *
     * @param offset of its first byte in the block
     * @param restart whether it holds its whole key because a search may begin here
     * @param key the key, in the array's first bytes; only until the visit ends
     * @param keyLength in bytes
     * @param tag timestamp and kind, see {@code EntryOrder}
     * @param valueOffset of the value in the block
     * @param valueLength in bytes
     * @param apart whether the value is a {@link ValueReference}
     */
    void entry(
        int offset,
        boolean restart,
        byte[] key,
        int keyLength,
        long tag,
        int valueOffset,
        int valueLength,
        boolean apart);
  }

  /**
   * Visits all entries.
   *
   * @param name goes into error messages
   * @param listener hears of every field
   * @return the number of restart points
   * @throws org.ferrisdb.storage.StorageException.Corruption at the first byte that makes no sense;
   *     the entries before it have been visited
   */
  public static int decode(
      byte[] data, String name, ByteSource.Listener listener, Visitor visitor) {
    int restarts = data.length < 4 ? -1 : Bytes.getInt(data, data.length - 4);
    if (restarts < 0 || restarts > (data.length - 4) / 4) {
      throw new ByteSource(data, 0, data.length, name)
          .corrupt("block with " + restarts + " restarts");
    }
    int entriesEnd = data.length - 4 - 4 * restarts;
    ByteSource entries = new ByteSource(data, 0, entriesEnd, name).tell(listener);
    decodeEntries(entries, data, entriesEnd, restarts, visitor);
    ByteSource rest = new ByteSource(data, entriesEnd, data.length, name).tell(listener);
    for (int i = 0; i < restarts; i++) {
      rest.getInt("restart");
    }
    rest.getInt("restart count");
    return restarts;
  }

  private static void decodeEntries(
      ByteSource source, byte[] data, int entriesEnd, int restarts, Visitor visitor) {
    byte[] key = new byte[64];
    int keyLength = 0;
    int nextRestart = 0;
    while (source.remaining() > 0) {
      int offset = source.position();
      boolean restart =
          nextRestart < restarts && Bytes.getInt(data, entriesEnd + 4 * nextRestart) == offset;
      int first = source.getCount("shared");
      int shared = first >>> 1;
      boolean apart = (first & 1) != 0;
      int unshared = source.getCount("unshared");
      int valueLength = source.getCount("valueLength");
      long tag = source.getLong("tag");
      if (shared > (restart ? 0 : keyLength)) {
        throw source.corrupt("a key that shares " + shared + " bytes, more than there are,");
      }
      byte[] suffix = source.getBytes("key", unshared);
      keyLength = shared + unshared;
      if (key.length < keyLength) {
        key = Arrays.copyOf(key, 2 * keyLength);
      }
      System.arraycopy(suffix, 0, key, shared, unshared);
      int valueOffset = source.position();
      source.getBytes("value", valueLength);
      nextRestart += restart ? 1 : 0;
      visitor.entry(offset, restart, key, keyLength, tag, valueOffset, valueLength, apart);
    }
    if (nextRestart != restarts) {
      throw source.corrupt("restart " + nextRestart + " points to no entry; entries end");
    }
  }
}
