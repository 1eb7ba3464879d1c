package org.ferrisdb.benchmarks.storage;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ferrisdb.benchmarks.cluster.Machine;
import org.ferrisdb.node.NodeJvm;
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
          + " results.json and storage-race.md. Leave the machine alone meanwhile."
    },
    footer = {
      "%nExamples:",
      "  ./ferris race storage",
      "  ./ferris race storage --workloads readrandom,seek-10 --records 200000 --reps 1"
    })
public final class StorageRaceCommand implements Callable<Integer> {
  private static final int DIRECT_MB = 512;

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
      names = "--records",
      paramLabel = "N",
      description = "Of the data set (default: ${DEFAULT-VALUE}).")
  private int records = 2_000_000;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      description = "Of each record (default: ${DEFAULT-VALUE}).")
  private int valueBytes = 100;

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

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandLine.Model.CommandSpec spec;

  private final PrintStream console;
  private final String command;

  private StorageRaceCommand(Path root, PrintStream console, String command) {
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
    List<Contestant> entrants = checkedContestants();
    List<Workload> chosen = checkedWorkloads();
    if (records < 1_000 || valueBytes < 1 || seconds <= 0 || repetitions < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--records must be 1000 or more, --value-bytes, --seconds and --reps above 0");
    }
    Files.createDirectories(out);
    List<Results.Run> runs = new ArrayList<>();
    Machine machine = Machine.look(out);
    for (int repetition = 1; repetition <= repetitions; repetition++) {
      for (int i = 0; i < entrants.size(); i++) {
        Contestant turn = entrants.get((i + repetition - 1) % entrants.size());
        console.printf(
            Locale.ROOT, "%s, repetition %d of %d%n", turn.title(), repetition, repetitions);
        runs.add(run(turn, repetition, chosen));
        results(machine, runs).write(out.resolve("results.json"));
      }
    }
    Report report = new Report(results(machine, runs));
    Files.writeString(out.resolve("storage-race.md"), report.markdown());
    console.println();
    console.print(report.terminal());
    console.println("in " + out + ": results.json, storage-race.md");
    boolean failed = runs.stream().anyMatch(r -> !r.failure().isEmpty());
    return failed ? 1 : 0;
  }

  private Results results(Machine machine, List<Results.Run> runs) {
    return new Results(
        Results.SCHEMA,
        command,
        machine,
        records,
        valueBytes,
        seconds,
        NodeJvm.flags(Sizes.HEAP_MB, DIRECT_MB),
        List.copyOf(runs));
  }

  private List<Contestant> checkedContestants() {
    List<Contestant> found = Contestant.named(contestants);
    if (found.size() != contestants.stream().distinct().count()) {
      throw new ParameterException(
          spec.commandLine(),
          "--contestants: there are "
              + List.of(Contestant.values()).stream().map(Contestant::id).toList());
    }
    return found;
  }

  private List<Workload> checkedWorkloads() {
    List<Workload> found = Workload.named(workloads);
    if (found.size() != workloads.stream().distinct().count()) {
      throw new ParameterException(
          spec.commandLine(),
          "--workloads: there are "
              + List.of(Workload.values()).stream().map(Workload::id).toList());
    }
    return found;
  }

  private Results.Run run(Contestant contestant, int repetition, List<Workload> chosen)
      throws IOException, InterruptedException {
    Path home = Files.createTempDirectory(out, contestant.id() + "-");
    Process process =
        new ProcessBuilder(commandLine(contestant, home, chosen))
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
    return new Results.Run(contestant.id(), repetition, failure, measurements);
  }

  private List<String> commandLine(Contestant contestant, Path home, List<Workload> chosen) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(NodeJvm.flags(Sizes.HEAP_MB, DIRECT_MB));
    // What lmdbjava asks for.
    line.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    line.add("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.add(DriverMain.class.getName());
    line.add(contestant.id());
    line.add(home.toString());
    line.add(Integer.toString(records));
    line.add(Integer.toString(valueBytes));
    line.add(Double.toString(seconds));
    line.add(String.join(",", chosen.stream().map(Workload::id).toList()));
    return line;
  }

  private static void deleteTree(Path home) throws IOException {
    try (var files = Files.walk(home)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
