package org.ferrisdb.shard.leader;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardRequests.Entry;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Value;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.state.ShardState;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.Versioned;
import org.jspecify.annotations.Nullable;

/**
 * Reads the applied state at a timestamp. Whoever calls has seen to it that nothing at or below the
 * timestamp is pending, and checks the lease afterwards. Thread-safe.
 */
final class MvccReader {
  /** Largest page, whatever the request says. */
  private static final int MAX_PAGE_BYTES = 4 << 20;

  private static final int MAX_PAGE_ENTRIES = 100_000;

  /** No answer to a get is larger: it would not fit into a frame, and keys name values often. */
  private static final int MAX_GET_BYTES = 5 << 20;

  private final ShardState state;

  MvccReader(ShardState state) {
    this.state = state;
  }

  /** Reads the keys at the timestamp. */
  GetResult get(List<byte[]> keys, long timestamp) {
    List<@Nullable Value> values = new ArrayList<>(keys.size());
    long bytes = 0;
    for (byte[] key : keys) {
      Value value = value(state.get(key, timestamp));
      values.add(value);
      bytes += value == null ? 0 : value.value().length;
      if (bytes > MAX_GET_BYTES) {
        throw ShardException.refused(
            ShardException.Reason.LIMIT_EXCEEDED,
            "the values of %d keys are over the limit of %d bytes: get fewer keys in one request"
                .formatted(keys.size(), MAX_GET_BYTES));
      }
    }
    checkFloor(timestamp);
    return new GetResult(timestamp, values);
  }

  /** The newest applied value of a key. */
  @Nullable Value newest(byte[] key) {
    return value(state.get(key, Long.MAX_VALUE));
  }

  private static @Nullable Value value(@Nullable Versioned version) {
    return version == null || version.isTombstone()
        ? null
        : new Value(version.timestamp(), version.value());
  }

  /** Reads a page of the range at the timestamp; blocking. */
  ScanPage scan(Scan scan, KeyRange shard, long timestamp) {
    byte[] from = scan.from().length == 0 ? shard.start() : scan.from();
    byte[] to = scan.to().length == 0 ? shard.end() : scan.to();
    int maxEntries = Math.min(scan.maxEntries(), MAX_PAGE_ENTRIES);
    int maxBytes = Math.min(scan.maxBytes(), MAX_PAGE_BYTES);
    Direction direction = scan.reverse() ? Direction.REVERSE : Direction.FORWARD;
    List<Entry> entries = new ArrayList<>();
    boolean more = false;
    // The cursor pins the versions it will read; only then the floor is looked at.
    try (EntryCursor cursor = state.cursor(from, to, timestamp, direction)) {
      checkFloor(timestamp);
      long bytes = 0;
      while (cursor.next()) {
        if (entries.size() >= maxEntries || bytes >= maxBytes) {
          more = true;
          break;
        }
        byte[] key = ShardState.userKey(cursor.key());
        byte[] value = scan.keysOnly() ? new byte[0] : cursor.value();
        bytes += key.length + value.length + 16;
        entries.add(new Entry(key, value, cursor.timestamp()));
      }
    }
    return new ScanPage(timestamp, entries, more);
  }

  /** Called after the versions to be read were pinned or read: then nothing was missing. */
  private void checkFloor(long timestamp) {
    long floor = state.garbageFloor();
    if (timestamp < floor) {
      throw ShardException.refused(
          Reason.TIMESTAMP_INVALID,
          "timestamp %d is below the garbage floor %d: old versions may be gone"
              .formatted(timestamp, floor));
    }
  }
}
