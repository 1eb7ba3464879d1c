package org.ferrisdb.storage.manifest;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.sstable.TableProperties;

/**
 * One atomic change of an engine's durable state; one record of the manifest.
 *
 * <pre>
 * edit   = | nextFileNumber varint | logNumber varint | term varint | index varint |
 *          | garbageFloor varint | removed count varint | removed* | added count varint | added* |
 * removed  | level u8 | number varint |
 * added    | level u8 | number varint | length varint | properties |
 * </pre>
 *
 * <p>The scalars are always written whole: an edit says what they are from now on.
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
    }
  }

  /** Reads one edit, which must fill the source. */
  public static VersionEdit decode(ByteSource source) {
    long nextFileNumber = source.getVarint("nextFileNumber");
    long logNumber = source.getVarint("logNumber");
    AppliedPosition position =
        new AppliedPosition(source.getVarint("term"), source.getVarint("index"));
    long garbageFloor = source.getVarint("garbageFloor");
    List<Removed> removed = new ArrayList<>();
    for (int i = source.getCount("removed count"); i > 0; i--) {
      removed.add(new Removed(level(source), source.getVarint("number")));
    }
    List<Added> added = new ArrayList<>();
    for (int i = source.getCount("added count"); i > 0; i--) {
      int level = level(source);
      long number = source.getVarint("number");
      long length = source.getVarint("length");
      added.add(
          new Added(level, new TableMetadata(number, length, TableProperties.decode(source))));
    }
    if (source.remaining() != 0) {
      throw source.corrupt("bytes after the edit");
    }
    return new VersionEdit(nextFileNumber, logNumber, position, garbageFloor, removed, added);
  }

  private static int level(ByteSource source) {
    int level = source.getByte("level");
    if (level >= Version.LEVELS) {
      throw source.corrupt("level " + level);
    }
    return level;
  }
}
