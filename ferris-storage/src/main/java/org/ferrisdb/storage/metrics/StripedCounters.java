package org.ferrisdb.storage.metrics;

/**
 * A few counters for a path of which a microsecond is much: each thread adds, without an atomic
 * operation, in a row of its own, and a reader sums the rows up. Two threads that happen to share a
 * row may lose an addition now and then, so these are figures to look at, not to decide by. Safe
 * for many threads.
 */
public final class StripedCounters {
  private static final int ROW_LONGS = 16; // two cache lines: the processor fetches them in pairs
  private static final int ROWS =
      Integer.highestOneBit(Math.clamp(4L * Runtime.getRuntime().availableProcessors(), 8, 128));

  private final long[] cells = new long[(ROWS + 1) * ROW_LONGS];

  /** Adds one to a counter, 0 to 15. */
  public void increment(int counter) {
    int row = (int) Thread.currentThread().threadId() & (ROWS - 1);
    cells[(row + 1) * ROW_LONGS + counter]++;
  }

  /** The counter's value. */
  public long sum(int counter) {
    long sum = 0;
    for (int row = 1; row <= ROWS; row++) {
      sum += cells[row * ROW_LONGS + counter];
    }
    return sum;
  }
}
