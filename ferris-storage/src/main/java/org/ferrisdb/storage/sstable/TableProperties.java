package org.ferrisdb.storage.sstable;

import java.util.Arrays;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;

/**
 * What a table holds, in numbers; stored in the table and, for the picker, in the manifest.
 *
 * <pre>
 * properties | entries | tombstones | ranges | keys   | minTimestamp | maxTimestamp | smallest | end  |
 *            | varint  | varint     | varint | varint | varint       | varint       | blob     | blob |
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
    byte[] end) {
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
        source.getBlob("end"));
  }
}
