package org.ferrisdb.storage.sstable;

import java.nio.charset.StandardCharsets;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;

/**
 * The frame of a value file: large values, apart from the tables that hold their keys.
 *
 * <pre>
 * file   = header value* index footer
 *
 * header | magic "FERRISVL" | version u32 | crc32c u32 |                           16 bytes
 *
 * value  | payload          | compression u8 | crc32c u32 of all before |          n + 5 bytes
 *          {@link Compression} draws the payload
 *
 * index  | length u32 of each value, trailer included | compression u8 = none | crc32c u32 |
 *
 * footer | index offset u64 | values u32 | version u32 | crc32c u32 | magic |      28 bytes
 * </pre>
 *
 * <p>Integers are big-endian. The values lie one after the other from the header to the index, so
 * their lengths alone say where they are: a value is found by its ordinal. An index whose lengths
 * do not fill that place is corruption, so nobody takes memory for a length that is not there.
 *
 * <p>That large values are better kept apart is WiscKey's idea (Lu et al., FAST 2016); immutable
 * files that belong to tables are RocksDB's (BlobDB) and Pebble's.
 */
public final class ValueFormat {
  /** First and last eight bytes of every value file. */
  public static final String MAGIC = "FERRISVL";

  /** The version this code reads and writes. */
  public static final int VERSION = 1;

  /** More than any flush or compaction puts into one file. */
  private static final int MAX_VALUES = 1 << 28;

  static final int HEADER_BYTES = 16;
  static final int FOOTER_BYTES = 28;

  private ValueFormat() {}

  /**
   * What the footer says.
   *
   * @param indexOffset of the index in the file
   * @param values how many there are
   */
  public record Footer(long indexOffset, int values) {
    void encode(ByteSink sink) {
      int start = sink.size();
      sink.putLong(indexOffset).putInt(values).putInt(VERSION);
      sink.putInt(sink.crc32c(start)).putAscii(MAGIC);
    }

    static Footer decode(ByteSource source, byte[] bytes, String name, long fileLength) {
      long indexOffset = source.getLong("index offset");
      int values = source.getInt("values");
      int version = source.getInt("version");
      int crc = source.getInt("crc32c");
      byte[] magic = source.getBytes("magic", MAGIC.length());
      long at = fileLength - FOOTER_BYTES;
      if (crc != Bytes.crc32c(bytes, 0, FOOTER_BYTES - 12) || !isMagic(magic)) {
        throw new StorageException.Corruption(
            name + ": the footer at offset " + at + " does not match its checksum");
      }
      requireKnown(version, name);
      long room = at - indexOffset - TableFormat.TRAILER_BYTES;
      if (indexOffset < HEADER_BYTES || values < 0 || values > MAX_VALUES || room != 4L * values) {
        throw new StorageException.Corruption(
            "%s: an index of %d values at offset %d does not reach from there to the footer at %d"
                .formatted(name, values, indexOffset, at));
      }
      return new Footer(indexOffset, values);
    }

    /** Bytes of the index, trailer included. */
    int indexBytes() {
      return 4 * values + TableFormat.TRAILER_BYTES;
    }
  }

  static void encodeHeader(ByteSink sink) {
    int start = sink.size();
    sink.putAscii(MAGIC).putInt(VERSION);
    sink.putInt(sink.crc32c(start));
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

  /**
   * Where the values begin, and behind the last one where they end.
   *
   * @param index the lengths, verified
   */
  static long[] offsets(byte[] index, Footer footer, String name) {
    if (index.length != 4 * footer.values()) {
      throw new StorageException.Corruption(
          "%s: the index at offset %d holds %d bytes for %d values"
              .formatted(name, footer.indexOffset(), index.length, footer.values()));
    }
    long[] offsets = new long[footer.values() + 1];
    offsets[0] = HEADER_BYTES;
    for (int i = 0; i < footer.values(); i++) {
      int length = Bytes.getInt(index, 4 * i);
      if (length < TableFormat.TRAILER_BYTES) {
        throw new StorageException.Corruption(
            name + ": value " + i + " with a length of " + length + " in the index");
      }
      offsets[i + 1] = offsets[i] + length;
    }
    if (offsets[footer.values()] != footer.indexOffset()) {
      throw new StorageException.Corruption(
          "%s: by their lengths the values end at offset %d, and the index begins at %d"
              .formatted(name, offsets[footer.values()], footer.indexOffset()));
    }
    return offsets;
  }

  /** The value that is stored so, its checksum verified. */
  public static byte[] unframe(byte[] stored, ValueReference reference) {
    byte[] value =
        TableFormat.unframe(
            stored, 0, "value %d of file %d".formatted(reference.ordinal(), reference.file()));
    if (value.length != reference.rawLength()) {
      throw new StorageException.Corruption(
          "value %d of file %d: %d bytes long, a table says %d"
              .formatted(
                  reference.ordinal(), reference.file(), value.length, reference.rawLength()));
    }
    return value;
  }

  private static void requireKnown(int version, String name) {
    if (version != VERSION) {
      throw new StorageException.UnknownVersion(
          name + ": format version " + version + ", this build knows " + VERSION);
    }
  }

  private static boolean isMagic(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).equals(MAGIC);
  }
}
