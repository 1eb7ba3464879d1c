package org.ferrisdb.storage.wal;

import java.util.Arrays;
import java.util.function.Consumer;
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

  /** Is told the operations of a batch, in order. */
  public interface OpReader {
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

  /**
   * Reads one batch, which must fill the source, without a copy of keys and values; returns its
   * position. Holds keys and values to the limits that every batch was held to when it was written.
   */
  public static AppliedPosition read(
      ByteSource source, OpReader ops, Consumer<RangeTombstone> ranges) {
    AppliedPosition position =
        new AppliedPosition(source.getNumber("term"), source.getNumber("index"));
    for (int i = source.getCount("ops"); i > 0; i--) {
      readOp(source, ops);
    }
    for (int i = source.getCount("ranges"); i > 0; i--) {
      ranges.accept(range(source));
    }
    if (source.remaining() != 0) {
      throw source.corrupt("bytes after the batch");
    }
    return position;
  }

  /** The same as a batch, with copies of keys and values: for tools. */
  public static WriteBatch decode(ByteSource source) {
    WriteBatch batch = new WriteBatch();
    AppliedPosition position =
        read(
            source,
            (array, key, keyLength, timestamp, kind, value, valueLength) -> {
              byte[] keyCopy = Arrays.copyOfRange(array, key, key + keyLength);
              switch (kind) {
                case PUT ->
                    batch.put(
                        keyCopy, timestamp, Arrays.copyOfRange(array, value, value + valueLength));
                case TOMBSTONE -> batch.delete(keyCopy, timestamp);
              }
            },
            range -> batch.deleteRange(range.from(), range.to(), range.timestamp()));
    return batch.at(position);
  }

  private static void readOp(ByteSource source, OpReader ops) {
    long tag = source.getLong("tag");
    EntryKind kind = EntryOrder.kind(tag);
    int keyLength = source.getCount("key length");
    if (keyLength == 0 || keyLength > Limits.KEY_BYTES) {
      throw source.corrupt("key of " + keyLength + " bytes");
    }
    int key = source.skip("key", keyLength);
    int valueLength = kind == EntryKind.PUT ? source.getCount("value length") : 0;
    if (valueLength > Limits.VALUE_BYTES) {
      throw source.corrupt("value of " + valueLength + " bytes");
    }
    int value = valueLength == 0 ? source.position() : source.skip("value", valueLength);
    ops.op(source.array(), key, keyLength, EntryOrder.timestamp(tag), kind, value, valueLength);
  }

  private static RangeTombstone range(ByteSource source) {
    long timestamp = source.getNumber("timestamp");
    byte[] from = source.getBlob("from");
    byte[] to = source.getBlob("to");
    if (from.length == 0
        || Math.max(from.length, to.length - 1) > Limits.KEY_BYTES
        || Arrays.compareUnsigned(from, to) >= 0) {
      throw source.corrupt("range of no keys, or beyond all keys");
    }
    return new RangeTombstone(from, to, timestamp);
  }
}
