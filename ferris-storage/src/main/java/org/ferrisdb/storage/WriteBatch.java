package org.ferrisdb.storage;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.key.Limits;
import org.ferrisdb.storage.key.RangeTombstone;

/**
 * Puts and deletes that become visible together. A key's timestamps never decrease from batch to
 * batch (equal is allowed: the later write wins); within a batch they rise. A deletion of a range
 * is above every version that an earlier batch wrote into it.
 *
 * <p>Not thread-safe. Keys and values must not be changed after they were added.
 */
public final class WriteBatch {
  private final List<Op> ops = new ArrayList<>(4); // many a batch is of one or two
  private final List<RangeTombstone> ranges = new ArrayList<>(0);
  private AppliedPosition position = AppliedPosition.NONE;

  /** Adds a value for the key from the timestamp on. */
  public WriteBatch put(byte[] key, long timestamp, byte[] value) {
    ops.add(new Op(key, timestamp, EntryKind.PUT, value));
    return this;
  }

  /** Adds a tombstone for the key from the timestamp on. */
  public WriteBatch delete(byte[] key, long timestamp) {
    ops.add(new Op(key, timestamp, EntryKind.TOMBSTONE, new byte[0]));
    return this;
  }

  /**
   * Adds a tombstone for all keys of [from, to) from the timestamp on, whatever their number. It
   * comes before the batch's puts: those at the same timestamp stay.
   */
  public WriteBatch deleteRange(byte[] from, byte[] to, long timestamp) {
    ranges.add(new RangeTombstone(from, to, timestamp));
    return this;
  }

  /** States which entry of the replicated log this batch is; required in EXTERNAL_LOG mode. */
  public WriteBatch at(AppliedPosition newPosition) {
    position = newPosition;
    return this;
  }

  /** The operations on single keys, in the order they were added. */
  public List<Op> ops() {
    return ops;
  }

  /** The deletions of ranges, in the order they were added. */
  public List<RangeTombstone> ranges() {
    return ranges;
  }

  /** What it takes of a WAL, nearly. */
  long bytes() {
    return payloadBytes() + (long) (ops.size() + ranges.size()) * Limits.OP_OVERHEAD_BYTES;
  }

  /** Its keys and values. */
  long payloadBytes() {
    long bytes = 0;
    for (Op op : ops) {
      bytes += op.key().length + op.value().length;
    }
    for (RangeTombstone range : ranges) {
      bytes += range.from().length + range.to().length;
    }
    return bytes;
  }

  /** The log position, {@link AppliedPosition#NONE} where there is no replicated log. */
  public AppliedPosition position() {
    return position;
  }

  /**
   * One put or delete.
   *
   * @param key 1 byte to 8 KiB (+ the caller's own prefix)
   * @param timestamp unsigned order is not used: never negative
   * @param kind put or tombstone
   * @param value empty for a tombstone
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  public record Op(byte[] key, long timestamp, EntryKind kind, byte[] value) {}
}
