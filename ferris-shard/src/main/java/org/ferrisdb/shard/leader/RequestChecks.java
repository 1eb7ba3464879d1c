package org.ferrisdb.shard.leader;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.ShardRequests.Condition;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.state.EntryBodyCodec;
import org.jspecify.annotations.Nullable;

/** What is checked of a request: its form before it is queued, its place when it is evaluated. */
final class RequestChecks {
  /** Bytes a request counts for besides its keys and values. */
  private static final int OVERHEAD_BYTES = 128;

  private RequestChecks() {}

  /** Checks a write's form and returns its bytes; throws a refusal. */
  static long check(Write write, ShardLimits limits) {
    if (write.sequence() < 1
        || write.acknowledgedBelow() < 0
        || write.acknowledgedBelow() > write.sequence()) {
      throw ShardException.refused(
          Reason.INVALID,
          "sequence %d with acknowledgedBelow %d: sequences count from 1, and a call can not be acknowledged before it is made"
              .formatted(write.sequence(), write.acknowledgedBelow()));
    }
    long bytes = 0;
    for (Condition c : write.conditions()) {
      checkKey(c.key(), limits);
      bytes += c.key().length + (c instanceof Condition.HasValue h ? h.value().length : 8);
    }
    Set<ByteBuffer> keys = new HashSet<>();
    for (Mutation m : write.mutations()) {
      checkKey(m.key(), limits);
      byte[] value = m.value();
      int length = value == null ? 0 : value.length;
      limit("value", length, limits.maxValueBytes(), "store it in parts");
      bytes += m.key().length + length;
      if (write.mutations().size() > 1 && !keys.add(ByteBuffer.wrap(m.key()))) {
        throw ShardException.refused(Reason.INVALID, "a write names a key twice");
      }
    }
    limit("write", bytes, limits.maxBatchBytes(), "split it");
    long entry = EntryBodyCodec.commandBytes(write.mutations());
    limit("log entry", entry, limits.maxEntryBytes() - 64L, "split the write");
    return bytes + OVERHEAD_BYTES;
  }

  /** Checks a get's form and returns its bytes. */
  static long check(Get get, ShardLimits limits) {
    long bytes = OVERHEAD_BYTES;
    for (byte[] key : get.keys()) {
      checkKey(key, limits);
      bytes += key.length;
    }
    checkTimestamp(get.timestamp());
    return bytes;
  }

  /** Checks a scan's form and returns its bytes. */
  static long check(Scan scan, ShardLimits limits) {
    limit("key", scan.from().length, limits.maxKeyBytes(), "use shorter bounds");
    limit("key", scan.to().length, limits.maxKeyBytes(), "use shorter bounds");
    if (scan.maxEntries() < 1 || scan.maxBytes() < 1) {
      throw ShardException.refused(Reason.INVALID, "a page of no entries or no bytes");
    }
    checkTimestamp(scan.timestamp());
    return (long) OVERHEAD_BYTES + scan.from().length + scan.to().length;
  }

  private static void checkTimestamp(long timestamp) {
    if (timestamp < 0) {
      throw ShardException.refused(Reason.INVALID, "timestamp " + timestamp + " is negative");
    }
  }

  private static void checkKey(byte[] key, ShardLimits limits) {
    if (key.length == 0) {
      throw ShardException.refused(Reason.INVALID, "an empty key");
    }
    limit("key", key.length, limits.maxKeyBytes(), "use shorter keys");
  }

  private static void limit(String what, long bytes, long most, String remedy) {
    if (bytes > most) {
      throw ShardException.refused(
          Reason.LIMIT_EXCEEDED,
          "%s of %d bytes is over the limit of %d bytes: %s".formatted(what, bytes, most, remedy));
    }
  }

  /** Whether all keys of a write lie in the range. */
  static boolean inside(Write write, KeyRange range) {
    for (Condition c : write.conditions()) {
      if (!range.contains(c.key())) {
        return false;
      }
    }
    for (Mutation m : write.mutations()) {
      if (!range.contains(m.key())) {
        return false;
      }
    }
    return true;
  }

  /** Whether all keys lie in the range. */
  static boolean inside(List<byte[]> keys, KeyRange range) {
    for (byte[] key : keys) {
      if (!range.contains(key)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a scan's bounds lie in the range; empty ones stand for the range's own. */
  static boolean inside(Scan scan, KeyRange range) {
    boolean startsInside =
        scan.from().length == 0 || Arrays.compareUnsigned(scan.from(), range.start()) >= 0;
    boolean endsInside =
        scan.to().length == 0
            || range.end().length == 0
            || Arrays.compareUnsigned(scan.to(), range.end()) <= 0;
    return startsInside && endsInside;
  }

  /**
   * Why a request that was routed by {@code epoch} can not be evaluated at this descriptor, null if
   * it can.
   */
  static @Nullable ShardException misrouted(
      @Nullable ShardDescriptor descriptor, long epoch, boolean inside) {
    if (descriptor == null) {
      return ShardException.refused(Reason.UNAVAILABLE, "the shard has no descriptor yet");
    }
    if (epoch > descriptor.epoch()) {
      return ShardException.refused(
          Reason.UNAVAILABLE,
          "the shard is at epoch %d and has not applied %d yet"
              .formatted(descriptor.epoch(), epoch));
    }
    if (epoch < descriptor.epoch() || !inside) {
      return new ShardException(
          Reason.WRONG_EPOCH,
          ShardException.Applied.NO,
          "shard %s is at epoch %d, the request names %d%s"
              .formatted(
                  descriptor.id(),
                  descriptor.epoch(),
                  epoch,
                  inside ? "" : " and keys outside its range"),
          java.util.Optional.empty(),
          List.of(descriptor));
    }
    return null;
  }
}
