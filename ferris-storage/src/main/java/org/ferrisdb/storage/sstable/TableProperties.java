package org.ferrisdb.storage.sstable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;

/**
 * What a table holds, in numbers; stored in the table and, for the picker, in the manifest.
 *
 * <pre>
 * properties | entries | tombstones | ranges | keys   | minTimestamp | maxTimestamp | smallest | end  |
 *            | varint  | varint     | varint | varint | varint       | varint       | blob     | blob |
 *            | value files varint | {@link ValueUse}* |
 * </pre>
 *
 * @param entries versions of keys, tombstones included
 * @param tombstones entries that are tombstones
 * @param ranges range tombstones, counted once a fragment
 * @param keys distinct user keys
 * @param minTimestamp oldest timestamp, of entries and ranges
 * @param maxTimestamp newest timestamp, of entries and ranges
 * @param smallest first user key, or the start of a range before it
 * @param end the first key after all keys and ranges
 * @param values the value files that it refers to
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record TableProperties(
    long entries,
    long tombstones,
    long ranges,
    long keys,
    long minTimestamp,
    long maxTimestamp,
    byte[] smallest,
    byte[] end,
    List<ValueUse> values) {
  /** Of a table that has all its values. */
  public TableProperties(
      long entries,
      long tombstones,
      long ranges,
      long keys,
      long minTimestamp,
      long maxTimestamp,
      byte[] smallest,
      byte[] end) {
    this(entries, tombstones, ranges, keys, minTimestamp, maxTimestamp, smallest, end, List.of());
  }

  /** Whether the other says the same of a table. */
  public boolean saysTheSame(TableProperties other) {
    ByteSink mine = new ByteSink(256);
    ByteSink theirs = new ByteSink(256);
    encode(mine);
    other.encode(theirs);
    return Arrays.equals(mine.toByteArray(), theirs.toByteArray());
  }

  /** Appends the encoding. */
  public void encode(ByteSink sink) {
    sink.putVarint(entries).putVarint(tombstones).putVarint(ranges).putVarint(keys);
    sink.putVarint(minTimestamp).putVarint(maxTimestamp);
    sink.putBlob(smallest).putBlob(end);
    sink.putVarint(values.size());
    values.forEach(use -> use.encode(sink));
  }

  /** Reads what {@link #encode} wrote. */
  public static TableProperties decode(ByteSource source) {
    return new TableProperties(
        source.getNumber("entries"),
        source.getNumber("tombstones"),
        source.getNumber("ranges"),
        source.getNumber("keys"),
        source.getNumber("minTimestamp"),
        source.getNumber("maxTimestamp"),
        source.getBlob("smallest"),
        source.getBlob("end"),
        values(source));
  }

  private static List<ValueUse> values(ByteSource source) {
    List<ValueUse> values = new ArrayList<>(0);
    for (int i = source.getCount("value files"); i > 0; i--) {
      values.add(ValueUse.decode(source));
    }
    return List.copyOf(values);
  }
}
