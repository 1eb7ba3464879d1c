package org.ferrisdb.integration.torture;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.integration.nemesis.Nemeses;
import org.ferrisdb.integration.nemesis.Nemesis;
import org.ferrisdb.integration.workload.KeySpace;
import org.ferrisdb.integration.workload.Workload;
import org.ferrisdb.integration.workload.Workloads;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.FerrisCli;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code ./ferris torture}. */
@Command(
    name = "ferris torture",
    description = {
      "Breaks a cluster on purpose under checked load, and judges it.",
      "%nFor every fault (kill -9, pauses, partitions, full and failing disks, clock steps, ...) all"
          + " workloads run together while the fault strikes and is healed. Then the cluster must get"
          + " healthy, every node answers final reads, replicas must agree, and every history is"
          + " judged.",
      "%nWritten to --out: results.json, table.md, and for each cell the histories (JSON lines and"
          + " EDN), a timeline and, if anything is wrong, the nodes' logs. docs/torture.md says how to"
          + " read them."
    },
    exitCodeList = {
      "0:everything that was run is right",
      "1:a violation, a failed recovery, or no verdict",
      ExitCode.USAGE_WORDS,
      "70:a fault of this program",
    },
    footer = {
      "%nExamples:",
      "  ./ferris torture                        ten minutes of every fault that fits",
      "  ./ferris torture --minutes 90 --seeds 3",
      "  ./ferris torture --faults kill-one,pause-leader --seconds 60 --seed 7",
      "  ./ferris torture --workload register,bank --faults all --seconds 300",
      "  ./ferris torture --nodes 5 --faults partition-ring,partition-bridge",
      "  ./ferris torture --resume target/torture/7   the cells that are missing",
    })
public final class TortureCommand implements Callable<Integer> {
  private static final int USUAL_MINUTES = 10;

  /** What a run needs of its surroundings; tests bring their own. */
  record World(
      Path root,
      CliContext context,
      Torture.Clusters clusters,
      Supplier<List<Nemesis>> nemeses,
      RandomGenerator random) {}

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli looks at it
  private boolean help;

  private final World world;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description =
          "For all of it, spread over the cells; some faults are left out, and named, if"
              + " it is short (default: 10).")
  private @Nullable Integer minutes;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of load in each cell, instead of --minutes.")
  private @Nullable Integer seconds;

  @Option(
      names = "--workload",
      paramLabel = "W",
      split = ",",
      description =
          "Which workloads, separated by commas (default: all that can run): register, set,"
              + " counter, bank, scan, snapshot.")
  private @Nullable List<String> workloads;

  @Option(
      names = "--faults",
      paramLabel = "F",
      split = ",",
      description =
          "Which faults, separated by commas (default: every one); a wrong name lists them."
              + " none is the load alone, all is a mix.")
  private @Nullable List<String> faults;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of operations, rhythm and victims (default: a random one, printed).")
  private @Nullable Long seed;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "So many seeds, one after the other (default: ${DEFAULT-VALUE}).")
  private int seeds = 1;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "Of the cluster, 3 or 5; ring and bridge need 5 (default: ${DEFAULT-VALUE}).")
  private int nodes = TortureSettings.NODES;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Of the cluster (default: ${DEFAULT-VALUE}).")
  private int shards = TortureSettings.SHARDS;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Operations a second, of all workloads together (default: ${DEFAULT-VALUE}).")
  private int perSecond = TortureSettings.PER_SECOND;

  @Option(
      names = "--clients",
      paramLabel = "N",
      description = "Of each workload (default: ${DEFAULT-VALUE}).")
  private int clients = TortureSettings.CLIENTS;

  @Option(
      names = "--compose",
      description = "Torture containers of deploy/docker-compose.yml instead of processes.")
  private boolean compose;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "For results (default: target/torture/SEED in the repository).")
  private @Nullable Path out;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Go on with the cells that are missing in DIR, with its settings.")
  private @Nullable Path resume;

  private TortureCommand(World world) {
    this.world = world;
  }

  /** {@code ROOT OPTION...}: the repository, then what the user typed. */
  public static void main(String[] args) {
    Path root = Path.of(args[0]);
    World world =
        new World(
            root,
            CliContext.ofProcess(),
            new OwnClusters(root),
            Nemeses::all,
            RandomGenerator.getDefault());
    System.exit(run(List.of(args).subList(1, args.length), world));
  }

  /** The command line, for its help and for tests. */
  static CommandLine commandLine(World world) {
    return FerrisCli.configured(new CommandLine(new TortureCommand(world)), world.context());
  }

  /** Runs the command; returns its exit status. */
  static int run(List<String> args, World world) {
    PrintStream err = world.context().err();
    CommandLine command = commandLine(world);
    command.setParameterExceptionHandler((e, _) -> {
      err.println("ferris torture: " + words(e) + "; see ./ferris torture --help");
      return ExitCode.USAGE;
    });
    command.setExecutionExceptionHandler((e, _, _) -> {
      Optional<String> line = line(e);
      if (line.isEmpty()) {
        e.printStackTrace(err);
        return ExitCode.INTERNAL;
      }
      err.println("ferris torture: " + line.get());
      return ExitCode.USAGE;
    });
    return command.execute(args.toArray(String[]::new));
  }

  /** What the user can do something about, and what that is. */
  private static Optional<String> line(Exception e) {
    return switch (e) {
      case TortureException failure -> Optional.of(failure.line());
      case IOException failure ->
          Optional.of(failure + "; name a directory that can be written with --out");
      default -> Optional.empty();
    };
  }

  private static String words(ParameterException e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintStream console = world.context().out();
    Path to;
    Results begun;
    if (resume == null) {
      begun = begin();
      to = out != null ? out : world.root().resolve("target/torture/" + begun.settings().seed());
      if (Results.read(to).isPresent()) {
        throw new TortureException(
            to + " holds the results of another run",
            "go on with it by --resume " + to + ", or name another directory with --out");
      }
    } else {
      to = resume;
      begun = resumed(to);
    }
    world.clusters().check(begun.settings());
    console.println(begun.settings().command());
    console.println("in " + to);
    begun.leftOut().forEach(l -> console.println("not run: " + l));
    Results results = run(begun, to);
    Report report = new Report(results);
    Files.writeString(to.resolve("table.md"), report.markdown(), StandardCharsets.UTF_8);
    console.println();
    report.terminal(world.context().columns()).forEach(console::println);
    console.println("in " + to + ": results.json, table.md, cells/");
    return results.right() ? ExitCode.OK : ExitCode.NO;
  }

  private Results run(Results begun, Path to) throws IOException, InterruptedException {
    try (Torture torture =
        new Torture(world.clusters(), this::nemesis, to, world.context().out(), System::nanoTime)) {
      Thread hook = new Thread(torture::close, "torture-cleanup");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        return torture.run(begun);
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  private Optional<Nemesis> nemesis(String name) {
    return world.nemeses().get().stream().filter(n -> n.name().equals(name)).findFirst();
  }

  private Results resumed(Path from) throws IOException {
    boolean others =
        minutes != null
            || seconds != null
            || workloads != null
            || faults != null
            || seed != null
            || out != null
            || compose;
    if (others) {
      throw new TortureException(
          "--resume takes the settings of " + from, "leave the other options out");
    }
    return Results.read(from)
        .orElseThrow(() ->
            new TortureException(
                "there are no results in " + from, "name the --out of a run that was begun"));
  }

  private Results begin() {
    checkNumbers();
    List<String> leftOut = new ArrayList<>();
    List<String> chosenWorkloads = chosenWorkloads(leftOut);
    List<String> known = knownFaults();
    List<String> wanted = known;
    if (faults != null) {
      wanted = named("fault", faults, known);
    }
    int each;
    if (seconds != null) {
      each = seconds;
    } else {
      int all = minutes == null ? USUAL_MINUTES : minutes;
      Budget budget = Budget.of(all, wanted, faults == null, seeds);
      wanted = budget.faults();
      each = budget.seconds();
      if (!budget.leftOut().isEmpty()) {
        leftOut.add(String.join(", ", budget.leftOut()) + ": no time for it in " + all + " min");
      }
    }
    long first = seed == null ? 1 + world.random().nextInt(999_999) : seed;
    return Results.begin(
        new TortureSettings(
            chosenWorkloads,
            wanted,
            first,
            seeds,
            each,
            nodes,
            shards,
            compose,
            perSecond,
            clients),
        leftOut);
  }

  private void checkNumbers() {
    if (minutes != null && seconds != null) {
      throw new TortureException("both --minutes and --seconds", "give one of them");
    }
    if (nodes != 3 && nodes != 5) {
      throw new TortureException(nodes + " nodes", "--nodes is 3 or 5");
    }
    if (compose && nodes != 3) {
      throw new TortureException("--compose with " + nodes + " nodes", "its cluster has 3");
    }
    within("--minutes", minutes == null ? 1 : minutes, 1, 100_000);
    within("--seconds", seconds == null ? 5 : seconds, 5, 3_600);
    within("--seeds", seeds, 1, 1_000);
    within("--shards", shards, 1, 64);
    within("--rate", perSecond, 1, 100_000);
    within("--clients", clients, 1, 20);
  }

  private static void within(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new TortureException(
          option + " " + value, "it is a number from " + least + " to " + most);
    }
  }

  private List<String> chosenWorkloads(List<String> leftOut) {
    List<Workload> known = Workloads.all(new KeySpace(List.of(Bytes.empty()), "names"), 0);
    if (workloads == null) {
      Map<String, List<String>> reasons = new LinkedHashMap<>();
      for (Workload workload : known) {
        workload
            .unsupported()
            .ifPresent(
                why -> reasons.computeIfAbsent(why, _ -> new ArrayList<>()).add(workload.name()));
      }
      reasons.forEach((why, names) -> leftOut.add(String.join(", ", names) + ": " + why));
      return known.stream().filter(w -> w.unsupported().isEmpty()).map(Workload::name).toList();
    }
    List<String> names = named("workload", workloads, known.stream().map(Workload::name).toList());
    for (Workload workload : known) {
      if (names.contains(workload.name()) && workload.unsupported().isPresent()) {
        throw new TortureException(
            workload.name() + " " + workload.unsupported().get(), "leave it out for now");
      }
    }
    return names;
  }

  private List<String> knownFaults() {
    List<String> known = new ArrayList<>(List.of(Cell.NO_FAULT));
    world.nemeses().get().forEach(n -> known.add(n.name()));
    return known;
  }

  /** The names in the order of the table. */
  private static List<String> named(String what, List<String> wanted, List<String> known) {
    LinkedHashSet<String> names = new LinkedHashSet<>(wanted);
    for (String name : names) {
      if (!known.contains(name)) {
        throw new TortureException(
            "there is no " + what + " '" + name + "'", "there are " + String.join(", ", known));
      }
    }
    return known.stream().filter(names::contains).toList();
  }
}
