package org.ferrisdb.storage.wal;

import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.key.EntryOrder;
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

  /** Reads one batch, which must fill the source. */
  public static WriteBatch decode(ByteSource source) {
    WriteBatch batch = new WriteBatch();
    batch.at(new AppliedPosition(source.getVarint(), source.getVarint()));
    int count = source.getCount();
    for (int i = 0; i < count; i++) {
      long tag = source.getLong();
      byte[] key = source.getBlob();
      long timestamp = EntryOrder.timestamp(tag);
      switch (EntryOrder.kind(tag)) {
        case PUT -> batch.put(key, timestamp, source.getBlob());
        case TOMBSTONE -> batch.delete(key, timestamp);
      }
    }
    for (int i = source.getCount(); i > 0; i--) {
      long timestamp = source.getVarint();
      byte[] from = source.getBlob();
      batch.deleteRange(from, source.getBlob(), timestamp);
    }
    if (source.remaining() != 0) {
      throw source.corrupt("bytes after the batch");
    }
    return batch;
  }
}
