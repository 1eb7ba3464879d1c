package org.ferrisdb.node.cli.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.load.BenchSpec.Mix;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris train}: makes the cache with which the JVM of a node starts, see decision 0009. */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = {
      "Makes the cache with which local nodes start sooner.",
      "%nStarts a cluster of its own, gives it some work of every kind, and has one node's JVM write"
          + " down what it loaded and which methods were hot (JEP 483 and 515). The ./ferris script"
          + " does it once for each build."
    },
    exitCodeList = {
      "0:the cache is there",
      "1:the cluster did not get healthy, or the JVM wrote no cache",
      ExitCode.USAGE_WORDS
    },
    footer = {"%nExamples:", "  ./ferris train /tmp/node.aot"})
public final class TrainCommand implements Callable<Integer> {
  private static final List<Mix> LESSONS = List.of(Mix.PUT, Mix.GET, Mix.YCSB_A, Mix.YCSB_E);
  private static final String PUPIL = "n1";
  private static final Duration START_PATIENCE = Duration.ofSeconds(90);

  /** The JVM writes the cache after everything else has ended. */
  private static final Duration WRITE_PATIENCE = Duration.ofMinutes(2);

  private final CliContext context;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "The cache; replaced if it is there (default: ${DEFAULT-VALUE}).")
  private Path file = Path.of("node.aot");

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Of work, in all (default: ${DEFAULT-VALUE}).")
  private int seconds = 12;

  /** Makes the command. */
  public TrainCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    Path made = file.toAbsolutePath().resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(made);
    List<String> pupilWrites = List.of(PUPIL + ":-XX:AOTCacheOutput=" + made);
    try (TemporaryCluster temporary =
        TemporaryCluster.createForTraining("train", 3, 4, pupilWrites)) {
      temporary.cluster().startAll();
      Health health = temporary.cluster().awaitHealthy(START_PATIENCE);
      if (health.state() != State.HEALTHY) {
        throw new CliException(ExitCode.NO, health.sentence(), health.remedy());
      }
      work(temporary.cluster().url());
      temporary.cluster().node(PUPIL).stop(WRITE_PATIENCE);
    }
    if (!Files.exists(made)) {
      throw new CliException(
          ExitCode.NO, "the JVM wrote no cache", "nodes start without one as well, only slower");
    }
    Files.move(made, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    context.out().println(file + ": " + Files.size(file) + " bytes");
    return ExitCode.OK;
  }

  private void work(String url) throws InterruptedException {
    try (Store store = FerrisStore.open(url, Duration.ofSeconds(10), "train")) {
      boolean loaded = false;
      for (Mix mix : LESSONS) {
        BenchSpec spec =
            new BenchSpec(
                mix,
                16,
                1,
                0,
                Duration.ZERO,
                Duration.ofMillis(seconds * 1000L / LESSONS.size()),
                5000,
                100,
                1);
        BenchRunner runner = new BenchRunner(spec, store, () -> CpuMeter.start(List.of()));
        if (!loaded) {
          runner.preload();
          loaded = true;
        }
        runner.run();
      }
    }
  }
}
