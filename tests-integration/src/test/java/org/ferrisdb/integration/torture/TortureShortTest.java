package org.ferrisdb.integration.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.ferrisdb.integration.history.HistoryJson;
import org.ferrisdb.integration.nemesis.Nemeses;
import org.ferrisdb.node.cli.CliContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The short matrix: a few faults on a real cluster of processes, with fixed seeds and a random one.
 * Where it fails, its output holds the command that repeats it; the long matrices are in
 * docs/torture.md.
 */
class TortureShortTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path root;

  private String torture(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CliContext context =
        CliContext.plain(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, UTF_8),
            System.err,
            Map.of());
    TortureCommand.World world =
        new TortureCommand.World(
            root, context, new OwnClusters(root), Nemeses::all, new SplittableRandom());
    int status = TortureCommand.run(List.of(args), world);
    String told = out.toString(UTF_8);
    System.out.println(told);
    assertThat(status).as(told).isZero();
    return told;
  }

  @Test
  void leadersThatDieOrHangAndNodesThatAreCutOffBreakNoPromise() throws IOException {
    torture("--faults", "kill-one,pause-leader,partition-one", "--seconds", "9", "--seed", "1");
    Path out = root.resolve("target/torture/1");
    Results results = Results.read(out).orElseThrow();
    assertThat(results.cells()).hasSize(3).allMatch(c -> c.strikes() > 0);
    for (CellResult cell : results.cells()) {
      assertThat(cell.workloads())
          .extracting(WorkloadResult::workload)
          .containsExactly("register", "set", "counter", "bank", "scan", "snapshot");
      assertThat(cell.workloads()).allMatch(w -> w.operations() > 20);
    }
    Path cell = out.resolve("cells/kill-one-1");
    assertThat(HistoryJson.read(cell.resolve("history.jsonl")))
        .anyMatch(e -> e.process().equals("nemesis") && e.f().equals("kill-one"));
    assertThat(cell.resolve("bank.edn")).isNotEmptyFile();
    assertThat(cell.resolve("timeline.html")).content().contains("<html");
    assertThat(cell.resolve("verdict.txt"))
        .content()
        .startsWith("right\nlongest gap: ")
        .contains("again: ./ferris torture");
  }

  @Test
  void aMixOfFaultsWithARandomSeedBreaksNoPromise() {
    String told = torture("--faults", "all", "--seconds", "12");
    assertThat(told).contains("--seed ").contains("All right: 1 cells");
  }
}
