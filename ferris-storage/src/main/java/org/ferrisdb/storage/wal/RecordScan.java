package org.ferrisdb.storage.wal;

import java.io.IOException;
import java.nio.file.Path;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.io.FileWindow;
import org.jspecify.annotations.Nullable;

/**
 * Walks a file of records for a doctor: unlike {@link RecordReader}, which stops where the engine
 * must stop, it looks for the next whole record behind damage, and judges at the end. It holds one
 * record at a time.
 */
public final class RecordScan {
  /** What is longer is taken for damage: a batch has a limit far below, an edit stays below too. */
  private static final int MAX_PAYLOAD_BYTES = 64 << 20;

  /** So much is checksummed in the search behind damage: an end for files made to be slow. */
  private static final long SEARCH_BYTES = 1L << 30;

  private final FileWindow file;
  private final String name;
  private final Visitor visitor;
  private long budget = SEARCH_BYTES;
  private long records;
  private long firstGap = -1;
  private boolean provenSynced;
  private boolean ended;

  private RecordScan(FileWindow file, String name, Visitor visitor) {
    this.file = file;
    this.name = name;
    this.visitor = visitor;
  }

  /** Is shown the file from front to back. */
  public interface Visitor {
    /** The first bytes of the file: 32, or fewer if it is shorter; whether they are whole. */
    void header(byte[] bytes, boolean whole);

    /** A whole record with the right checksum: {@code bytes} begins with its header. */
    void record(long offset, byte[] bytes);

    /** Bytes [from, to) that are no whole record. */
    void gap(long from, long to);
  }

  /**
   * What is to be thought of the file.
   *
   * @param length bytes of the file
   * @param records whole records
   * @param firstGap where the first bytes are that are no record; -1 if there are none
   * @param provenSynced whether it is certain that those are no torn tail, the normal trace of a
   *     crash: a later record says that they had been synced, or an end comes before them
   * @param ended whether the last record says that the file is complete
   * @param gaveUp whether the search behind damage was given up, so that records may be missing
   */
  public record Outcome(
      long length,
      long records,
      long firstGap,
      boolean provenSynced,
      boolean ended,
      boolean gaveUp) {}

  /** Walks the file. */
  public static Outcome scan(FileSystem files, Path path, Visitor visitor) throws IOException {
    try (FileSystem.ReadableFile opened = files.open(path)) {
      FileWindow file = new FileWindow(opened, path.toString());
      return new RecordScan(file, path.toString(), visitor).run();
    }
  }

  private Outcome run() throws IOException {
    int head = (int) Math.min(RecordFormat.FILE_HEADER_BYTES, file.length());
    byte[] bytes = file.bytes(0, head);
    boolean whole =
        head == RecordFormat.FILE_HEADER_BYTES
            && Bytes.crc32c(bytes, 0, head - 4) == Bytes.getInt(bytes, head - 4);
    visitor.header(bytes, whole);
    long at = whole ? head : 0;
    while (at < file.length()) {
      byte[] record = ended ? null : recordAt(at);
      if (record == null) {
        long next = ended ? file.length() : search(at + 1);
        firstGap = firstGap < 0 ? at : firstGap;
        provenSynced |= ended; // nothing follows an end
        visitor.gap(at, next);
        at = next;
      } else {
        note(record);
        visitor.record(at, record);
        at += record.length;
      }
    }
    boolean gaveUp = budget < 0;
    return new Outcome(
        file.length(), records, firstGap, provenSynced, ended && firstGap < 0, gaveUp);
  }

  private void note(byte[] record) {
    RecordFormat.RecordHeader header = header(record, name);
    records++;
    provenSynced |= firstGap >= 0 && header.syncedTo() > firstGap;
    ended = header.type() == RecordFormat.END;
  }

  /** What a whole record says of itself. */
  public static RecordFormat.RecordHeader header(byte[] record, String name) {
    return RecordFormat.RecordHeader.decode(
        new ByteSource(record, 0, RecordFormat.RECORD_HEADER_BYTES, name));
  }

  /** The record at the offset; null if there is no whole one. */
  private byte @Nullable [] recordAt(long offset) throws IOException {
    long room = file.length() - offset - RecordFormat.RECORD_HEADER_BYTES;
    int length = room < 0 ? -1 : file.getInt(offset + 4);
    if (length < 0 || length > Math.min(room, MAX_PAYLOAD_BYTES)) {
      return null;
    }
    byte[] record = file.bytes(offset, RecordFormat.RECORD_HEADER_BYTES + length);
    if (Bytes.crc32c(record, 4, record.length - 4) != Bytes.getInt(record, 0)) {
      return null;
    }
    int type = record[RecordFormat.RECORD_HEADER_BYTES - 1];
    boolean known = RecordFormat.isType(type);
    provenSynced |= !known; // a whole record that the engine will not read past
    return known ? record : null;
  }

  /** The offset of the next whole record, or the file's length. */
  private long search(long from) throws IOException {
    for (long at = from; at + RecordFormat.RECORD_HEADER_BYTES <= file.length(); at++) {
      int type = file.getByte(at + 16);
      long syncedTo = file.getLong(at + 8);
      if (RecordFormat.isType(type) && syncedTo >= 0 && syncedTo <= at) {
        int length = file.getInt(at + 4);
        if (length >= 0 && length <= MAX_PAYLOAD_BYTES && length <= file.length() - at) {
          budget -= length;
          if (budget < 0) {
            return file.length();
          }
          if (recordAt(at) != null) {
            return at;
          }
        }
      }
    }
    return file.length();
  }
}
