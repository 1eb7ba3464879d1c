package org.ferrisdb.storage.wal;

import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.key.EntryOrder;

/**
 * A write batch as the payload of one WAL record, so that it is replayed whole or not at all.
 *
 * <pre>
 * batch = | term varint | index varint | count varint | op* |
 * op    = | tag u64 (timestamp and kind) | key blob | value blob, only for a put |
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
  }

  /** Is told the operations of a batch, in order. */
  public interface Reader {
    /** An operation; its key and value are slices of the array. A tombstone's value is empty. */
    void op(
        byte[] array,
        int key,
        int keyLength,
        long timestamp,
        EntryKind kind,
        int value,
        int valueLength);
  }

  /** Reads one batch, which must fill the source, without a copy; returns its position. */
  public static AppliedPosition read(ByteSource source, Reader reader) {
    AppliedPosition position = new AppliedPosition(source.getVarint(), source.getVarint());
    int count = source.getCount();
    for (int i = 0; i < count; i++) {
      long tag = source.getLong();
      EntryKind kind = EntryOrder.kind(tag);
      int keyLength = source.getCount();
      int key = source.skip(keyLength);
      int valueLength = kind == EntryKind.PUT ? source.getCount() : 0;
      int value = source.skip(valueLength);
      reader.op(
          source.array(), key, keyLength, EntryOrder.timestamp(tag), kind, value, valueLength);
    }
    if (source.remaining() != 0) {
      throw source.corrupt("bytes after the batch");
    }
    return position;
  }
}
