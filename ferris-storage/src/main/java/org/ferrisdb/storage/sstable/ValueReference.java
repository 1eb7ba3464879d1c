package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;

/**
 * What a table has in the place of a value that lies apart.
 *
 * <pre>
 * reference | file varint | ordinal varint | raw length varint | stored length varint | crc32c u32 |
 * </pre>
 *
 * <p>The checksum is the one in the value's own trailer. It binds the two: a reference that leads
 * to another whole value is corruption, and never an answer. The stored length is here so that a
 * compaction knows what it keeps of a file without opening that.
 *
 * @param file number of the value file
 * @param ordinal which of its values
 * @param rawLength of the value in bytes, uncompressed
 * @param storedLength of the value in the file, trailer included
 * @param crc of the value as it is stored
 */
public record ValueReference(long file, int ordinal, int rawLength, int storedLength, int crc) {
  /** Appends the encoding. */
  void encode(ByteSink sink) {
    sink.putVarint(file)
        .putVarint(ordinal)
        .putVarint(rawLength)
        .putVarint(storedLength)
        .putInt(crc);
  }

  /** Reads what {@link #encode} wrote, which must fill the source. */
  public static ValueReference decode(ByteSource source) {
    ValueReference reference =
        new ValueReference(
            source.getNumber("file"),
            source.getCount("ordinal"),
            source.getCount("raw length"),
            source.getCount("stored length"),
            source.getInt("crc32c"));
    if (source.remaining() != 0) {
      throw source.corrupt("bytes after a reference to a value");
    }
    return reference;
  }

  /** The same of a slice. */
  public static ValueReference decode(byte[] bytes, int offset, int length) {
    return decode(new ByteSource(bytes, offset, offset + length, "reference to a value"));
  }
}
