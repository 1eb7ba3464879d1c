package org.ferrisdb.benchmarks.storage;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.ferrisdb.benchmarks.cluster.Machine;
import org.ferrisdb.node.NodeJvm;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code ./ferris race storage}. */
@Command(
    name = "./ferris race storage",
    usageHelpWidth = 100,
    description = {
      "Races FerrisDB's storage engine against RocksDB and LMDB, as libraries of one Java process"
          + " each, with db_bench's workloads.",
      "%nThe contestants take turns, each time in a new JVM on an empty directory. Written to --out:"
          + " results.json, and from it storage-race.md (tables) and an SVG for each workload."
          + " Leave the machine alone meanwhile."
    },
    footer = {
      "%nProfiles: 100b (2,000,000 records of 100 B), 1k (500,000 of 1 KiB), 16k (50,000 of"
          + " 16 KiB), 20m (20,000,000 of 100 B).",
      "%nExamples:",
      "  ./ferris race storage",
      "  ./ferris race storage --profile 1k,16k --seconds 1",
      "  ./ferris race storage --workloads readrandom,seek-10 --records 200000 --reps 1",
      "  ./ferris race storage --report docs/storage-race      tables and plots anew"
    })
public final class StorageRaceCommand implements Callable<Integer> {
  private static final int DIRECT_MB = 512;
  private static final int LEAST_RECORDS = 1_000;
  private static final int MOST_VALUE_BYTES = 1 << 20;
  private static final String RESULTS = "results.json";
  private static final String TABLES = "storage-race.md";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli looks at it
  private boolean help;

  @Option(
      names = "--contestants",
      split = ",",
      paramLabel = "NAME",
      description = "ferris, ferris-skip-list, rocksdb, lmdb (default: all but ferris-skip-list).")
  private List<String> contestants = List.of("ferris", "rocksdb", "lmdb");

  @Option(
      names = "--workloads",
      split = ",",
      paramLabel = "NAME",
      description = "Which (default: all); a wrong name lists them.")
  private List<String> workloads = List.of(Workload.values()).stream().map(Workload::id).toList();

  @Option(
      names = "--profile",
      split = ",",
      paramLabel = "NAME",
      description = "Data sets, one after the other (default: 100b).")
  private @Nullable List<String> profiles;

  @Option(
      names = "--records",
      paramLabel = "N",
      description = "A data set of one's own instead: how many records (default: 2000000).")
  private @Nullable Integer records;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      description = "And of which size (default: 100).")
  private @Nullable Integer valueBytes;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Of a workload without an end of its own (default: ${DEFAULT-VALUE}).")
  private double seconds = 4;

  @Option(
      names = "--reps",
      paramLabel = "N",
      description = "Turns of each contestant (default: ${DEFAULT-VALUE}).")
  private int repetitions = 3;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "For results (default: target/storage-race in the repository).")
  private Path out;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Races nothing: reads all results*.json in DIR and writes tables and plots there anew.")
  private @Nullable Path report;

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandLine.Model.CommandSpec spec;

  private final PrintStream console;
  private final String command;

  StorageRaceCommand(Path root, PrintStream console, String command) {
    this.out = root.resolve("target/storage-race");
    this.console = console;
    this.command = command;
  }

  /** Arguments: the repository, then those of the command line. */
  public static void main(String[] args) {
    List<String> own = List.of(args).subList(1, args.length);
    PrintStream console = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    String command = ("./ferris race storage " + String.join(" ", own)).strip();
    System.exit(
        new CommandLine(new StorageRaceCommand(Path.of(args[0]), console, command))
            .execute(own.toArray(String[]::new)));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path reported = report;
    if (reported != null) {
      return report(reported);
    }
    List<Contestant> entrants = checkedContestants();
    List<Workload> chosen = checkedWorkloads();
    if (seconds <= 0 || repetitions < 1) {
      throw refused("--seconds and --reps must be above 0");
    }
    Map<String, Data> sets = checkedSets();
    requireWritable(out);
    Machine machine = Machine.look(out);
    List<DataSet> done = new ArrayList<>();
    for (Map.Entry<String, Data> set : sets.entrySet()) {
      race(set.getKey(), set.getValue(), entrants, chosen, machine, done);
    }
    write(results(machine, done), out);
    boolean failed =
        done.stream().flatMap(s -> s.runs().stream()).anyMatch(r -> !r.failure().isEmpty());
    return failed ? 1 : 0;
  }

  /** All turns on one data set; after each, what there is so far is written. */
  private void race(
      String profile,
      Data data,
      List<Contestant> entrants,
      List<Workload> chosen,
      Machine machine,
      List<DataSet> done)
      throws IOException, InterruptedException {
    List<DataSet.Run> runs = new ArrayList<>();
    List<DataSet> before = List.copyOf(done);
    for (int repetition = 1; repetition <= repetitions; repetition++) {
      for (int i = 0; i < entrants.size(); i++) {
        Contestant turn = entrants.get((i + repetition - 1) % entrants.size());
        DataSet sofar = set(profile, data, runs);
        console.printf(
            Locale.ROOT,
            "%s, %s, repetition %d of %d%n",
            turn.title(),
            sofar.title(),
            repetition,
            repetitions);
        runs.add(run(turn, repetition, data, chosen));
        done.clear();
        done.addAll(before);
        done.add(set(profile, data, runs));
        results(machine, done).write(out.resolve(RESULTS));
      }
    }
  }

  private static DataSet set(String profile, Data data, List<DataSet.Run> runs) {
    return new DataSet(
        profile,
        data.records(),
        data.valueBytes(),
        NodeJvm.flags(Sizes.heapMb(data), DIRECT_MB),
        List.copyOf(runs));
  }

  private Results results(Machine machine, List<DataSet> sets) {
    return new Results(Results.SCHEMA, command, machine, seconds, List.copyOf(sets));
  }

  private void write(Results results, Path directory) throws IOException {
    Report tables = new Report(results);
    Files.writeString(directory.resolve(TABLES), tables.markdown());
    Map<String, String> plots = Plot.all(results.sets());
    for (Map.Entry<String, String> plot : plots.entrySet()) {
      Files.writeString(directory.resolve(plot.getKey()), plot.getValue());
    }
    console.println();
    console.print(tables.terminal());
    console.printf(
        Locale.ROOT, "in %s: %s, %s, %d plots (*.svg)%n", directory, RESULTS, TABLES, plots.size());
  }

  /** Of all results in the directory, each data set of the file that has it. */
  private int report(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw refused("--report: " + directory + " is no directory");
    }
    requireWritable(directory);
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files =
          all.filter(f -> f.getFileName().toString().matches("results.*\\.json")).sorted().toList();
    }
    List<Results> found = new ArrayList<>();
    Map<String, DataSet> sets = new LinkedHashMap<>();
    for (Path file : files) {
      Optional<Results> results = Results.read(file);
      if (results.isEmpty()) {
        console.println(file + ": is left out, its schema is not " + Results.SCHEMA);
        continue;
      }
      found.add(results.get());
      for (DataSet set : results.get().sets()) {
        if (sets.put(set.title(), set) != null) {
          throw refused("--report: " + file + " holds " + set.title() + ", as another file does");
        }
      }
    }
    if (found.isEmpty()) {
      throw refused("--report: there is no results.json of this version in " + directory);
    }
    Results first = found.getFirst();
    String commands = String.join("`, `", found.stream().map(Results::command).toList());
    write(
        new Results(
            first.schema(), commands, first.machine(), first.seconds(), List.copyOf(sets.values())),
        directory);
    return 0;
  }

  // ---- what is given

  private ParameterException refused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  /** Found out before the first turn, not after it. */
  private void requireWritable(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.delete(Files.createTempFile(directory, "writable", ""));
    } catch (IOException e) {
      throw refused(
          directory
              + ": can not be written to ("
              + e
              + "); give a directory of your own with --out");
    }
  }

  private Map<String, Data> checkedSets() {
    List<String> names = profiles;
    if (records == null && valueBytes == null) {
      List<String> wanted = names == null ? List.of(Profile.B100.id()) : names;
      List<Profile> found = Profile.named(wanted);
      if (found.size() != wanted.stream().distinct().count()) {
        throw refused(
            "--profile: there are " + Arrays.stream(Profile.values()).map(Profile::id).toList());
      }
      Map<String, Data> sets = new LinkedHashMap<>();
      found.forEach(p -> sets.put(p.id(), p.data()));
      return sets;
    }
    Data own =
        new Data(
            records == null ? Profile.B100.data().records() : records,
            valueBytes == null ? Profile.B100.data().valueBytes() : valueBytes);
    if (names != null) {
      throw refused("--profile already says --records and --value-bytes; give one or the other");
    }
    if (own.records() < LEAST_RECORDS
        || own.valueBytes() < 1
        || own.valueBytes() > MOST_VALUE_BYTES) {
      throw refused(
          "--records must be "
              + LEAST_RECORDS
              + " or more, --value-bytes 1 to "
              + MOST_VALUE_BYTES);
    }
    return Map.of(DataSet.CUSTOM, own);
  }

  private List<Contestant> checkedContestants() {
    List<Contestant> found = Contestant.named(contestants);
    if (found.size() != contestants.stream().distinct().count()) {
      throw refused(
          "--contestants: there are "
              + Arrays.stream(Contestant.values()).map(Contestant::id).toList());
    }
    return found;
  }

  private List<Workload> checkedWorkloads() {
    List<Workload> found = Workload.named(workloads);
    if (found.size() != workloads.stream().distinct().count()) {
      throw refused(
          "--workloads: there are " + Arrays.stream(Workload.values()).map(Workload::id).toList());
    }
    return found;
  }

  // ---- a turn

  private DataSet.Run run(Contestant contestant, int repetition, Data data, List<Workload> chosen)
      throws IOException, InterruptedException {
    Path home = Files.createTempDirectory(out, contestant.id() + "-");
    Process process =
        new ProcessBuilder(commandLine(contestant, home, data, chosen))
            .redirectError(ProcessBuilder.Redirect.appendTo(out.resolve("errors.txt").toFile()))
            .start();
    List<Measurement> measurements = new ArrayList<>();
    Gson gson = new Gson();
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Measurement m = gson.fromJson(line, Measurement.class);
        measurements.add(m);
        console.printf(
            Locale.ROOT,
            "  %-18s %,12.0f/s  p50 %,9.2f us  p99.99 %,10.0f us  CPU %,9.2f us%n",
            m.workload(),
            m.perSecond(),
            m.p50(),
            m.p9999(),
            m.cpuMicros());
      }
    } catch (JsonSyntaxException e) {
      process.destroyForcibly();
    }
    int exit = process.waitFor();
    String failure = exit == 0 ? "" : "exit status " + exit + ", see errors.txt";
    if (!failure.isEmpty()) {
      console.println("  failed: " + failure);
    }
    deleteTree(home);
    return new DataSet.Run(contestant.id(), repetition, failure, measurements);
  }

  private List<String> commandLine(
      Contestant contestant, Path home, Data data, List<Workload> chosen) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(NodeJvm.flags(Sizes.heapMb(data), DIRECT_MB));
    // What lmdbjava asks for.
    line.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    line.add("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.add(DriverMain.class.getName());
    line.add(contestant.id());
    line.add(home.toString());
    line.add(Integer.toString(data.records()));
    line.add(Integer.toString(data.valueBytes()));
    line.add(Double.toString(seconds));
    line.add(String.join(",", chosen.stream().map(Workload::id).toList()));
    return line;
  }

  private static void deleteTree(Path home) throws IOException {
    try (var files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
