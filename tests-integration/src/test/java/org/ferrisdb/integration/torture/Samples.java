package org.ferrisdb.integration.torture;

import java.util.List;
import org.ferrisdb.integration.torture.WorkloadResult.Judged;

/** A run that has one of everything. */
final class Samples {
  private Samples() {}

  static TortureSettings settings(String... faults) {
    return new TortureSettings(
        List.of("register", "set"),
        List.of(faults),
        7,
        2,
        60,
        3,
        4,
        false,
        240,
        TortureSettings.CLIENTS);
  }

  static WorkloadResult right(String workload, long operations) {
    return new WorkloadResult(workload, operations, 3, 812, Judged.RIGHT, "", List.of());
  }

  static CellResult rightCell(String fault, long seed) {
    return new CellResult(
        fault,
        seed,
        "",
        List.of(right("register", 2_412), right("set", 1_180)),
        fault.equals("none") ? 0 : 6,
        2_100 + seed,
        790,
        1_240,
        List.of());
  }

  static Results everything() {
    WorkloadResult wrong =
        new WorkloadResult(
            "register",
            2_400,
            17,
            4_000,
            Judged.WRONG,
            "",
            List.of("stale read: event 812 read 5 of r0-1, though 6 was acknowledged before"));
    WorkloadResult undecided =
        new WorkloadResult(
            "set", 1_000, 400, 2_000, Judged.UNDECIDED, "no answer within 60 s", List.of());
    return Results.begin(
            settings("none", "kill-one", "pause-leader", "disk-full", "kill-all", "clock-step"),
            List.of("append: needs transactions", "restart: no time for it in 10 minutes"))
        .with(rightCell("none", 7))
        .with(rightCell("kill-one", 7))
        .with(
            new CellResult(
                "pause-leader",
                7,
                "",
                List.of(wrong, undecided),
                5,
                3_000,
                1_900,
                2_500,
                List.of()))
        .with(CellResult.notRun(new Cell("disk-full", 7), "needs root: run it as root"))
        .with(
            new CellResult(
                "kill-all",
                7,
                "",
                List.of(right("register", 2_000), right("set", 900)),
                4,
                -1,
                9_000,
                -1,
                List.of("not healthy 90 s after healing: shard 2 has no leader")))
        .with(rightCell("none", 8))
        .with(rightCell("kill-one", 8))
        .with(rightCell("pause-leader", 8));
  }
}
