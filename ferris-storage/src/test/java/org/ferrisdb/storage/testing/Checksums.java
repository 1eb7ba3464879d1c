package org.ferrisdb.storage.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.io.Bytes;

/**
 * Knows where the checksums of a file are, so that a test can change what is under them and make
 * them right again: a parser must not be hurt by what a bug or malice has put into a whole record.
 *
 * @param regions in any order; none overlaps another
 */
public record Checksums(List<Region> regions) {
  private static final int RECORD_FILE_HEADER = 32;
  private static final int RECORD_HEADER = 17;
  private static final int TABLE_HEADER = 16;
  private static final int TABLE_FOOTER = 64;
  private static final int VALUES_FOOTER = 28;
  private static final int HANDLES = 4;
  private static final int HANDLE = 12;

  /**
   * Bytes and where their CRC32C is.
   *
   * @param from inclusive
   * @param to exclusive
   * @param checksum offset of four bytes
   */
  public record Region(int from, int to, int checksum) {}

  /** Of a WAL or a manifest. */
  public static Checksums ofRecords(byte[] file) {
    List<Region> regions = new ArrayList<>();
    regions.add(new Region(0, RECORD_FILE_HEADER - 4, RECORD_FILE_HEADER - 4));
    int at = RECORD_FILE_HEADER;
    while (at + RECORD_HEADER <= file.length) {
      int end = at + RECORD_HEADER + Bytes.getInt(file, at + 4);
      regions.add(new Region(at + 4, end, at));
      at = end;
    }
    return new Checksums(regions);
  }

  /** Of a table: header, footer, and all that lies between them block after block. */
  public static Checksums ofTable(byte[] file, List<Integer> dataBlockEnds) {
    List<Region> regions = new ArrayList<>();
    regions.add(new Region(0, TABLE_HEADER - 4, TABLE_HEADER - 4));
    int footer = file.length - TABLE_FOOTER;
    regions.add(new Region(footer, footer + TABLE_FOOTER - 12, footer + TABLE_FOOTER - 12));
    for (int handle = 0; handle < HANDLES; handle++) {
      int offset = (int) Bytes.getLong(file, footer + HANDLE * handle);
      int length = Bytes.getInt(file, footer + HANDLE * handle + 8);
      if (length > 0) { // else the table has no range tombstones
        regions.add(new Region(offset, offset + length - 4, offset + length - 4));
      }
    }
    int start = TABLE_HEADER;
    for (int end : dataBlockEnds) {
      regions.add(new Region(start, end - 4, end - 4));
      start = end;
    }
    return new Checksums(regions);
  }

  /** Of a value file: header, footer, index, and the values before that, one after the other. */
  public static Checksums ofValues(byte[] file) {
    List<Region> regions = new ArrayList<>();
    regions.add(new Region(0, TABLE_HEADER - 4, TABLE_HEADER - 4));
    int footer = file.length - VALUES_FOOTER;
    regions.add(new Region(footer, footer + VALUES_FOOTER - 12, footer + VALUES_FOOTER - 12));
    int index = (int) Bytes.getLong(file, footer);
    regions.add(new Region(index, footer - 4, footer - 4));
    int start = TABLE_HEADER;
    for (int at = index; at < footer - 5; at += 4) {
      int end = start + Bytes.getInt(file, at);
      regions.add(new Region(start, end - 4, end - 4));
      start = end;
    }
    return new Checksums(regions);
  }

  /**
   * Where the data blocks of a table end: each ends where the checksum of all since the last end is
   * right.
   */
  public static List<Integer> dataBlockEnds(byte[] file) {
    int footer = file.length - TABLE_FOOTER;
    int firstOther = file.length;
    for (int handle = 0; handle < HANDLES; handle++) {
      if (Bytes.getInt(file, footer + HANDLE * handle + 8) > 0) {
        firstOther = (int) Math.min(firstOther, Bytes.getLong(file, footer + HANDLE * handle));
      }
    }
    List<Integer> ends = new ArrayList<>();
    int start = TABLE_HEADER;
    for (int end = start + 5; end <= firstOther; end++) {
      if (Bytes.crc32c(file, start, end - 4 - start) == Bytes.getInt(file, end - 4)) {
        ends.add(end);
        start = end;
        end += 4;
      }
    }
    return ends;
  }

  /** Of any file of an engine; none for CURRENT, which {@link #current} makes. */
  public static Checksums of(String name, byte[] file) {
    if (name.endsWith(".sst")) {
      return ofTable(file, dataBlockEnds(file));
    }
    if (name.endsWith(".val")) {
      return ofValues(file);
    }
    return name.equals("CURRENT") ? new Checksums(List.of()) : ofRecords(file);
  }

  /** Makes them right. */
  public void repair(byte[] file) {
    for (Region region : regions) {
      Bytes.putInt(file, region.checksum, Bytes.crc32c(file, region.from, region.to - region.from));
    }
  }

  /** A CURRENT of that name with the right checksum. */
  public static byte[] current(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    return "%s %08x\n"
        .formatted(name, Bytes.crc32c(bytes, 0, bytes.length))
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
