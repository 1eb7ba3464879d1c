package org.ferrisdb.storage.sstable;

import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * How the bytes of a block are stored, from what takes the least work to what takes the least
 * space. The codes are on disk: never change them.
 *
 * <pre>
 * none | payload as it is                |
 * LZ4  | raw length u32 | LZ4 block      |
 * Zstd | raw length u32 | Zstd frame     |     {@link ZstdFrames} draws it
 * </pre>
 *
 * <p>No block stands for more than {@link #LARGEST_RATIO} times its stored bytes, so what a reader
 * takes memory for is on disk. With LZ4 that is so by nature, since a byte lengthens a match by 255
 * at most. Zstd says 128 KiB in four bytes; a block that it makes so small is left to LZ4.
 */
public enum Compression {
  /** As they are. */
  NONE(0, "none", "payload"),
  /** LZ4: little work, both ways. */
  LZ4(1, "LZ4", "LZ4 block"),
  /** Zstandard: smaller, for several times the work. Brings a native library, see {@link #load}. */
  ZSTD(2, "Zstd", "Zstd frame");

  /** Raw bytes that a stored one stands for at most. */
  static final int LARGEST_RATIO = 255;

  /** Of the raw length in front of what is compressed. */
  static final int PREFIX_BYTES = 4;

  /** The bounds-checking one: a damaged block that got past its checksum must not crash the VM. */
  private static final LZ4SafeDecompressor LZ4_DECOMPRESSOR =
      LZ4Factory.fastestInstance().safeDecompressor();

  private static final Compression[] BY_CODE = values();

  private final int code;
  private final String title;
  private final String content;

  Compression(int code, String title, String content) {
    this.code = code;
    this.title = title;
    this.content = content;
  }

  /** The byte that stands for it on disk. */
  public int code() {
    return code;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /** What the bytes are called that it makes. */
  public String content() {
    return content;
  }

  /** The one of that code, null if there is none. */
  public static @Nullable Compression ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }

  /**
   * Makes sure that this machine can do it, before anything depends on that.
   *
   * @throws StorageException.IoFailure if not, with the reason and a remedy
   */
  public void load() {
    if (this == ZSTD) {
      ZstdFrames.load();
    }
  }

  /**
   * What the first {@code length} stored bytes stand for. Takes no more memory than so many can.
   *
   * @param name of the file
   * @param offset of the block in it
   */
  byte[] decompress(byte[] stored, int length, String name, long offset) {
    int rawLength = length < PREFIX_BYTES ? -1 : Bytes.getInt(stored, 0);
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
    int from = PREFIX_BYTES;
    int found =
        this == LZ4
            ? decompressLz4(stored, from, length - from, raw)
            : ZstdFrames.decompress(stored, from, length - from, raw);
    if (found != rawLength) {
      throw new StorageException.Corruption(
          name + ": block at offset " + offset + " that " + title + " can not decompress");
    }
    return raw;
  }

  private static int decompressLz4(byte[] stored, int from, int length, byte[] raw) {
    try {
      return LZ4_DECOMPRESSOR.decompress(stored, from, length, raw, 0);
    } catch (LZ4Exception e) {
      return -1;
    }
  }
}
