package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.benchmarks.cluster.Results.Entrant;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ferris race}. */
@Command(
    name = "./ferris race",
    usageHelpWidth = 100,
    description = {
      "Races FerrisDB against other databases on this machine: three servers each, one driver, every"
          + " acknowledged write on the disks of a majority, linearizable reads.",
      "%nThe contestants take turns, each time on a fresh cluster. Written to --out: results.json,"
          + " race.md (tables) and race.svg (a chart). A database that is not installed is left"
          + " out, and named.",
      "%nA whole race takes about contestants x reps x 3 minutes. Leave the machine alone"
          + " meanwhile."
    },
    footer = {
      "%nExamples:",
      "  ./ferris race",
      "  ./ferris race --peers etcd --cells put-64,get-64 --seconds 5 --reps 2",
      "  ./ferris race --continue --runs 3        the next three runs of an unfinished race",
      "  ./ferris race --peers none --cells put-64 --profile      where FerrisDB's CPU goes",
      "%nA cell is MIX-THREADS, or MIX-THREADSxOUTSTANDING operations in flight; mixes: put, get,"
          + " ycsb-a, ycsb-b, ycsb-c, ycsb-e.",
      "%nThe storage engine alone, against RocksDB and LMDB: ./ferris race storage (--help).",
    })
public final class RaceCommand implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli looks at it
  private boolean help;

  private final PrintStream console;
  private final Path root;

  @Option(
      names = "--peers",
      paramLabel = "NAMES",
      description = "etcd, ignite, rheakv, zookeeper, separated by commas; all (default) or none.")
  private String peers = "all";

  @Option(
      names = "--cells",
      paramLabel = "CELLS",
      description = "Separated by commas; all (default) for the usual ones.")
  private String cells = "all";

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of each measurement (default: ${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(
      names = "--reps",
      paramLabel = "N",
      description = "Turns of each contestant (default: ${DEFAULT-VALUE}).")
  private int repetitions = 3;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      description =
          "Load on each fresh cluster before its first cell, spread over all cells (default:"
              + " ${DEFAULT-VALUE}).")
  private int warmup = 60;

  @Option(
      names = "--cell-warmup",
      paramLabel = "S",
      description = "Before each measurement (default: ${DEFAULT-VALUE}).")
  private int cellWarmup = 2;

  @Option(names = "--keys", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int keys = 20_000;

  @Option(names = "--value-size", paramLabel = "BYTES", description = "Default: ${DEFAULT-VALUE}.")
  private int valueSize = 100;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Of FerrisDB (default here: ${DEFAULT-VALUE}, as ./ferris up).")
  private int shards = LocalClusterSpec.defaultShards();

  @Option(names = "--seed", paramLabel = "N", description = "Of the random numbers.")
  private long seed = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "For the results (default: target/race in the repository).")
  private @Nullable Path out;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "For the servers' files; must be on a disk (default: the temporary directory).")
  private Path dir = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(
      names = "--continue",
      description = "Run what is missing in --out, with the cells and times of its beginning.")
  private boolean goOn;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Stop after so many runs; --continue goes on later.")
  private int runs = Integer.MAX_VALUE;

  @Option(
      names = "--profile",
      description =
          "FerrisDB's nodes record where their CPU goes; profile.md says it, cell by cell. Costs a"
              + " few per cent.")
  private boolean profile;

  @Option(names = "--report", description = "Only write the tables of --out anew.")
  private boolean reportOnly;

  private RaceCommand(Path root, PrintStream console) {
    this.root = root;
    this.console = console;
  }

  /** {@code ROOT OPTION...}: the repository, then what the user typed. */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    List<String> words = List.of(args);
    CommandLine command = new CommandLine(new RaceCommand(Path.of(words.getFirst()), out));
    command.setParameterExceptionHandler((e, _) -> {
      err.println("ferris race: " + e.getMessage() + "; see ./ferris race --help");
      return 2;
    });
    command.setExecutionExceptionHandler((e, _, _) -> {
      if (e instanceof RaceException failure) {
        err.println("ferris race: " + failure.line());
        return 2;
      }
      e.printStackTrace(err);
      return 70;
    });
    return command.execute(words.subList(1, words.size()).toArray(String[]::new));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path to = out == null ? root.resolve("target/race") : out;
    Optional<Results> found = Results.read(to);
    if (reportOnly) {
      return finish(
          found.orElseThrow(
              () -> new RaceException("there are no results in " + to, "name another with --out")),
          to);
    }
    @Nullable Results begun = goOn ? found.orElse(null) : null;
    RaceSettings settings = begun == null ? settings() : begun.settings();
    List<String> leftOut = new ArrayList<>();
    List<Contestant> contestants = contestants(settings, begun, leftOut);
    leftOut.forEach(console::println);
    if (found.isPresent() && !goOn) {
      Path before = to.resolve("results.json.before");
      Files.move(Results.file(to), before, StandardCopyOption.REPLACE_EXISTING);
    }
    Path scratch = scratch();
    Results results = begun == null ? begin(settings, contestants, leftOut) : begun;
    console.println(results.machine().line());
    try (Race race = new Race(contestants, scratch, to, console)) {
      Thread hook = new Thread(() -> interrupted(race, scratch), "race-cleanup");
      Runtime.getRuntime().addShutdownHook(hook);
      results = race.run(results, runs);
      Runtime.getRuntime().removeShutdownHook(hook);
    }
    deleteIfEmpty(scratch);
    return finish(results, to);
  }

  private static void interrupted(Race race, Path scratch) {
    race.close();
    LocalCluster.deleteTree(scratch);
  }

  /** Not there any more unless a run failed: its logs are in there. */
  private static void deleteIfEmpty(Path scratch) throws IOException {
    try (var left = Files.newDirectoryStream(scratch)) {
      if (left.iterator().hasNext()) {
        return;
      }
    }
    Files.delete(scratch);
  }

  private int finish(Results results, Path to) throws IOException {
    Summary summary = new Summary(results);
    Report report = new Report(summary);
    Files.createDirectories(to);
    results.write(to);
    Files.writeString(to.resolve("race.md"), report.markdown(), StandardCharsets.UTF_8);
    Files.writeString(to.resolve("race.svg"), Chart.svg(summary), StandardCharsets.UTF_8);
    String profiles = Profiles.markdown(results, to);
    if (!profiles.isEmpty()) {
      Files.writeString(to.resolve("profile.md"), profiles, StandardCharsets.UTF_8);
    }
    console.println();
    console.println(report.terminal());
    console.println("in " + to + ": results.json, race.md, race.svg");
    List<String> failures =
        results.runs().stream()
            .filter(r -> !r.failure().isEmpty())
            .map(r -> r.contestant() + " " + r.repetition() + ": " + r.failure())
            .toList();
    failures.forEach(f -> console.println("failed: " + f));
    return failures.isEmpty() ? 0 : 1;
  }

  private Path scratch() throws IOException {
    Files.createDirectories(dir);
    String fileSystem = Machine.fileSystem(dir);
    if (Machine.isMemory(fileSystem)) {
      throw new RaceException(
          dir + " is in memory (" + fileSystem + "): fsync would cost nothing there",
          "name a directory on a disk with --dir");
    }
    return Files.createTempDirectory(dir.toAbsolutePath(), "ferris-race-");
  }

  private RaceSettings settings() {
    return new RaceSettings(
        Cell.parse(cells), repetitions, seconds, cellWarmup, warmup, keys, valueSize, shards, seed);
  }

  private Results begin(RaceSettings settings, List<Contestant> contestants, List<String> leftOut) {
    return new Results(
        Results.SCHEMA,
        words(settings),
        Machine.look(dir),
        settings,
        contestants.stream().map(c -> new Entrant(c.name(), c.title(), c.settings())).toList(),
        List.copyOf(leftOut),
        List.of());
  }

  /** Those asked for that can take part; of a race that goes on, those it began with. */
  private List<Contestant> contestants(
      RaceSettings settings, @Nullable Results begun, List<String> leftOut) {
    List<Contestant> known =
        List.of(
            new EtcdContestant(root, Optional.ofNullable(System.getenv("PATH")).orElse("")),
            new IgniteContestant(root),
            new RheaContestant(root),
            new ZooKeeperContestant(root));
    List<String> wanted =
        begun != null
            ? begun.contestants().stream().map(Entrant::name).toList()
            : switch (peers) {
              case "all" -> known.stream().map(Contestant::name).toList();
              case "none" -> List.of();
              default -> List.of(peers.split(",", -1));
            };
    List<Contestant> taking = new ArrayList<>();
    taking.add(new FerrisContestant(settings.shards(), profile));
    for (String name : wanted) {
      if (name.equals(FerrisContestant.NAME)) {
        continue; // always takes part
      }
      Contestant peer =
          known.stream()
              .filter(c -> c.name().equals(name))
              .findAny()
              .orElseThrow(() ->
                  new RaceException(
                      "there is no peer " + name,
                      "there are "
                          + String.join(", ", known.stream().map(Contestant::name).toList())));
      peer.missing().ifPresentOrElse(leftOut::add, () -> taking.add(peer));
    }
    return taking;
  }

  private String words(RaceSettings s) {
    List<String> words = new ArrayList<>(List.of("./ferris race"));
    word(words, "--peers", peers, "all");
    word(words, "--cells", cells, "all");
    word(words, "--seconds", s.seconds(), 10);
    word(words, "--reps", s.repetitions(), 3);
    word(words, "--warmup", s.warmupSeconds(), 60);
    word(words, "--cell-warmup", s.cellWarmupSeconds(), 2);
    word(words, "--keys", s.keys(), 20_000);
    word(words, "--value-size", s.valueBytes(), 100);
    word(words, "--shards", s.shards(), LocalClusterSpec.defaultShards());
    word(words, "--seed", s.seed(), 1L);
    if (profile) {
      words.add("--profile");
    }
    return String.join(" ", words);
  }

  private static void word(List<String> words, String option, Object value, Object usual) {
    if (!value.equals(usual)) {
      words.add(option + " " + value);
    }
  }
}
