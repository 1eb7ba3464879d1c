package org.ferrisdb.storage.sstable;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.Bytes;

/** How the bytes of a block are stored. The codes are on disk: never change them. */
public enum Compression {
  /** As they are. */
  NONE(0),
  /** {@code | raw length u32 | LZ4 block |}. */
  LZ4(1);

  /** No LZ4 block says more than this of itself: a byte lengthens a match by 255 at most. */
  private static final int LARGEST_RATIO = 255;

  private static final LZ4Compressor COMPRESSOR = LZ4Factory.fastestInstance().fastCompressor();

  /** The bounds-checking one: a damaged block that got past its checksum must not crash the VM. */
  private static final LZ4SafeDecompressor DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();

  private final int code;

  Compression(int code) {
    this.code = code;
  }

  /** The byte that stands for it on disk. */
  public int code() {
    return code;
  }

  /** Room that {@link #compress} needs in the target for that many raw bytes. */
  static int maxCompressedLength(int rawLength) {
    return 4 + COMPRESSOR.maxCompressedLength(rawLength);
  }

  /** Compresses with LZ4 into the target and returns the length there. */
  static int compress(byte[] raw, int rawLength, byte[] target) {
    Bytes.putInt(target, 0, rawLength);
    return 4 + COMPRESSOR.compress(raw, 0, rawLength, target, 4, target.length - 4);
  }

  /** Takes no more memory than so many stored bytes can stand for. */
  static byte[] decompress(byte[] stored, int length, String name, long offset) {
    int rawLength = length < 4 ? -1 : Bytes.getInt(stored, 0);
    if (rawLength < 0 || rawLength > (long) LARGEST_RATIO * length) {
      throw new StorageException.Corruption(
          name
              + ": compressed block at offset "
              + offset
              + " of "
              + rawLength
              + " bytes in "
              + length);
    }
    byte[] raw = new byte[rawLength];
    try {
      if (DECOMPRESSOR.decompress(stored, 4, length - 4, raw, 0) == rawLength) {
        return raw;
      }
    } catch (LZ4Exception e) {
      // Told below, in the same words as a wrong length.
    }
    throw new StorageException.Corruption(
        name + ": block at offset " + offset + " that LZ4 can not decompress");
  }
}
