package org.ferrisdb.benchmarks.storage;

import java.util.concurrent.atomic.AtomicLong;

/** What is the same for all contestants. */
final class Sizes {
  static final long CACHE_BYTES = 512L << 20;
  static final long MEMTABLE_BYTES = 64L << 20;
  static final int BLOCK_BYTES = 4 << 10;
  static final long TABLE_BYTES = 64L << 20;
  static final long LEVEL_BASE_BYTES = 256L << 20;
  static final int BACKGROUND_THREADS = 2;

  /** Largest heap of a driver; FerrisDB's cache and memtables are in it, RocksDB's are not. */
  static final int HEAP_MB = 2048;

  private static final AtomicLong CONSUMED = new AtomicLong();

  private Sizes() {}

  /** Takes a result that nobody else wants. */
  static void consume(long value) {
    if (value == Long.MIN_VALUE + 1) {
      CONSUMED.incrementAndGet();
    }
  }
}
