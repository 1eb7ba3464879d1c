package org.ferrisdb.storage.wal;

import java.util.Arrays;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.Limits;
import org.ferrisdb.storage.key.RangeTombstone;

/**
 * A write batch as the payload of one WAL record, so that it is replayed whole or not at all.
 *
 * <pre>
 * batch = | term varint | index varint | count varint | op* | count varint | range* |
 * op    = | tag u64 (timestamp and kind) | key blob | value blob, only for a put |
 * range = | timestamp varint | from blob | to blob |
 * </pre>
 */
public final class BatchRecord {
  private BatchRecord() {}

  /** Appends the batch to the sink. */
  public static void encode(WriteBatch batch, ByteSink sink) {
    sink.putVarint(batch.position().term()).putVarint(batch.position().index());
    sink.putVarint(batch.ops().size());
    for (WriteBatch.Op op : batch.ops()) {
      sink.putLong(EntryOrder.tag(op.timestamp(), op.kind())).putBlob(op.key());
      if (op.kind() == EntryKind.PUT) {
        sink.putBlob(op.value());
      }
    }
    sink.putVarint(batch.ranges().size());
    for (RangeTombstone range : batch.ranges()) {
      sink.putVarint(range.timestamp()).putBlob(range.from()).putBlob(range.to());
    }
  }

  /**
   * Reads one batch, which must fill the source. Holds keys and values to the limits that every
   * batch was held to when it was written.
   */
  public static WriteBatch decode(ByteSource source) {
    WriteBatch batch = new WriteBatch();
    batch.at(new AppliedPosition(source.getNumber(), source.getNumber()));
    int count = source.getCount();
    for (int i = 0; i < count; i++) {
      long tag = source.getLong();
      byte[] key = source.getBlob();
      if (key.length == 0 || key.length > Limits.KEY_BYTES) {
        throw source.corrupt("key of " + key.length + " bytes");
      }
      long timestamp = EntryOrder.timestamp(tag);
      switch (EntryOrder.kind(tag)) {
        case PUT -> batch.put(key, timestamp, value(source));
        case TOMBSTONE -> batch.delete(key, timestamp);
      }
    }
    for (int i = source.getCount(); i > 0; i--) {
      long timestamp = source.getNumber();
      byte[] from = source.getBlob();
      byte[] to = source.getBlob();
      if (from.length == 0
          || Math.max(from.length, to.length - 1) > Limits.KEY_BYTES
          || Arrays.compareUnsigned(from, to) >= 0) {
        throw source.corrupt("range of no keys, or beyond all keys");
      }
      batch.deleteRange(from, to, timestamp);
    }
    if (source.remaining() != 0) {
      throw source.corrupt("bytes after the batch");
    }
    return batch;
  }

  private static byte[] value(ByteSource source) {
    byte[] value = source.getBlob();
    if (value.length > Limits.VALUE_BYTES) {
      throw source.corrupt("value of " + value.length + " bytes");
    }
    return value;
  }
}
