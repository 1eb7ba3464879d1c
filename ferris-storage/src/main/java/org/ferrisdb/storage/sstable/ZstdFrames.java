package org.ferrisdb.storage.sstable;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ferrisdb.storage.StorageException;

/**
 * Zstandard frames as blocks of a table hold them (RFC 8878, section 3.1.1):
 *
 * <pre>
 * frame = | descriptor u8 | window u8 | part+ |
 *
 * descriptor | 0: neither length, dictionary nor checksum are in the frame |
 * window     | exponent, 5 bits | mantissa, 3 bits |
 * part       | last, 1 bit | type, 2 bits | size, 21 bits | content |    little-endian, from the low bit
 *              type 0: the bytes as they are, 1: one byte, size times, 2: compressed
 * </pre>
 *
 * <p>The magic number is left out, and so are length and checksum, which the table has. That saves
 * nine bytes of a block, and without magic number the library takes bytes for nothing but such a
 * frame: neither for formats of before its first release nor for a frame to be skipped.
 *
 * <p>What the library works with, some hundred KB outside of the heap, is taken once: by a writer
 * for itself ({@link #compressor}), by readers out of a pool. All methods are safe for many
 * threads.
 */
final class ZstdFrames {
  /** The library's own default, and RocksDB's. */
  private static final int LEVEL = 3;

  /** A power of two, and enough for all that can decompress at the same instant. */
  private static final int POOLED =
      Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors());

  /** Those that nobody uses at the moment; one that finds no place when given back is freed. */
  private static final AtomicReferenceArray<ZstdDecompressCtx> POOL =
      new AtomicReferenceArray<>(POOLED);

  private ZstdFrames() {}

  /** See {@link Compression#load}. The library is unpacked into a temporary file once a process. */
  static void load() {
    try {
      Native.load();
    } catch (LinkageError e) {
      throw new StorageException.IoFailure(
          "Zstd is not to be had here: its native library can not be unpacked or loaded ("
              + e.getMessage()
              + "); let -Djava.io.tmpdir=DIR name a directory that can be written to and executed"
              + " from, or -DZstdNativePath=FILE a library",
          e);
    }
  }

  /** For one thread; to be closed. */
  static ZstdCompressCtx compressor() {
    load();
    return new ZstdCompressCtx()
        .setMagicless(true)
        .setContentSize(false)
        .setChecksum(false)
        .setLevel(LEVEL);
  }

  /** Room that so many bytes may need when they are compressed. */
  static int maxCompressedLength(int rawLength) {
    return (int) Math.min(Zstd.compressBound(rawLength), Integer.MAX_VALUE - 64);
  }

  /** Fills the target from a frame; how many bytes it stands for, -1 if it is none or has more. */
  static int decompress(byte[] stored, int from, int length, byte[] target) {
    ZstdDecompressCtx context = take();
    try {
      return context.decompressByteArray(target, 0, target.length, stored, from, length);
    } catch (ZstdException e) {
      return -1;
    } finally {
      giveBack(context);
    }
  }

  private static ZstdDecompressCtx take() {
    int first = (int) Thread.currentThread().threadId();
    for (int i = 0; i < POOLED; i++) {
      int slot = (first + i) & (POOLED - 1);
      ZstdDecompressCtx context = POOL.get(slot);
      if (context != null && POOL.compareAndSet(slot, context, null)) {
        return context;
      }
    }
    load();
    return new ZstdDecompressCtx().setMagicless(true);
  }

  private static void giveBack(ZstdDecompressCtx context) {
    int first = (int) Thread.currentThread().threadId();
    for (int i = 0; i < POOLED; i++) {
      int slot = (first + i) & (POOLED - 1);
      if (POOL.get(slot) == null && POOL.compareAndSet(slot, null, context)) {
        return;
      }
    }
    context.close();
  }
}
