package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;

/**
 * What a table holds, in numbers; stored in the table and, for the picker, in the manifest.
 *
 * <pre>
 * properties | entries | tombstones | keys | minTimestamp | maxTimestamp | smallest | largest |
 *            | varint  | varint     | ...  | varint       | varint       | blob     | blob    |
 * </pre>
 *
 * @param entries versions of keys, tombstones included
 * @param tombstones entries that are tombstones
 * @param keys distinct user keys
 * @param minTimestamp oldest timestamp
 * @param maxTimestamp newest timestamp
 * @param smallest first user key
 * @param largest last user key
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record TableProperties(
    long entries,
    long tombstones,
    long keys,
    long minTimestamp,
    long maxTimestamp,
    byte[] smallest,
    byte[] largest) {
  /** Appends the encoding. */
  public void encode(ByteSink sink) {
    sink.putVarint(entries).putVarint(tombstones).putVarint(keys);
    sink.putVarint(minTimestamp).putVarint(maxTimestamp);
    sink.putBlob(smallest).putBlob(largest);
  }

  /** Reads what {@link #encode} wrote. */
  public static TableProperties decode(ByteSource source) {
    return new TableProperties(
        source.getVarint("entries"),
        source.getVarint("tombstones"),
        source.getVarint("keys"),
        source.getVarint("minTimestamp"),
        source.getVarint("maxTimestamp"),
        source.getBlob("smallest"),
        source.getBlob("largest"));
  }
}
