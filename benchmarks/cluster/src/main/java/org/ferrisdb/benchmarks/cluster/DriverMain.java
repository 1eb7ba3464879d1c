package org.ferrisdb.benchmarks.cluster;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.ferrisdb.node.cli.load.BenchReport;
import org.ferrisdb.node.cli.load.BenchRunner;
import org.ferrisdb.node.cli.load.BenchSpec;
import org.ferrisdb.node.cli.load.CpuMeter;
import org.ferrisdb.node.cli.load.Store;
import org.ferrisdb.node.cli.load.StoreException;

/**
 * The process that loads one contestant: {@code DriverMain PLAN RESULTS}. It reads a {@link
 * DriverPlan}, writes all keys, warms up, and appends one {@link CellResult} a line. What it prints
 * is for people. Ends with status 1, and says why, when the keys can not be written.
 */
public final class DriverMain {
  private static final Duration FIRST_PUT = Duration.ofSeconds(60);

  private static final Path PROC = Path.of("/proc");

  private final DriverPlan plan;
  private final Store store;
  private final Path results;
  private final Gson gson = new Gson();

  private DriverMain(DriverPlan plan, Store store, Path results) {
    this.plan = plan;
    this.store = store;
    this.results = results;
  }

  /** See the class. */
  public static void main(String[] args) throws Exception {
    DriverPlan plan = new Gson().fromJson(Files.readString(Path.of(args[0])), DriverPlan.class);
    StoreFactory factory =
        Class.forName(plan.storeFactory())
            .asSubclass(StoreFactory.class)
            .getDeclaredConstructor()
            .newInstance();
    int threads = plan.cells().stream().mapToInt(Cell::threads).max().orElse(1);
    // Whoever is to read the results is gone: so is their use.
    ProcessHandle.current().parent().ifPresent(DriverMain::endWith);
    int status = 0;
    try (Store store = factory.open(plan.endpoints(), threads)) {
      new DriverMain(plan, store, Path.of(args[1])).run();
    } catch (StoreException e) {
      System.out.println("failed: " + e.getMessage());
      status = 1;
    }
    System.exit(status); // client libraries may leave threads behind
  }

  /** Servers just started may have no leader yet. */
  private void awaitFirstPut() {
    long deadline = System.nanoTime() + FIRST_PUT.toNanos();
    while (true) {
      try {
        store.put(BenchRunner.key(0), new byte[plan.valueBytes()]);
        return;
      } catch (StoreException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      }
    }
  }

  private static void endWith(ProcessHandle parent) {
    var _ = parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1));
  }

  private void run() throws InterruptedException, IOException {
    awaitFirstPut();
    Cell first = plan.cells().getFirst();
    runner(first, 0, 0).preload();
    if (plan.warmupSeconds() > 0) {
      System.out.println("warming up for " + plan.warmupSeconds() + " s");
      long nanos = Duration.ofSeconds(plan.warmupSeconds()).toNanos() / plan.cells().size();
      for (Cell cell : plan.cells()) {
        runner(cell, 0, nanos).run();
      }
    }
    for (Cell cell : plan.cells()) {
      CellResult result = measure(cell);
      Files.writeString(
          results,
          gson.toJson(result) + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      System.out.println(line(result));
    }
  }

  private CellResult measure(Cell cell) throws InterruptedException {
    ThreadCpu threads = new ThreadCpu(PROC);
    AtomicLong from = new AtomicLong();
    AtomicReference<MachineCpu> machine = new AtomicReference<>(new MachineCpu(0, 0));
    List<Long> ours = new ArrayList<>(plan.serverPids());
    ours.add(ProcessHandle.current().pid());
    AtomicReference<CpuMeter> oursMeter = new AtomicReference<>(CpuMeter.start(ours));
    AtomicReference<Map<String, Long>> before = new AtomicReference<>(Map.of());
    BenchRunner runner =
        new BenchRunner(
            spec(
                cell,
                Duration.ofSeconds(plan.cellWarmupSeconds()).toNanos(),
                Duration.ofSeconds(plan.seconds()).toNanos()),
            store,
            () -> {
              from.set(System.currentTimeMillis());
              machine.set(MachineCpu.now(PROC));
              oursMeter.set(CpuMeter.start(ours));
              before.set(threads.nanos(plan.serverPids()));
              return CpuMeter.start(plan.serverPids());
            });
    BenchReport report = runner.run();
    double others =
        MachineCpu.now(PROC).othersPercent(machine.get(), oursMeter.get().spent().toNanos());
    return CellResult.of(
        cell,
        report,
        from.get(),
        from.get() + report.length().toMillis(),
        ThreadCpu.spent(before.get(), threads.nanos(plan.serverPids())),
        others);
  }

  private BenchRunner runner(Cell cell, long warmupNanos, long nanos) {
    return new BenchRunner(
        spec(cell, warmupNanos, nanos), store, () -> CpuMeter.start(plan.serverPids()));
  }

  private BenchSpec spec(Cell cell, long warmupNanos, long nanos) {
    return new BenchSpec(
        cell.mix(),
        cell.threads(),
        cell.outstanding(),
        0,
        Duration.ofNanos(warmupNanos),
        Duration.ofNanos(nanos),
        plan.keys(),
        plan.valueBytes(),
        plan.seed());
  }

  private static String line(CellResult r) {
    return String.format(
        Locale.ROOT,
        "%-10s %,9.0f ops/s  p50 %7.2f  p99 %7.2f  p99.9 %7.2f ms  CPU %6.0f + %.0f us%s",
        r.cell(),
        r.opsPerSecond(),
        r.p50Millis(),
        r.p99Millis(),
        r.p999Millis(),
        r.serverCpuMicros(),
        r.clientCpuMicros(),
        r.errors() == 0 ? "" : "  " + r.errors() + " ERRORS, first: " + r.firstError());
  }
}
