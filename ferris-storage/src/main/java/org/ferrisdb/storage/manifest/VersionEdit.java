package org.ferrisdb.storage.manifest;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.sstable.TableProperties;
import org.jspecify.annotations.Nullable;

/**
 * One atomic change of an engine's durable state; one record of the manifest.
 *
 * <pre>
 * edit   = | nextFileNumber varint | logNumber varint | term varint | index varint |
 *          | garbageFloor varint | removed count varint | removed* | added count varint | added* |
 * removed  | level u8 | number varint |
 * added    | level u8 | number varint | length varint | properties | bounds |
 * bounds   | flags u8 | from blob, if flag 1 | to blob, if flag 2 | bytes varint, if flag 4 |
 * </pre>
 *
 * <p>Flag 4 says that the table has bounds, 1 and 2 at which ends. The scalars are always written
 * whole: an edit says what they are from now on.
 *
 * @param nextFileNumber no file of this number or above exists or was ever used
 * @param logNumber WAL files below this number are no longer needed
 * @param position the log position that the tables hold
 * @param garbageFloor versions shadowed at this timestamp may be gone
 * @param removed tables that leave
 * @param added tables that come
 */
public record VersionEdit(
    long nextFileNumber,
    long logNumber,
    AppliedPosition position,
    long garbageFloor,
    List<Removed> removed,
    List<Added> added) {
  private static final int HAS_FROM = 1;
  private static final int HAS_TO = 2;
  private static final int BOUNDED = 4;

  /** A table that leaves a level. */
  public record Removed(int level, long number) {}

  /** A table that comes into a level. */
  public record Added(int level, TableMetadata table) {}

  /** Appends the encoding. */
  public void encode(ByteSink sink) {
    sink.putVarint(nextFileNumber).putVarint(logNumber);
    sink.putVarint(position.term()).putVarint(position.index()).putVarint(garbageFloor);
    sink.putVarint(removed.size());
    for (Removed table : removed) {
      sink.putByte(table.level()).putVarint(table.number());
    }
    sink.putVarint(added.size());
    for (Added entry : added) {
      sink.putByte(entry.level()).putVarint(entry.table().number());
      sink.putVarint(entry.table().length());
      entry.table().properties().encode(sink);
      encodeBounds(entry.table().bounds(), sink);
    }
  }

  /** Reads one edit, which must fill the source. */
  public static VersionEdit decode(ByteSource source) {
    long nextFileNumber = fileNumber(source, "nextFileNumber");
    long logNumber = fileNumber(source, "logNumber");
    AppliedPosition position =
        new AppliedPosition(source.getNumber("term"), source.getNumber("index"));
    long garbageFloor = source.getNumber("garbageFloor");
    List<Removed> removed = new ArrayList<>();
    for (int i = source.getCount("removed count"); i > 0; i--) {
      removed.add(new Removed(level(source), fileNumber(source, "number")));
    }
    List<Added> added = new ArrayList<>();
    for (int i = source.getCount("added count"); i > 0; i--) {
      int level = level(source);
      long number = fileNumber(source, "number");
      long length = source.getNumber("length");
      added.add(
          new Added(
              level,
              new TableMetadata(
                  number, length, TableProperties.decode(source), decodeBounds(source))));
    }
    if (source.remaining() != 0) {
      throw source.corrupt("bytes after the edit");
    }
    return new VersionEdit(nextFileNumber, logNumber, position, garbageFloor, removed, added);
  }

  private static void encodeBounds(TableMetadata.@Nullable Bounds bounds, ByteSink sink) {
    if (bounds == null) {
      sink.putByte(0);
      return;
    }
    byte @Nullable [] from = bounds.range().from();
    byte @Nullable [] to = bounds.range().to();
    sink.putByte(BOUNDED | (from == null ? 0 : HAS_FROM) | (to == null ? 0 : HAS_TO));
    if (from != null) {
      sink.putBlob(from);
    }
    if (to != null) {
      sink.putBlob(to);
    }
    sink.putVarint(bounds.bytes());
  }

  private static TableMetadata.@Nullable Bounds decodeBounds(ByteSource source) {
    int flags = source.getByte("bounds flags");
    if (flags == 0) {
      return null;
    }
    if (flags < BOUNDED || flags > (BOUNDED | HAS_FROM | HAS_TO)) {
      throw source.corrupt("bounds with flags " + flags);
    }
    byte @Nullable [] from = (flags & HAS_FROM) == 0 ? null : source.getBlob("from");
    byte @Nullable [] to = (flags & HAS_TO) == 0 ? null : source.getBlob("to");
    return new TableMetadata.Bounds(new KeyRange(from, to), source.getNumber("bytes"));
  }

  private static long fileNumber(ByteSource source, String field) {
    long number = source.getNumber(field);
    if (number > FileNames.MAX_NUMBER) {
      throw source.corrupt("file number " + number);
    }
    return number;
  }

  private static int level(ByteSource source) {
    int level = source.getByte("level");
    if (level >= Version.LEVELS) {
      throw source.corrupt("level " + level);
    }
    return level;
  }
}
