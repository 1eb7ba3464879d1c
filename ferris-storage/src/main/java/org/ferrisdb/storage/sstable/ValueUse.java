package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;

/**
 * What a table has in a value file.
 *
 * <pre>
 * use | file varint | length varint | values varint | bytes varint |
 * </pre>
 *
 * <p>The sum of a file's uses over all tables is what of it is alive, the rest garbage. Nobody
 * keeps that sum where a crash could put it out of step with the tables.
 *
 * @param file number of the value file
 * @param length of the file in bytes
 * @param values bytes of the file that values take
 * @param bytes of these, what the values take that the table refers to
 */
public record ValueUse(long file, long length, long values, long bytes) {
  /** No file has a larger number, or length. */
  private static final long LARGEST = 1L << 56;

  /** Of the same file, so many bytes. */
  public ValueUse of(long used) {
    return new ValueUse(file, length, values, used);
  }

  void encode(ByteSink sink) {
    sink.putVarint(file).putVarint(length).putVarint(values).putVarint(bytes);
  }

  static ValueUse decode(ByteSource source) {
    long file = source.getNumber("value file");
    long length = source.getNumber("value file length");
    long values = source.getNumber("value file values");
    long bytes = source.getNumber("value bytes used");
    if (file > LARGEST || length > LARGEST || values > length || bytes > values) {
      throw source.corrupt(
          "%d bytes used of %d in value file %d of %d bytes"
              .formatted(bytes, values, file, length));
    }
    return new ValueUse(file, length, values, bytes);
  }
}
