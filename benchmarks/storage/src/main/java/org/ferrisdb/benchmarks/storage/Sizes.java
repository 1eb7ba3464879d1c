package org.ferrisdb.benchmarks.storage;

import java.util.concurrent.atomic.AtomicLong;

/** What is the same for all contestants. */
final class Sizes {
  private static final long LEAST_CACHE_BYTES = 512L << 20;
  private static final long MOST_CACHE_BYTES = 1L << 30;
  static final long MEMTABLE_BYTES = 64L << 20;
  static final int BLOCK_BYTES = 4 << 10;
  static final long TABLE_BYTES = 64L << 20;
  static final long LEVEL_BASE_BYTES = 256L << 20;
  static final int BACKGROUND_THREADS = 2;

  /** Of a driver's heap, besides the cache. */
  private static final int HEAP_MB = 1536;

  private static final AtomicLong CONSUMED = new AtomicLong();

  private Sizes() {}

  /** A cache that the data set fits in, as long as it is no larger than a gigabyte. */
  static long cacheBytes(Data data) {
    return Math.clamp(data.rawBytes() * 5 / 4, LEAST_CACHE_BYTES, MOST_CACHE_BYTES);
  }

  /** One that holds an eighth of it. */
  static long smallCacheBytes(Data data) {
    return Math.max(1 << 20, data.rawBytes() / 8);
  }

  /** Largest heap of a driver; FerrisDB's cache and memtables are in it, RocksDB's are not. */
  static int heapMb(Data data) {
    return HEAP_MB + (int) (cacheBytes(data) >> 20);
  }

  /** Takes a result that nobody else wants. */
  static void consume(long value) {
    if (value == Long.MIN_VALUE + 1) {
      CONSUMED.incrementAndGet();
    }
  }
}
