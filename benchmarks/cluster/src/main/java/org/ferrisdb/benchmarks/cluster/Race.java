package org.ferrisdb.benchmarks.cluster;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.ferrisdb.benchmarks.cluster.Contestant.RunningCluster;
import org.ferrisdb.benchmarks.cluster.Results.Run;
import org.ferrisdb.benchmarks.cluster.RunOrder.Turn;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.local.LocalCluster;
import org.jspecify.annotations.Nullable;

/**
 * Carries a race out: turn by turn starts a cluster, lets a driver process load it, and keeps what
 * it found. One race a process; {@link #close} ends all that it started, from any thread.
 */
final class Race implements AutoCloseable {
  private static final Duration PROBE = Duration.ofSeconds(1);

  /** What a run may take beyond its measurements: starting, loading the keys, draining. */
  private static final Duration SLACK = Duration.ofMinutes(3);

  private static final int DRIVER_HEAP_MB = 1_024;
  private static final int DRIVER_DIRECT_MB = 512;

  private final List<Contestant> contestants;
  private final Path scratch;
  private final Path out;
  private final PrintStream console;
  private final AtomicReference<@Nullable RunningCluster> cluster = new AtomicReference<>();
  private final AtomicReference<@Nullable Process> driver = new AtomicReference<>();

  /**
   * Makes one.
   *
   * @param scratch a directory of its own for the servers' files
   * @param out where the results go
   * @param console where progress is told
   */
  Race(List<Contestant> contestants, Path scratch, Path out, PrintStream console) {
    this.contestants = List.copyOf(contestants);
    this.scratch = scratch;
    this.out = out;
    this.console = console;
  }

  /**
   * Runs what is missing in {@code results}, writing them after each run.
   *
   * @param most stop after so many runs
   */
  Results run(Results results, int most) throws InterruptedException {
    List<Turn> turns =
        RunOrder.of(
                contestants.stream().map(Contestant::name).toList(),
                results.settings().repetitions())
            .stream()
            .filter(t -> !results.has(t.contestant(), t.repetition()))
            .limit(most)
            .toList();
    Results all = results;
    for (Turn turn : turns) {
      Contestant contestant =
          contestants.stream()
              .filter(c -> c.name().equals(turn.contestant()))
              .findAny()
              .orElseThrow();
      console.printf(
          "%n%s, repetition %d of %d (at least %d s)%n",
          contestant.title(),
          turn.repetition(),
          results.settings().repetitions(),
          results.settings().runSeconds(contestant));
      all = all.with(run(contestant, turn.repetition(), results.settings()));
      all.write(out);
    }
    return all;
  }

  private Run run(Contestant contestant, int repetition, RaceSettings settings)
      throws InterruptedException {
    Path dir = scratch.resolve(contestant.name() + "-" + repetition);
    long began = System.currentTimeMillis();
    double fsyncs = FsyncProbe.perSecond(scratch, PROBE);
    List<CellResult> cells = new ArrayList<>();
    String failure = "";
    long resident = 0;
    try (RunningCluster servers = contestant.start(dir)) {
      cluster.set(servers);
      failure = drive(contestant, servers, settings, dir, cells);
      resident = servers.pids().stream().mapToLong(Machine::residentMb).sum();
    } catch (RaceException e) {
      failure = e.line();
    } finally {
      cluster.set(null);
    }
    keepRecordings(dir, contestant.name() + "-" + repetition);
    if (failure.isEmpty()) {
      LocalCluster.deleteTree(dir);
    } else {
      console.println("failed: " + failure + " (its files stay in " + dir + ")");
    }
    return new Run(contestant.name(), repetition, began, fsyncs, resident, failure, cells);
  }

  /** Returns why it failed; empty if it did not. */
  private String drive(
      Contestant contestant,
      RunningCluster servers,
      RaceSettings settings,
      Path dir,
      List<CellResult> cells)
      throws InterruptedException {
    Path planFile = dir.resolve("plan.json");
    Path found = dir.resolve("cells.jsonl");
    DriverPlan plan = plan(contestant, servers, settings);
    try {
      Files.createDirectories(dir);
      Files.writeString(planFile, new Gson().toJson(plan), StandardCharsets.UTF_8);
      Process process =
          new ProcessBuilder(command(contestant, planFile, found))
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(dir.resolve("driver.log").toFile())
              .start();
      driver.set(process);
      long limit = settings.runSeconds(contestant) + SLACK.toSeconds();
      boolean ended = process.waitFor(limit, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      if (Files.exists(found)) {
        for (String line : Files.readAllLines(found)) {
          cells.add(new Gson().fromJson(line, CellResult.class));
        }
      }
      if (!ended) {
        return "the driver did not end within " + limit + " s";
      }
      return process.exitValue() == 0
          ? ""
          : "the driver ended with status " + process.exitValue() + ", see " + dir;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      driver.set(null);
    }
  }

  private static DriverPlan plan(
      Contestant contestant, RunningCluster servers, RaceSettings settings) {
    return new DriverPlan(
        contestant.storeFactory(),
        servers.endpoints(),
        servers.pids(),
        settings.cells().stream().filter(contestant::runs).toList(),
        settings.keys(),
        settings.valueBytes(),
        contestant.warmupSeconds(settings.warmupSeconds()),
        settings.cellWarmupSeconds(),
        settings.seconds(),
        settings.seed());
  }

  private static List<String> command(Contestant contestant, Path plan, Path results) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(NodeJvm.flags(DRIVER_HEAP_MB, DRIVER_DIRECT_MB));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.addAll(contestant.driverOptions());
    command.addAll(
        List.of(
            "-cp",
            contestant.driverClassPath(),
            DriverMain.class.getName(),
            plan.toString(),
            results.toString()));
    return command;
  }

  /** Recordings of profiled nodes are results, too. */
  private void keepRecordings(Path dir, String name) {
    if (!Files.isDirectory(dir)) {
      return;
    }
    try (var files = Files.newDirectoryStream(dir, "*.jfr")) {
      for (Path file : files) {
        Path to = out.resolve(Profiles.DIRECTORY).resolve(name + "-" + file.getFileName());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Process running = driver.get();
    if (running != null) {
      running.destroyForcibly();
    }
    RunningCluster servers = cluster.get();
    if (servers != null) {
      servers.close();
    }
  }
}
