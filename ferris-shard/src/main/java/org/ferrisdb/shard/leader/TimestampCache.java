package org.ferrisdb.shard.leader;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * What has been read at which timestamp: no write may commit below that any more, or the read would
 * not be repeatable. Bounded; what is evicted raises the floor, under which nothing may be written.
 *
 * <p>Keys live in two generations: when the young one is full, the old one is dropped into the
 * floor and the young one takes its place. Belongs to the loop.
 */
final class TimestampCache {
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  private record Range(byte[] from, byte[] to, long timestamp) {}

  private final int maxKeys;
  private final int maxRanges;
  private Map<ByteBuffer, Long> young = new HashMap<>();
  private Map<ByteBuffer, Long> old = new HashMap<>();
  private final Deque<Range> ranges = new ArrayDeque<>();
  private long floor;

  /**
   * @param floor nothing may be written at or below it: drawn after every earlier leader's lease
   *     has ended
   * @param maxKeys single keys held, at most about twice this
   * @param maxRanges ranges held
   */
  TimestampCache(long floor, int maxKeys, int maxRanges) {
    this.floor = floor;
    this.maxKeys = maxKeys;
    this.maxRanges = maxRanges;
  }

  /** The key has been, or is about to be, read at the timestamp. */
  void raise(byte[] key, long timestamp) {
    if (timestamp <= floor) {
      return;
    }
    young.merge(ByteBuffer.wrap(key), timestamp, Math::max);
    if (young.size() >= maxKeys) {
      for (long dropped : old.values()) {
        floor = Math.max(floor, dropped);
      }
      old = young;
      young = new HashMap<>();
    }
  }

  /** So has the range; an empty {@code to} is open. */
  void raise(byte[] from, byte[] to, long timestamp) {
    if (timestamp <= floor) {
      return;
    }
    ranges.addLast(new Range(from, to, timestamp));
    if (ranges.size() > maxRanges) {
      floor = Math.max(floor, ranges.removeFirst().timestamp);
    }
  }

  /** A write of the key must commit above this. */
  long lowest(byte[] key) {
    ByteBuffer wrapped = ByteBuffer.wrap(key);
    long lowest = Math.max(floor, young.getOrDefault(wrapped, 0L));
    lowest = Math.max(lowest, old.getOrDefault(wrapped, 0L));
    for (Range range : ranges) {
      if (range.timestamp > lowest
          && Arrays.compareUnsigned(key, range.from) >= 0
          && (range.to.length == 0 || Arrays.compareUnsigned(key, range.to) < 0)) {
        lowest = range.timestamp;
      }
    }
    return lowest;
  }

  /** Everything at or below this has been evicted, or was never known. */
  long floor() {
    return floor;
  }
}
