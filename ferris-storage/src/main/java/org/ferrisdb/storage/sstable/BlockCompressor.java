package org.ferrisdb.storage.sstable;

import com.github.luben.zstd.ZstdCompressCtx;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import org.ferrisdb.storage.io.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the blocks of one writer; what that takes is kept from block to block. {@link
 * Compression} draws the result. One thread.
 */
final class BlockCompressor implements AutoCloseable {
  private static final LZ4Compressor LZ4 = LZ4Factory.fastestInstance().fastCompressor();
  private static final int PREFIX_BYTES = Compression.PREFIX_BYTES;

  private final Compression wanted;
  private @Nullable ZstdCompressCtx zstd;
  private byte[] target = new byte[0];
  private int length;

  BlockCompressor(Compression wanted) {
    this.wanted = wanted;
  }

  /**
   * Compresses into {@link #bytes}, if that is worth a reader's time: by what it did, {@link
   * Compression#NONE} if the block is better stored as it is.
   */
  Compression compress(byte[] raw, int offset, int rawLength) {
    Compression used = wanted;
    if (used == Compression.ZSTD) {
      length = PREFIX_BYTES + zstd(raw, offset, rawLength);
      if (rawLength > (long) Compression.LARGEST_RATIO * length) {
        used = Compression.LZ4;
      }
    }
    if (used == Compression.LZ4) {
      length = PREFIX_BYTES + lz4(raw, offset, rawLength);
    }
    if (used == Compression.NONE || length >= rawLength - rawLength / 8) {
      return Compression.NONE;
    }
    Bytes.putInt(target, 0, rawLength);
    return used;
  }

  private int lz4(byte[] raw, int offset, int rawLength) {
    int room = reserve(LZ4.maxCompressedLength(rawLength));
    return LZ4.compress(raw, offset, rawLength, target, PREFIX_BYTES, room);
  }

  private int zstd(byte[] raw, int offset, int rawLength) {
    ZstdCompressCtx context = zstd;
    if (context == null) {
      context = ZstdFrames.compressor();
      zstd = context;
    }
    int room = reserve(ZstdFrames.maxCompressedLength(rawLength));
    return context.compressByteArray(target, PREFIX_BYTES, room, raw, offset, rawLength);
  }

  private int reserve(int room) {
    if (target.length < PREFIX_BYTES + room) {
      target = new byte[PREFIX_BYTES + room];
    }
    return target.length - PREFIX_BYTES;
  }

  /** What it is to compress with. */
  Compression wanted() {
    return wanted;
  }

  /** What {@link #compress} has made, from the first byte on; overwritten by the next. */
  byte[] bytes() {
    return target;
  }

  /** How many bytes that are. */
  int length() {
    return length;
  }

  @Override
  public void close() {
    if (zstd != null) {
      zstd.close();
      zstd = null;
    }
  }
}
