package org.ferrisdb.integration.torture;

import java.util.List;

/**
 * What came of one cell.
 *
 * @param fault its column
 * @param seed its seed
 * @param notRun why it was not run; empty if it was
 * @param workloads what came of each
 * @param strikes how often the fault was injected
 * @param recoveryMillis from the last heal until the cluster was healthy; -1 if it did not get so
 * @param gapMillis the longest time without a served operation of anybody, or of those of one
 *     shard, while a majority was alive and connected; -1 where it was not measured
 * @param returnMillis the longest time after a fault had ended until somebody, and each shard that
 *     was asked, was served; -1 likewise
 * @param problems what is wrong with the cluster, one line each
 */
record CellResult(
    String fault,
    long seed,
    String notRun,
    List<WorkloadResult> workloads,
    int strikes,
    long recoveryMillis,
    long gapMillis,
    long returnMillis,
    List<String> problems) {
  CellResult {
    workloads = List.copyOf(workloads);
    problems = List.copyOf(problems);
  }

  /** One that this cluster can not do. */
  static CellResult notRun(Cell cell, String why) {
    return new CellResult(cell.fault(), cell.seed(), why, List.of(), 0, 0, -1, -1, List.of());
  }

  /** Which cell it is of. */
  Cell cell() {
    return new Cell(fault, seed);
  }

  /** Whether it was run at all. */
  boolean wasRun() {
    return notRun.isEmpty();
  }

  /** Whether nothing is wrong and nothing is open; one that was not run is neither. */
  boolean right() {
    return wasRun()
        && problems.isEmpty()
        && workloads.stream().allMatch(w -> w.verdict() == WorkloadResult.Judged.RIGHT);
  }
}
