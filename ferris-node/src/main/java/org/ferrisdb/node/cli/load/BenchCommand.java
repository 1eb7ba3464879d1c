package org.ferrisdb.node.cli.load;

import com.google.gson.JsonArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.cli.cluster.DirOption;
import org.ferrisdb.node.local.LocalCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures throughput and latency of a cluster.",
      "%nWorkloads: put and get (uniform keys); ycsb-a (half reads, half updates), ycsb-b (95 %%"
          + " reads) and ycsb-c (reads only), ycsb-e (95 %% scans of 1 to 100 entries, 5 %% inserts; one"
          + " outstanding), with scrambled Zipf keys. Several are run one after"
          + " the other. All keys are written once first.",
      "%nWithout --rate each thread keeps --outstanding operations in flight and sends the next"
          + " when one is answered (closed loop). With --rate operations are due by the clock and"
          + " latency counts from when one was due (open loop): stalls are not hidden. CPU per"
          + " operation of the servers is printed for a local cluster, found by --dir.",
      "%nThe bench writes keys of its own (8 scattered bytes and 'bench') and leaves them there:"
          + " use a cluster without data you care for."
    },
    exitCodeList = {
      "0:measured, and every operation succeeded",
      "1:measured, but some failed",
      ExitCode.USAGE_WORDS,
      ExitCode.UNAVAILABLE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris bench put get ycsb-a --threads 16",
      "  ./ferris bench put --threads 16 --outstanding 32 --seconds 20",
      "  ./ferris bench ycsb-b --threads 16 --rate 5000",
      "  ./ferris bench get -o json > get.json",
    })
public final class BenchCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();
  @Mixin private final DirOption dir = new DirOption();

  @Parameters(
      paramLabel = "WORKLOAD",
      arity = "1..*",
      completionCandidates = BenchSpec.Mix.Names.class,
      description = "${COMPLETION-CANDIDATES}.")
  private List<String> workloads = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Client threads (default: ${DEFAULT-VALUE}).")
  private int threads = 16;

  @Option(
      names = "--outstanding",
      paramLabel = "N",
      description = "Operations each thread keeps in flight (default: 1; 64 with --rate).")
  private int outstanding;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Length of the measurement (default: ${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "Seconds before measuring (default: ${DEFAULT-VALUE}).")
  private int warmup = 5;

  @Option(
      names = "--rate",
      paramLabel = "OPS",
      description = "Operations per second, all threads together: an open loop.")
  private double rate;

  @Option(
      names = "--value-size",
      paramLabel = "BYTES",
      description = "Size of each value (default: ${DEFAULT-VALUE}).")
  private int valueSize = 100;

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "How many different keys (default: ${DEFAULT-VALUE}).")
  private int keys = 20_000;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(names = "--no-load", description = "Do not write all keys first.")
  private boolean noLoad;

  /** Makes the command. */
  public BenchCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<BenchSpec> specs = specs();
    long errors = 0;
    JsonArray reports = new JsonArray();
    try (Store store = FerrisStore.open(connection.url(context), connection.deadline(), "bench")) {
      boolean loaded = noLoad;
      for (BenchSpec spec : specs) {
        BenchRunner runner = new BenchRunner(spec, store, () -> CpuMeter.start(serverPids()));
        if (!loaded) {
          runner.preload();
          loaded = true;
        }
        BenchReport report = runner.run();
        errors += report.errors();
        if (output.json()) {
          reports.add(report.json());
        } else {
          print(report);
        }
      }
    }
    if (output.json()) {
      OutputOptions.print(context, reports);
    }
    return errors == 0 ? ExitCode.OK : ExitCode.NO;
  }

  private void print(BenchReport report) {
    BenchSpec spec = report.spec();
    context.out().println(report.summary());
    context
        .out()
        .println(
            "  "
                + spec.threads()
                + " threads x "
                + spec.outstanding()
                + " outstanding, "
                + spec.keys()
                + " keys, "
                + spec.valueBytes()
                + " B values"
                + (spec.rate() > 0 ? ", open loop at " + spec.rate() + "/s" : ", closed loop"));
    OutputOptions.table(context, BenchReport.HEADER, report.rows());
    if (!report.firstError().isEmpty()) {
      context.err().println("first error: " + report.firstError());
    }
  }

  private List<BenchSpec> specs() {
    boolean sane =
        threads >= 1
            && threads <= 1_000
            && seconds >= 1
            && warmup >= 0
            && keys >= 1
            && valueSize >= 0
            && valueSize <= 1 << 20
            && outstanding >= 0
            && rate >= 0;
    if (!sane) {
      throw new CliException(
          ExitCode.USAGE,
          "an option is out of range",
          "threads 1 to 1000, seconds and keys 1 or more, value-size at most 1 MiB");
    }
    int inFlight = outstanding > 0 ? outstanding : rate > 0 ? 64 : 1;
    List<BenchSpec> specs = new ArrayList<>();
    for (String name : workloads) {
      BenchSpec.Mix mix = mixNamed(name);
      if (mix == BenchSpec.Mix.YCSB_E && (inFlight > 1 || rate > 0)) {
        throw new CliException(
            ExitCode.USAGE,
            "ycsb-e runs with one operation outstanding a thread",
            "leave --outstanding and --rate out");
      }
      specs.add(
          new BenchSpec(
              mix,
              threads,
              inFlight,
              rate,
              Duration.ofSeconds(warmup),
              Duration.ofSeconds(seconds),
              keys,
              valueSize,
              seed));
    }
    return specs;
  }

  private static BenchSpec.Mix mixNamed(String name) {
    try {
      return BenchSpec.Mix.named(name);
    } catch (IllegalArgumentException e) {
      throw new CliException(
          ExitCode.USAGE,
          "there is no workload " + name,
          "there are " + String.join(", ", new BenchSpec.Mix.Names()));
    }
  }

  /** The servers' processes, if the cluster of --dir is the one that is measured. */
  private List<Long> serverPids() {
    Optional<LocalCluster> cluster = LocalCluster.open(dir.path(context));
    return cluster
        .filter(c -> c.clientAddresses().containsAll(connection.addresses(context)))
        .map(LocalCluster::pids)
        .orElse(List.of());
  }
}
