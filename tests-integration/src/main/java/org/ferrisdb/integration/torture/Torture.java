package org.ferrisdb.integration.torture;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.nemesis.Nemesis;
import org.jspecify.annotations.Nullable;

/**
 * Walks the cells of a run. A cluster serves cell after cell as long as all is well, and is
 * replaced after a cell that was not, so that one failure does not colour the next cell. For one
 * thread, except {@link #close}.
 */
final class Torture implements AutoCloseable {
  /** Where clusters come from. */
  interface Clusters {
    /**
     * A new one, healthy.
     *
     * @throws AssertionError if it does not get healthy
     */
    Cluster start(TortureSettings settings) throws IOException;

    /**
     * Whether there can be one here.
     *
     * @throws TortureException if not, with the remedy
     */
    default void check(TortureSettings settings) {}
  }

  private final Clusters clusters;
  private final Function<String, Optional<Nemesis>> nemeses;
  private final Path out;
  private final PrintStream console;
  private final LongSupplier nanoTime;
  private volatile @Nullable Cluster cluster;
  private int clustersStarted;

  Torture(
      Clusters clusters,
      Function<String, Optional<Nemesis>> nemeses,
      Path out,
      PrintStream console,
      LongSupplier nanoTime) {
    this.clusters = clusters;
    this.nemeses = nemeses;
    this.out = out;
    this.console = console;
    this.nanoTime = nanoTime;
  }

  /** Runs the cells that are missing, writing results.json after each. */
  Results run(Results begun) throws IOException, InterruptedException {
    Results results = begun;
    results.write(out);
    int number = begun.cells().size();
    int all = begun.settings().cells().size();
    for (Cell cell : begun.missing()) {
      number++;
      console.println(
          "cell " + number + " of " + all + ": " + cell.fault() + ", seed " + cell.seed());
      CellResult result = run(cell, begun.settings());
      results = results.with(result);
      results.write(out);
      Report.progress(result).forEach(console::println);
      if (result.wasRun() && !result.right()) {
        console.println("  again: " + begun.settings().command(cell));
        close(); // its logs are with the cell
      }
    }
    retire();
    return results;
  }

  private CellResult run(Cell cell, TortureSettings settings)
      throws IOException, InterruptedException {
    Cluster now;
    try {
      now = cluster();
      if (now == null) {
        now = clusters.start(settings);
        clustersStarted++;
        cluster = now;
      }
    } catch (AssertionError e) {
      return failed(cell, "the cluster did not start: " + firstLine(e));
    }
    Optional<Nemesis> nemesis = nemeses.apply(cell.fault());
    Cluster there = now;
    Optional<String> why = nemesis.flatMap(n -> n.unsupported(there));
    if (why.isPresent()) {
      return CellResult.notRun(cell, why.get());
    }
    CellFiles files = new CellFiles(out.resolve("cells").resolve(cell.name()));
    try {
      return new CellRun(cell, settings, now, files, nanoTime).run(nemesis);
    } catch (AssertionError | RuntimeException e) {
      e.printStackTrace(console);
      return failed(
          cell, "the harness failed: " + e.getClass().getSimpleName() + ", " + firstLine(e));
    }
  }

  private @Nullable Cluster cluster() {
    return cluster;
  }

  private static CellResult failed(Cell cell, String problem) {
    return new CellResult(
        cell.fault(), cell.seed(), "", List.of(), 0, -1, -1, -1, List.of(problem));
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Ends the cluster and keeps what its nodes logged. */
  private void retire() throws IOException {
    Cluster now = cluster;
    if (now != null) {
      now.collectLogs(out.resolve("logs").resolve("cluster-" + clustersStarted));
    }
    close();
  }

  @Override
  public synchronized void close() {
    Cluster now = cluster;
    cluster = null;
    if (now != null) {
      now.close();
    }
  }
}
