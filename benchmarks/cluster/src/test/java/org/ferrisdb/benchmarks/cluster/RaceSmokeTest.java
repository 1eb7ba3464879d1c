package org.ferrisdb.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.benchmarks.cluster.Results.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as users run it, with FerrisDB alone. */
class RaceSmokeTest {
  @TempDir Path dir;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int race(String... options) {
    List<String> args = new ArrayList<>(List.of(dir.toString()));
    args.addAll(List.of(options));
    return RaceCommand.run(
        args.toArray(String[]::new),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aShortRaceOfFerrisDbAloneLeavesResultsAndNoServers() throws IOException {
    Path results = dir.resolve("results");
    int status =
        race(
            "--peers",
            "etcd,rheakv", // not built below this root: left out, and named
            "--cells",
            "put-4,get-4x8,ycsb-e-2",
            "--seconds",
            "1",
            "--warmup",
            "0",
            "--cell-warmup",
            "0",
            "--reps",
            "1",
            "--keys",
            "200",
            "--shards",
            "2",
            "--dir",
            dir.toString(),
            "--out",
            results.toString());
    assertThat(status).as(said()).isZero();
    assertThat(said()).contains("RheaKV is left out");
    Results read = Results.read(results).orElseThrow();
    Run run = read.runs().getFirst();
    assertThat(run.fsyncsPerSecond()).isPositive();
    assertThat(run.residentMb()).isPositive();
    assertThat(run.cells())
        .extracting(CellResult::cell)
        .containsExactly("put-4", "get-4x8", "ycsb-e-2");
    assertThat(run.cells())
        .allSatisfy(cell -> {
          assertThat(cell.operations()).isPositive();
          assertThat(cell.errors()).as(cell.firstError()).isZero();
          assertThat(cell.p50Millis()).isPositive().isLessThanOrEqualTo(cell.maxMillis());
          assertThat(cell.serverCpuMicros()).isPositive();
          assertThat(cell.clientCpuMicros()).isPositive();
        });
    assertThat(results.resolve("race.md")).content().contains("| put-4 |");
    assertThat(results.resolve("race.svg")).exists();
    assertThat(ProcessHandle.current().descendants())
        .as("everything that was started has ended")
        .isEmpty();
    try (var files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactly("results");
    }
  }

  @Test
  void badInputIsOneLineWithARemedy() {
    assertThat(race("--peers", "none", "--cells", "put-0")).isEqualTo(2);
    assertThat(race("--peers", "oracle")).isEqualTo(2);
    assertThat(race("--seconds", "0")).isEqualTo(2);
    assertThat(race("--nonsense")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .hasSize(4)
        .allMatch(line -> line.startsWith("ferris race: ") && line.contains(";"));
  }

  @Test
  void aMissingEtcdIsNamedWithWhatToInstall() {
    assertThat(new EtcdContestant(dir, dir.toString()).missing())
        .hasValueSatisfying(m -> assertThat(m).contains("apt-get install etcd-server"));
  }

  @Test
  void memoryFileSystemsAreKnown() {
    assertThat(Machine.isMemory("tmpfs")).isTrue();
    assertThat(Machine.isMemory("ext4")).isFalse();
  }
}
