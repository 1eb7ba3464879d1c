package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;

/**
 * The frame of a table file; {@link BlockBuilder} draws what is inside a block.
 *
 * <pre>
 * file   = header block* filter ranges? properties index footer
 *
 * header | magic "FERRISST" | version u32 | crc32c u32 |                           16 bytes
 *
 * block  | payload          | compression u8 | crc32c u32 of all before |          n + 5 bytes
 *          filter, ranges, properties and index are framed the same way
 *
 * footer | index handle | filter handle | ranges handle | properties handle | version | crc32c | magic |
 *        | u64, u32     | u64, u32      | u64, u32      | u64, u32          | u32     | u32    | 8     |
 *                                                                                               64 bytes
 * </pre>
 *
 * <p>Integers are big-endian. A handle is the offset and the length of a block, trailer included.
 * Every byte of the file lies under exactly one checksum. The range tombstones are a block like the
 * others (see {@code SSTableWriter}); a table without any has none, and its handle is all zeros.
 */
public final class TableFormat {
  /** First and last eight bytes of every table. */
  public static final String MAGIC = "FERRISST";

  /** The version this code reads and writes. */
  public static final int VERSION = 2;

  static final int HEADER_BYTES = 16;
  static final int TRAILER_BYTES = 5;
  static final int FOOTER_BYTES = 64;

  private TableFormat() {}

  /**
   * Where a block is.
   *
   * @param offset of its first byte in the file
   * @param length in bytes, trailer included
   */
  record BlockHandle(long offset, int length) {
    void encode(ByteSink sink) {
      sink.putLong(offset).putInt(length);
    }

    static BlockHandle decode(ByteSource source) {
      return new BlockHandle(source.getLong(), source.getInt());
    }

    /** Whether a file of that length can hold such a block between header and footer. */
    boolean isInside(long fileLength) {
      return offset >= HEADER_BYTES
          && length >= TRAILER_BYTES
          && length <= fileLength
          && offset <= fileLength - FOOTER_BYTES - length;
    }
  }

  /** The four handles of a footer. */
  record Footer(BlockHandle index, BlockHandle filter, BlockHandle ranges, BlockHandle properties) {
    void encode(ByteSink sink) {
      int start = sink.size();
      index.encode(sink);
      filter.encode(sink);
      ranges.encode(sink);
      properties.encode(sink);
      sink.putInt(VERSION);
      sink.putInt(sink.crc32c(start)).putAscii(MAGIC);
    }

    static Footer decode(byte[] bytes, String name, long offset) {
      ByteSource source = new ByteSource(bytes, 0, bytes.length, name + " (footer)");
      Footer footer =
          new Footer(
              BlockHandle.decode(source),
              BlockHandle.decode(source),
              BlockHandle.decode(source),
              BlockHandle.decode(source));
      int version = source.getInt();
      if (source.getInt() != Bytes.crc32c(bytes, 0, FOOTER_BYTES - 12) || !endsWithMagic(bytes)) {
        throw new StorageException.Corruption(
            name + ": the footer at offset " + offset + " does not match its checksum");
      }
      requireKnown(version, name);
      return footer;
    }
  }

  static void encodeHeader(ByteSink sink) {
    int start = sink.size();
    sink.putAscii(MAGIC).putInt(VERSION);
    sink.putInt(sink.crc32c(start));
  }

  static void checkHeader(byte[] bytes, String name) {
    if (Bytes.crc32c(bytes, 0, 12) != Bytes.getInt(bytes, 12)) {
      throw new StorageException.Corruption(
          name + ": the header at offset 0 does not match its checksum");
    }
    requireKnown(Bytes.getInt(bytes, 8), name);
  }

  private static void requireKnown(int version, String name) {
    if (version != VERSION) {
      throw new StorageException.UnknownVersion(
          name + ": format version " + version + ", this build knows " + VERSION);
    }
  }

  private static boolean endsWithMagic(byte[] bytes) {
    for (int i = 0; i < MAGIC.length(); i++) {
      if (bytes[bytes.length - MAGIC.length() + i] != MAGIC.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
