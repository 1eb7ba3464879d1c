package org.ferrisdb.storage.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;

/**
 * Reads a file of records, and tells a torn tail from corruption.
 *
 * <p>It reads the file in pieces, from front to back, so that a long one takes no more memory than
 * a short one: what the consumer keeps, and one piece. A record lies whole in one piece.
 *
 * <p><b>The torn-tail rule.</b> A crash can leave any mixture of what was appended after the last
 * sync: nothing, half a record, or a later record without an earlier one. None of that was
 * acknowledged, so it is cut off. Damage to what *was* synced must never pass for such a tail. So:
 * reading stops at the first record that is not whole, at offset X; if any whole record further on
 * says that the file had been synced beyond X, the damage is corruption; otherwise X is the end. An
 * {@code END} record must be the last thing in its file.
 *
 * <p>What no log can tell apart on its own is damage to the very last sync from a sync that never
 * finished; the manifest adds marks after each sync for that, the WAL its {@code END}, and the
 * {@code LINK} of the file that follows.
 */
public final class RecordReader {
  private static final int PIECE_BYTES = 1 << 20;
  private static final int SLICE_BYTES = 64 << 10;
  private static final int NO_RECORD = -1;

  private final String name;
  private final FileSystem.ReadableFile file;
  private final long size;
  private final int pieceBytes;

  private byte[] piece = {};
  private long pieceOffset; // of its first byte in the file
  private boolean pieceIsKept; // perhaps, by the consumer

  private RecordReader(String name, FileSystem.ReadableFile file, int pieceBytes)
      throws IOException {
    this.name = name;
    this.file = file;
    this.size = file.size();
    this.pieceBytes = pieceBytes;
  }

  /**
   * What a file held.
   *
   * @param previous the number of the file before this one, 0 if none; -1 if the header was torn
   * @param previousSyncedTo up to where that one was durable, as far as this one says; 0 if it says
   *     nothing
   * @param whole the offset up to which the file's own records are whole
   * @param ended whether the file says itself that it is complete
   */
  public record Outcome(long previous, long previousSyncedTo, long whole, boolean ended) {}

  /** {@link Outcome#previous} of a file, without reading it all. */
  public static long previous(FileSystem files, Path path, String magic, long number)
      throws IOException {
    try (FileSystem.ReadableFile file = files.open(path)) {
      RecordReader reader = new RecordReader(path.toString(), file, SLICE_BYTES);
      return reader.validHeader(magic, number) ? reader.previousInHeader() : -1;
    }
  }

  /**
   * Hands every payload of the file to the consumer, in order. The array behind it holds about 1
   * MiB of the file; it does not change any more, so the consumer may keep it.
   */
  public static Outcome read(
      FileSystem files, Path path, String magic, long number, Consumer<ByteSource> payloads)
      throws IOException {
    return read(files, path, magic, number, PIECE_BYTES, payloads);
  }

  static Outcome read(
      FileSystem files,
      Path path,
      String magic,
      long number,
      int pieceBytes,
      Consumer<ByteSource> payloads)
      throws IOException {
    try (FileSystem.ReadableFile file = files.open(path)) {
      return new RecordReader(path.toString(), file, pieceBytes).read(magic, number, payloads);
    }
  }

  private Outcome read(String magic, long number, Consumer<ByteSource> payloads)
      throws IOException {
    if (!validHeader(magic, number)) {
      requireTornTail(0);
      return new Outcome(-1, 0, 0, false);
    }
    long previous = previousInHeader();
    long previousSyncedTo = 0;
    long offset = RecordFormat.FILE_HEADER_BYTES;
    for (int length = record(offset); length != NO_RECORD; length = record(offset)) {
      int payload = (int) (offset - pieceOffset) + RecordFormat.RECORD_HEADER_BYTES;
      long end = offset + RecordFormat.RECORD_HEADER_BYTES + length;
      int type = piece[payload - 1];
      switch (type) {
        case RecordFormat.DATA -> {
          pieceIsKept = true;
          payloads.accept(new ByteSource(piece, payload, payload + length, name));
        }
        case RecordFormat.MARK -> {}
        case RecordFormat.LINK ->
            previousSyncedTo =
                durableTo(new ByteSource(piece, payload, payload + length, name), offset);
        case RecordFormat.END -> {
          if (end != size) {
            throw new StorageException.Corruption(name + ": bytes after the end, at offset " + end);
          }
          return new Outcome(previous, previousSyncedTo, end, true);
        }
        default ->
            throw new StorageException.Corruption(
                name + ": record of unknown type " + type + " at offset " + offset);
      }
      offset = end;
    }
    requireTornTail(offset);
    return new Outcome(previous, previousSyncedTo, offset, false);
  }

  /** What a LINK says; the last one of a file says most. */
  private static long durableTo(ByteSource payload, long offset) {
    if (payload.remaining() != RecordFormat.LINK_BYTES) {
      throw payload.corrupt("a link of " + payload.remaining() + " bytes at offset " + offset);
    }
    return payload.getLong("durable to");
  }

  private long previousInHeader() {
    return Bytes.getLong(piece, 20);
  }

  private boolean validHeader(String magic, long number) throws IOException {
    if (size < RecordFormat.FILE_HEADER_BYTES) {
      return false;
    }
    int _ = load(0, RecordFormat.FILE_HEADER_BYTES);
    if (Bytes.crc32c(piece, 0, 28) != Bytes.getInt(piece, 28)) {
      return false;
    }
    RecordFormat.FileHeader header =
        RecordFormat.FileHeader.decode(
            new ByteSource(piece, 0, RecordFormat.FILE_HEADER_BYTES, name));
    if (!header.magic().equals(magic) || header.number() != number) {
      throw new StorageException.Corruption(
          "%s: is %s number %d by its header at offset 0, not %s %d"
              .formatted(name, header.magic(), header.number(), magic, number));
    }
    if (header.version() != RecordFormat.VERSION) {
      throw new StorageException.UnknownVersion(
          name
              + ": format version "
              + header.version()
              + ", this build knows "
              + RecordFormat.VERSION);
    }
    return true;
  }

  /**
   * The length of the payload of the record at the offset, which lies whole in the piece then;
   * {@link #NO_RECORD} if there is no whole record with the right checksum.
   */
  private int record(long offset) throws IOException {
    if (size - offset < RecordFormat.RECORD_HEADER_BYTES) {
      return NO_RECORD;
    }
    int at = load(offset, RecordFormat.RECORD_HEADER_BYTES);
    int crc = Bytes.getInt(piece, at);
    int length = Bytes.getInt(piece, at + 4);
    if (length < 0 || length > size - offset - RecordFormat.RECORD_HEADER_BYTES) {
      return NO_RECORD;
    }
    int checked = RecordFormat.RECORD_HEADER_BYTES - 4 + length;
    // A length that is rot may ask for very much memory, so a long record is looked at without it.
    if (checked > pieceBytes && crcBySlices(offset + 4, checked) != crc) {
      return NO_RECORD;
    }
    at = load(offset, 4 + checked);
    return Bytes.crc32c(piece, at + 4, checked) == crc ? length : NO_RECORD;
  }

  /** Sees to it that these bytes of the file lie in the piece; returns where. */
  private int load(long offset, int length) throws IOException {
    if (offset < pieceOffset || offset + length > pieceOffset + piece.length) {
      int wanted = (int) Math.min(size - offset, Math.max(length, pieceBytes));
      byte[] next = pieceIsKept || piece.length != wanted ? new byte[wanted] : piece;
      readFully(next, wanted, offset);
      piece = next;
      pieceOffset = offset;
      pieceIsKept = false;
    }
    return (int) (offset - pieceOffset);
  }

  private int crcBySlices(long offset, int length) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] slice = new byte[SLICE_BYTES];
    for (int done = 0; done < length; ) {
      int count = Math.min(slice.length, length - done);
      readFully(slice, count, offset + done);
      crc.update(slice, 0, count);
      done += count;
    }
    return (int) crc.getValue();
  }

  private void readFully(byte[] into, int length, long offset) throws IOException {
    int count = file.read(ByteBuffer.wrap(into, 0, length), offset);
    if (count != length) {
      throw new IOException(
          name + ": read " + count + " of " + length + " bytes at offset " + offset);
    }
  }

  /**
   * Looks for a record after the offset that proves that the bytes at the offset had been synced.
   * Only offsets whose would-be {@code syncedTo} lies in between are worth a checksum, so random
   * bytes cost next to nothing.
   */
  private void requireTornTail(long tornAt) throws IOException {
    for (long offset = tornAt + 1; size - offset >= RecordFormat.RECORD_HEADER_BYTES; offset++) {
      int at = load(offset, RecordFormat.RECORD_HEADER_BYTES);
      long syncedTo = Bytes.getLong(piece, at + 8);
      if (syncedTo > tornAt && syncedTo <= offset && record(offset) != NO_RECORD) {
        throw new StorageException.Corruption(
            name + ": damaged record at offset " + tornAt + ", which had been synced");
      }
    }
  }
}
