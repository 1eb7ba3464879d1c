package org.ferrisdb.storage.sstable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
 *          {@link Compression} draws the payload;
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
  public static final int VERSION = 3;

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
  public record BlockHandle(long offset, int length) {
    void encode(ByteSink sink) {
      sink.putLong(offset).putInt(length);
    }

    static BlockHandle decode(ByteSource source, String whose) {
      return new BlockHandle(source.getLong(whose + " offset"), source.getInt(whose + " length"));
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
  public record Footer(
      BlockHandle index, BlockHandle filter, BlockHandle ranges, BlockHandle properties) {
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
      return decode(source, bytes, name, offset);
    }

    static Footer decode(ByteSource source, byte[] bytes, String name, long offset) {
      Footer footer =
          new Footer(
              BlockHandle.decode(source, "index"),
              BlockHandle.decode(source, "filter"),
              BlockHandle.decode(source, "ranges"),
              BlockHandle.decode(source, "properties"));
      int version = source.getInt("version");
      int crc = source.getInt("crc32c");
      byte[] magic = source.getBytes("magic", MAGIC.length());
      if (crc != Bytes.crc32c(bytes, 0, FOOTER_BYTES - 12) || !isMagic(magic)) {
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
    checkHeader(new ByteSource(bytes, 0, bytes.length, name + " (header)"), bytes, name);
  }

  static void checkHeader(ByteSource source, byte[] bytes, String name) {
    byte[] magic = source.getBytes("magic", MAGIC.length());
    int version = source.getInt("version");
    if (source.getInt("crc32c") != Bytes.crc32c(bytes, 0, 12) || !isMagic(magic)) {
      throw new StorageException.Corruption(
          name + ": the header at offset 0 does not match its checksum");
    }
    requireKnown(version, name);
  }

  private static void requireKnown(int version, String name) {
    if (version != VERSION) {
      throw new StorageException.UnknownVersion(
          name + ": format version " + version + ", this build knows " + VERSION);
    }
  }

  /** What a framed block holds, its checksum verified. */
  static byte[] unframe(byte[] framed, long offset, String name) {
    int payload = framed.length - TRAILER_BYTES;
    if (Bytes.crc32c(framed, 0, payload + 1) != Bytes.getInt(framed, payload + 1)) {
      throw new StorageException.Corruption(
          name + ": block at offset " + offset + " does not match its checksum");
    }
    Compression compression = Compression.ofCode(framed[payload]);
    if (compression == null) {
      throw new StorageException.Corruption(
          name
              + ": block at offset "
              + offset
              + " with unknown compression "
              + framed[payload]
              + ", if it is not damaged then of a newer build");
    }
    return compression == Compression.NONE
        ? Arrays.copyOf(framed, payload)
        : compression.decompress(framed, payload, name, offset);
  }

  private static boolean isMagic(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).equals(MAGIC);
  }
}
