package org.ferrisdb.benchmarks.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ferrisdb.benchmarks.cluster.Results.Entrant;
import org.ferrisdb.benchmarks.cluster.Results.Run;

/** A small race that never was: three repetitions of FerrisDB and etcd, one of ZooKeeper. */
final class Samples {
  private Samples() {}

  static Results results() {
    List<Run> runs = new ArrayList<>();
    runs.add(run("ferrisdb", 1, 4_000, 900, 0));
    runs.add(run("etcd", 1, 2_000, 300, 0));
    runs.add(run("zookeeper", 1, 5_000, -1, 0));
    runs.add(run("etcd", 2, 4_000, 300, 0));
    runs.add(run("ferrisdb", 2, 4_400, 1_000, 0));
    runs.add(run("ferrisdb", 3, 9_000, 800, 0));
    runs.add(run("etcd", 3, 3_000, 310, 7));
    return new Results(
        Results.SCHEMA,
        "./ferris race --cells put-16,ycsb-e-16",
        new Machine(2, "A processor", "none", 24_000, "Linux 6.1", "ext4", "A JVM 25", 0.1),
        new RaceSettings(Cell.parse("put-16,ycsb-e-16"), 3, 10, 2, 60, 20_000, 100, 4, 1),
        List.of(
            new Entrant("etcd", "etcd", "etcd 3.4, fsync"),
            new Entrant("zookeeper", "ZooKeeper", "ZooKeeper 3.9, <sync> & get"),
            new Entrant("ferrisdb", "FerrisDB", "4 shards")),
        List.of("RheaKV is left out: not built"),
        List.copyOf(runs));
  }

  /** Negative operations: that cell was not run. */
  private static Run run(String name, int repetition, double puts, double scans, long errors) {
    List<CellResult> cells = new ArrayList<>();
    cells.add(cell("put-16", puts, errors));
    if (scans >= 0) {
      cells.add(cell("ycsb-e-16", scans, 0));
    }
    return new Run(name, repetition, 1_764_072_000_000L, 9_000 + repetition, 700, "", cells);
  }

  private static CellResult cell(String name, double perSecond, long errors) {
    double millis = 16_000 / perSecond;
    return new CellResult(
        name,
        1_764_072_060_000L,
        1_764_072_070_000L,
        (long) (perSecond * 10),
        perSecond,
        millis,
        millis * 3,
        millis * 9,
        millis * 20,
        1_500_000 / perSecond,
        200_000 / perSecond,
        400_000 / perSecond,
        Map.of("epoll", 1_000_000 / perSecond),
        3,
        errors,
        errors == 0 ? "" : "leader changed");
  }
}
