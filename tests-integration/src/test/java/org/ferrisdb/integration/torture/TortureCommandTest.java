package org.ferrisdb.integration.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.nemesis.Nemesis;
import org.ferrisdb.node.cli.CliContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** What the command says before a cluster is started; nothing here starts one. */
class TortureCommandTest {
  private static final int WIDTH = 80;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<TortureSettings> started = new ArrayList<>();

  @TempDir Path root;

  /** A fault that only has a name. */
  private record Named(String name) implements Nemesis {
    @Override
    public Optional<String> unsupported(Cluster cluster) {
      return Optional.empty();
    }

    @Override
    public void strike(Cluster cluster, Random random, History history) {}

    @Override
    public void heal(Cluster cluster, History history) {}
  }

  private TortureCommand.World world() {
    return new TortureCommand.World(
        root,
        CliContext.plain(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            Map.of()),
        settings -> {
          started.add(settings);
          throw new AssertionError("no cluster in this test\nsecond line");
        },
        () -> List.of(new Named("kill-one"), new Named("slow-links"), new Named("all")),
        new Random(1));
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return TortureCommand.run(List.of(args), world());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--faults kill-won         | there is no fault 'kill-won'; there are none, kill-one, slow-links, all",
        "--workload bnak           | there is no workload 'bnak'; there are register, set, counter, bank,",
        "--workload append         | append needs transactions over several shards,",
        "--nodes 4                 | 4 nodes; --nodes is 3 or 5",
        "--nodes 5 --compose       | --compose with 5 nodes; its cluster has 3",
        "--minutes 5 --seconds 5   | both --minutes and --seconds; give one of them",
        "--minutes 0               | --minutes 0; it is a number from 1 to 100000",
        "--seconds 2               | --seconds 2; it is a number from 5 to 3600",
        "--seeds 0                 | --seeds 0; it is a number from 1 to 1000",
        "--clients 21              | --clients 21; it is a number from 1 to 20",
        "--minutes 1 --faults none,kill-one,slow-links,all | 1 min is too short for 4 cells; give it --minutes 2,",
        "--minutes ten             | Invalid value for option '--minutes': 'ten' is not an int; see ./ferris",
        "--fault=kill-one          | Unknown option: '--fault=kill-one'; see ./ferris torture --help",
        "--resume there --seed 4   | --resume takes the settings of there; leave the other options out",
        "--resume nowhere          | there are no results in nowhere; name the --out of a run that was begun",
      })
  void badInputIsOneLineWithARemedy(String words, String line) {
    assertThat(run(words.split(" ", -1))).isEqualTo(2);
    assertThat(err.toString(UTF_8)).startsWith("ferris torture: " + line).endsWith("\n");
    assertThat(err.toString(UTF_8).lines()).hasSize(1);
    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(started).isEmpty();
  }

  @Test
  void resultsOfAnotherRunAreNotWrittenOver() throws IOException {
    Samples.everything().write(root.resolve("old"));
    String old = root.resolve("old").toString();
    assertThat(run("--out", old, "--seconds", "5")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .isEqualTo(
            "ferris torture: "
                + old
                + " holds the results of another run; go on with it by --resume "
                + old
                + ", or name another directory with --out\n");
  }

  @Test
  void aClusterThatDoesNotStartIsNotRightAndTheRunGoesOn() throws IOException {
    assertThat(run("--seconds", "5", "--seed", "42")).isEqualTo(1);
    assertThat(started).hasSize(4);
    Results results = Results.read(root.resolve("target/torture/42")).orElseThrow();
    assertThat(results.cells()).hasSize(4).noneMatch(CellResult::right);
    assertThat(results.leftOut())
        .singleElement()
        .asString()
        .startsWith("append, bank-shards, long-fork, write-skew: needs transactions");
    assertThat(out.toString(UTF_8))
        .startsWith(
            "./ferris torture --faults none,kill-one,slow-links,all --workload"
                + " register,set,counter,bank,scan,snapshot --seed 42 --seconds 5\n")
        .contains(
            "cell 2 of 4: kill-one, seed 42\n"
                + "  FAILED kill-one, seed 42: the cluster did not start: no cluster in this test\n"
                + "  again: ./ferris torture --faults kill-one --workload"
                + " register,set,counter,bank,scan,snapshot --seed 42 --seconds 5\n");
    assertThat(root.resolve("target/torture/42/table.md")).content().contains("| kill-one |");
  }

  @Test
  void aRunIsResumedWithItsOwnSettings() throws IOException {
    Path old = root.resolve("old");
    Samples.everything().write(old);
    assertThat(run("--resume", old.toString())).isEqualTo(1);
    assertThat(started).hasSize(4).allMatch(Samples.everything().settings()::equals);
    assertThat(out.toString(UTF_8)).contains("cell 9 of 12: clock-step, seed 7\n");
    assertThat(Results.read(old).orElseThrow().missing()).isEmpty();
    assertThat(Files.exists(old.resolve("table.md"))).isTrue();
  }

  @Test
  void withoutASeedOneIsDrawnAndPrinted() {
    run("--seconds", "5", "--faults", "none");
    long seed = started.getFirst().seed();
    assertThat(seed).isBetween(1L, 999_999L);
    assertThat(out.toString(UTF_8)).contains("--seed " + seed);
  }

  @Test
  void minutesAreSpreadAndWhatDoesNotFitIsNamed() {
    run("--minutes", "1", "--seed", "1");
    assertThat(started.getFirst().faults()).containsExactly("none", "kill-one", "all");
    assertThat(out.toString(UTF_8)).contains("not run: slow-links: no time for it in 1 min\n");
  }

  @Test
  void helpFitsATerminalAndEndsWithExitStatusesAndExamples() {
    assertThat(run("--help")).isZero();
    String help = out.toString(UTF_8);
    assertThat(help).startsWith("Usage: ferris torture ");
    assertThat(help.lines()).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(WIDTH));
    assertThat(help).containsSubsequence("\nOptions:\n", "\nExit status:\n  0 ", "\nExamples:\n");
    CommandSpec spec = TortureCommand.commandLine(world()).getCommandSpec();
    for (String line : spec.usageMessage().footer()) {
      assertThat(help.lines()).as("not broken").contains(String.format(line).split("\n", -1));
    }
    for (ArgSpec arg : spec.args()) {
      assertThat(String.join("", arg.description())).as(arg.toString()).isNotBlank();
    }
  }

  @Test
  void examplesAreUnderstood() {
    String[] footer = TortureCommand.commandLine(world()).getCommandSpec().usageMessage().footer();
    int examples = 0;
    for (String line : footer) {
      String words = line.strip().replaceFirst(" {2,}.*", "");
      if (words.startsWith("./ferris torture")) {
        String[] args = words.substring("./ferris torture".length()).strip().split(" ", -1);
        TortureCommand.commandLine(world()).parseArgs(args[0].isEmpty() ? new String[0] : args);
        examples++;
      }
    }
    assertThat(examples).isGreaterThan(3);
  }
}
