package org.ferrisdb.storage;

import java.util.List;
import org.ferrisdb.storage.metrics.LatencyStats;
import org.ferrisdb.storage.metrics.ReadStats;
import org.ferrisdb.storage.metrics.StallStats;
import org.ferrisdb.storage.metrics.WorkStats;

/**
 * An engine's shape at an instant.
 *
 * @param memtableBytes bytes held by the mutable and the immutable memtables
 * @param immutableMemtables memtables that wait for their flush
 * @param levelTables tables per level, from level 0
 * @param levelBytes bytes per level, from level 0; values that lie apart are not among them
 * @param values those
 * @param flushes flushes since open
 * @param compactions compactions since open
 * @param stallNanos time writers have waited since open, for any reason
 * @param stalls the same by reason
 * @param work what flushes and compactions have written
 * @param reads what gets have cost
 * @param walSync times of writing and syncing the WAL; in EXTERNAL_LOG mode there are none
 * @param backgroundError why the WAL, the flush or the compaction fails at the moment, empty when
 *     none does; writes are refused as soon as they would have to wait for what fails
 */
public record EngineStats(
    long memtableBytes,
    int immutableMemtables,
    List<Integer> levelTables,
    List<Long> levelBytes,
    ValueStats values,
    long flushes,
    long compactions,
    long stallNanos,
    List<StallStats> stalls,
    WorkStats work,
    ReadStats reads,
    LatencyStats walSync,
    String backgroundError) {
  /** Bytes of all tables. */
  public long tableBytes() {
    return levelBytes.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Bytes of all tables and value files for each byte of the deepest level that has any, which
   * holds nearly everything and each key mostly once, and of values in use: an estimate of the
   * space that old versions take. 0 without tables.
   */
  public double spaceAmplification() {
    for (int level = levelBytes.size() - 1; level >= 0; level--) {
      if (levelBytes.get(level) > 0) {
        return (double) (tableBytes() + values.bytes())
            / (levelBytes.get(level) + values.usedBytes());
      }
    }
    return 0;
  }
}
