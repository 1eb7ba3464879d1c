package org.ferrisdb.storage.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;

/**
 * Reads a file of records, and tells a torn tail from corruption.
 *
 * <p><b>The torn-tail rule.</b> A crash can leave any mixture of what was appended after the last
 * sync: nothing, half a record, or a later record without an earlier one. None of that was
 * acknowledged, so it is cut off. Damage to what *was* synced must never pass for such a tail. So:
 * reading stops at the first record that is not whole, at offset X; if any whole record further on
 * says that the file had been synced beyond X, the damage is corruption; otherwise X is the end. An
 * {@code END} record must be the last thing in its file.
 *
 * <p>What no log can tell apart on its own is damage to the very last sync from a sync that never
 * finished; the manifest adds marks after each sync for that, the WAL its {@code END}.
 */
public final class RecordReader {
  private RecordReader() {}

  /**
   * What a file held.
   *
   * @param previous the number of the file before this one, 0 if none; -1 if the header was torn
   * @param ended whether the file says itself that it is complete
   */
  public record Outcome(long previous, boolean ended) {}

  /** Hands every payload of the file to the consumer, in order. */
  public static Outcome read(
      FileSystem files, Path path, String magic, long number, Consumer<ByteSource> payloads)
      throws IOException {
    return read(path.toString(), readFully(files, path), magic, number, payloads);
  }

  static Outcome read(
      String name, byte[] file, String magic, long number, Consumer<ByteSource> payloads) {
    if (!validHeader(name, file, magic, number)) {
      requireTornTail(name, file, 0);
      return new Outcome(-1, false);
    }
    long previous = Bytes.getLong(file, 20);
    int offset = RecordFormat.FILE_HEADER_BYTES;
    while (RecordFormat.validRecordAt(file, offset)) {
      int payload = offset + RecordFormat.RECORD_HEADER_BYTES;
      int end = payload + Bytes.getInt(file, offset + 4);
      int type = file[payload - 1];
      switch (type) {
        case RecordFormat.DATA -> payloads.accept(new ByteSource(file, payload, end, name));
        case RecordFormat.MARK -> {}
        case RecordFormat.END -> {
          if (end != file.length) {
            throw new StorageException.Corruption(name + ": bytes after the end, at offset " + end);
          }
          return new Outcome(previous, true);
        }
        default ->
            throw new StorageException.Corruption(
                name + ": record of unknown type " + type + " at offset " + offset);
      }
      offset = end;
    }
    requireTornTail(name, file, offset);
    return new Outcome(previous, false);
  }

  private static boolean validHeader(String name, byte[] file, String magic, long number) {
    if (file.length < RecordFormat.FILE_HEADER_BYTES
        || Bytes.crc32c(file, 0, 28) != Bytes.getInt(file, 28)) {
      return false;
    }
    RecordFormat.FileHeader header =
        RecordFormat.FileHeader.decode(
            new ByteSource(file, 0, RecordFormat.FILE_HEADER_BYTES, name));
    if (!header.magic().equals(magic) || header.number() != number) {
      throw new StorageException.Corruption(
          "%s: is %s number %d, not %s %d"
              .formatted(name, header.magic(), header.number(), magic, number));
    }
    if (header.version() > RecordFormat.VERSION) {
      throw new StorageException.TooNew(
          name
              + ": format version "
              + header.version()
              + ", this build knows "
              + RecordFormat.VERSION);
    }
    return true;
  }

  /**
   * Looks for a record after the offset that proves that the bytes at the offset had been synced.
   * Only offsets whose would-be {@code syncedTo} lies in between are worth a checksum, so random
   * bytes cost next to nothing.
   */
  private static void requireTornTail(String name, byte[] file, int tornAt) {
    for (int offset = tornAt + 1;
        offset + RecordFormat.RECORD_HEADER_BYTES <= file.length;
        offset++) {
      long syncedTo = Bytes.getLong(file, offset + 8);
      if (syncedTo > tornAt && syncedTo <= offset && RecordFormat.validRecordAt(file, offset)) {
        throw new StorageException.Corruption(
            name + ": damaged record at offset " + tornAt + ", which had been synced");
      }
    }
  }

  private static byte[] readFully(FileSystem files, Path path) throws IOException {
    try (FileSystem.ReadableFile file = files.open(path)) {
      long size = file.size();
      if (size > Integer.MAX_VALUE - 64) {
        throw new StorageException.Corruption(path + ": impossible length " + size);
      }
      ByteBuffer buffer = ByteBuffer.allocate((int) size);
      int count = file.read(buffer, 0);
      if (count != size) {
        throw new IOException(path + ": read " + count + " of " + size + " bytes");
      }
      return buffer.array();
    }
  }
}
