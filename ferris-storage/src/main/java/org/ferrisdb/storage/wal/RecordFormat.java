package org.ferrisdb.storage.wal;

import java.nio.charset.StandardCharsets;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;

/**
 * A file of records, the format of both the WAL and the manifest.
 *
 * <pre>
 * file   = header record*
 *
 * header   | magic      | version | number     | previous   | crc32c  |    32 bytes
 *          | 8 bytes    | u32     | u64        | u64        | u32     |
 *
 * record   | crc32c | length | syncedTo | type | payload        |         17 bytes + length
 *          | u32    | u32    | u64      | u8   | length bytes   |
 * </pre>
 *
 * <p>Integers are big-endian. The header's crc covers the 28 bytes before it, a record's crc
 * everything after it. {@code number} is the file's own, {@code previous} the number of the file
 * that was written to before (0 if none), so that a missing file is noticed. {@code syncedTo} is
 * the offset up to which the file was durable when the record was encoded: what the torn-tail rule
 * of {@link RecordReader} needs. A record of type {@code END} says that nothing follows; one of
 * type {@code MARK} has no payload and only tells its {@code syncedTo}; the payload of one of type
 * {@code LINK} (u64) is the offset up to which {@code previous} was durable, or no longer needed,
 * when it was written.
 */
public final class RecordFormat {
  /** Magic of a WAL file. */
  public static final String WAL_MAGIC = "FERRISWL";

  /** Magic of a manifest file. */
  public static final String MANIFEST_MAGIC = "FERRISMF";

  /** The version this code reads and writes. */
  public static final int VERSION = 4;

  /** Bytes before the first record. */
  public static final int FILE_HEADER_BYTES = 32;

  /** Bytes of a record before its payload. */
  public static final int RECORD_HEADER_BYTES = 17;

  /** The type of a record that carries a payload. */
  public static final int DATA = 1;

  /** The type of the record that says that nothing follows. */
  public static final int END = 2;

  /** The type of a record that only tells its syncedTo. */
  public static final int MARK = 3;

  /** The type of the record that tells up to where the file before was durable. */
  public static final int LINK = 4;

  /** Bytes of its payload. */
  public static final int LINK_BYTES = 8;

  private RecordFormat() {}

  /** Whether there are records of that type. */
  public static boolean isType(int type) {
    return type >= DATA && type <= LINK;
  }

  /** What a file says of itself; see the drawing above. */
  public record FileHeader(String magic, int version, long number, long previous, int crc) {
    /** Reads it; whether the crc is right is the caller's question. */
    public static FileHeader decode(ByteSource source) {
      return new FileHeader(
          new String(source.getBytes("magic", 8), StandardCharsets.ISO_8859_1),
          source.getInt("version"),
          source.getLong("number"),
          source.getLong("previous"),
          source.getInt("crc32c"));
    }
  }

  /** What a record says of itself; see the drawing above. */
  public record RecordHeader(int crc, int length, long syncedTo, int type) {
    /** Reads it; whether the crc is right is the caller's question. */
    public static RecordHeader decode(ByteSource source) {
      return new RecordHeader(
          source.getInt("crc32c"),
          source.getInt("length"),
          source.getLong("syncedTo"),
          source.getByte("type"));
    }
  }

  static void encodeHeader(ByteSink sink, String magic, long number, long previous) {
    int start = sink.size();
    sink.putAscii(magic).putInt(VERSION).putLong(number).putLong(previous);
    sink.putInt(sink.crc32c(start));
  }

  static void encodeRecord(
      ByteSink sink, int type, long syncedTo, byte[] payload, int offset, int length) {
    int start = sink.size();
    sink.putInt(0).putInt(length).putLong(syncedTo).putByte(type);
    sink.putBytes(payload, offset, length);
    sink.setInt(start, sink.crc32c(start + 4));
  }
}
