package org.ferrisdb.storage.flow;

/**
 * How near an engine is to where its writers must stop: 0 is far enough, 1 is there; and what that
 * costs a writer. Pure functions.
 *
 * <p>At pressure p a byte costs {@code 8 p^2} times what the work behind takes for it. So the first
 * bytes cost next to nothing; at a third of the way writers are as fast as the work; and at the end
 * they are eight times slower, which is what makes the end hard to reach even when the work's rate
 * was guessed too high: it takes 8/3 of the time that the work needs for the same bytes.
 *
 * <p>RocksDB's stalls (issues 9423, 7313) show what comes of steps instead: a rate halved again and
 * again from a bad estimate, or none and then a wall.
 */
public final class WritePressure {
  private static final double STEEPNESS = 8;

  private WritePressure() {}

  /** Level-0 tables at which writers begin to be slowed down: a quarter of the way to the stop. */
  public static int level0Start(int compactionTrigger, int stopTrigger) {
    return compactionTrigger + Math.max(0, stopTrigger - compactionTrigger) / 4;
  }

  /**
   * Pressure of level 0.
   *
   * @param tables in level 0
   * @param activeFill how full the active memtable, the next table, is: 0 to 1
   * @param compactionTrigger tables that start a compaction
   * @param stopTrigger tables at which a full memtable stops writers
   */
  public static double level0(
      int tables, double activeFill, int compactionTrigger, int stopTrigger) {
    int start = level0Start(compactionTrigger, stopTrigger);
    return share(tables + activeFill - start, stopTrigger + 1.0 - start);
  }

  /**
   * Pressure of memtables that wait for their flush.
   *
   * @param memtables that wait
   * @param activeFill how full the active memtable is: 0 to 1
   * @param most that may wait: one more is the stop
   */
  public static double immutableMemtables(int memtables, double activeFill, int most) {
    return share(memtables + activeFill - most, 1);
  }

  /**
   * Pressure of all engines' memtables together; it begins above where the budget has the largest
   * flushed.
   *
   * @param held bytes of all memtables
   * @param limit where writers stop
   */
  public static double memory(long held, long limit) {
    double start = MemtableBudget.trigger(limit) + (limit - MemtableBudget.trigger(limit)) / 4.0;
    return share(held - start, limit - start);
  }

  /**
   * What a byte costs a writer.
   *
   * @param pressure 0 to 1
   * @param bytesPerSecond what the work behind does
   */
  public static double nanosPerByte(double pressure, double bytesPerSecond) {
    return STEEPNESS * pressure * pressure * 1e9 / bytesPerSecond;
  }

  private static double share(double part, double whole) {
    return part <= 0 ? 0 : Math.min(1, part / whole);
  }
}
