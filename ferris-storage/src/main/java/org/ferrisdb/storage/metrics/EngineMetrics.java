package org.ferrisdb.storage.metrics;

import java.util.concurrent.atomic.LongAdder;

/** Everything that one engine counts of itself since open. Safe for many threads. */
public final class EngineMetrics {
  private final ReadCounters reads = new ReadCounters();
  private final StallCounters stalls = new StallCounters();
  private final LatencyHistogram walSync = new LatencyHistogram();
  private final SeenRate flushRate = new SeenRate();
  private final SeenRate level0Rate = new SeenRate();
  private final LongAdder userBytes = new LongAdder();
  private final LongAdder memtableBytes = new LongAdder();
  private final LongAdder flushedBytes = new LongAdder();
  private final LongAdder flushNanos = new LongAdder();
  private final LongAdder compactedReadBytes = new LongAdder();
  private final LongAdder compactedBytes = new LongAdder();
  private final LongAdder compactionNanos = new LongAdder();

  /** Of gets. */
  public ReadCounters reads() {
    return reads;
  }

  /** Of writers that wait. */
  public StallCounters stalls() {
    return stalls;
  }

  /** How long a WAL takes to write and sync a group of batches. */
  public LatencyHistogram walSync() {
    return walSync;
  }

  /** A user wrote keys and values of that many bytes. */
  public void written(long bytes) {
    userBytes.add(bytes);
  }

  /**
   * A memtable was flushed.
   *
   * @param memtable bytes it held
   * @param tables bytes of the tables it became
   * @param nanos time the flush took
   * @param servedNanos time since it could have begun: since the memtable was frozen, or since the
   *     flush before it ended
   */
  public void flushed(long memtable, long tables, long nanos, long servedNanos) {
    memtableBytes.add(memtable);
    flushedBytes.add(tables);
    flushNanos.add(nanos);
    flushRate.add(memtable, servedNanos);
  }

  /**
   * A compaction has ended.
   *
   * @param level0 bytes of the tables it took from level 0
   * @param read bytes of all tables it read
   * @param written bytes of the tables it wrote
   * @param nanos time it took
   */
  public void compacted(long level0, long read, long written, long nanos) {
    compactedReadBytes.add(read);
    compactedBytes.add(written);
    compactionNanos.add(nanos);
    // Time spent deeper counts too: level 0 waits for it.
    level0Rate.add((long) (level0 * heldPerTableByte()), nanos);
  }

  /** Tables are smaller than the memtables they were. */
  private double heldPerTableByte() {
    long tables = flushedBytes.sum();
    return tables == 0 ? 1 : Math.max(1, (double) memtableBytes.sum() / tables);
  }

  /** Bytes of memtables that flushes turn into tables. */
  public SeenRate flushRate() {
    return flushRate;
  }

  /** Bytes that compactions take out of level 0, counted as what their memtables held. */
  public SeenRate level0Rate() {
    return level0Rate;
  }

  /** Figures of flush and compaction. */
  public WorkStats work() {
    return new WorkStats(
        userBytes.sum(),
        flushedBytes.sum(),
        flushNanos.sum(),
        compactedReadBytes.sum(),
        compactedBytes.sum(),
        compactionNanos.sum());
  }
}
