package org.ferrisdb.integration.planted;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.FerrisCli;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./ferris planted}. */
@Command(
    name = "ferris planted",
    description = {
      "Plants bugs into clusters of their own, and shows that torture finds them.",
      "%nEach is a change of a few words in FerrisDB's source, compiled for this run only; nothing that"
          + " is built or shipped holds it."
    },
    exitCodeList = {
      "0:every bug was found",
      "1:one was not",
      ExitCode.USAGE_WORDS,
      "70:a fault of this program",
    },
    footer = {
      "%nExamples:",
      "  ./ferris planted                  all of them, about a quarter of an hour",
      "  ./ferris planted --bugs no-lease,retried-twice",
    })
public final class PlantedCommand implements Callable<Integer> {
  private final Path root;
  private final CliContext context;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli looks at it
  private boolean help;

  @Option(
      names = "--bugs",
      paramLabel = "B",
      split = ",",
      description = "Which, separated by commas (default: all); a wrong name lists them.")
  private @Nullable List<String> names;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the first try of each (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--tries",
      paramLabel = "N",
      description = "With one seed after the other, until it is found (default: ${DEFAULT-VALUE}).")
  private int tries = 5;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "For histories and logs (default: target/planted in the repository).")
  private @Nullable Path out;

  private PlantedCommand(Path root, CliContext context) {
    this.root = root;
    this.context = context;
  }

  /** {@code ROOT OPTION...}: the repository, then what the user typed. */
  public static void main(String[] args) {
    System.exit(
        run(List.of(args).subList(1, args.length), Path.of(args[0]), CliContext.ofProcess()));
  }

  /** Runs the command; returns its exit status. */
  static int run(List<String> args, Path root, CliContext context) {
    PrintStream err = context.err();
    CommandLine command =
        FerrisCli.configured(new CommandLine(new PlantedCommand(root, context)), context);
    command.setParameterExceptionHandler((e, _) -> {
      err.println("ferris planted: " + e.getMessage() + "; see ./ferris planted --help");
      return ExitCode.USAGE;
    });
    command.setExecutionExceptionHandler((e, _, _) -> {
      if (e instanceof IOException) {
        err.println("ferris planted: " + e + "; name a directory that can be written, --out");
        return ExitCode.USAGE;
      }
      e.printStackTrace(err);
      return ExitCode.INTERNAL;
    });
    return command.execute(args.toArray(String[]::new));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<PlantedBug> bugs = new ArrayList<>(PlantedBugs.all());
    List<String> known = bugs.stream().map(PlantedBug::name).toList();
    if (names != null) {
      for (String name : names) {
        if (!known.contains(name)) {
          context
              .err()
              .println(
                  "ferris planted: there is no bug '"
                      + name
                      + "'; there are "
                      + String.join(", ", known));
          return ExitCode.USAGE;
        }
      }
      List<String> wanted = names;
      bugs.removeIf(b -> !wanted.contains(b.name()));
    }
    if (tries < 1) {
      context.err().println("ferris planted: --tries " + tries + "; it is 1 or more");
      return ExitCode.USAGE;
    }
    Path to = out != null ? out : root.resolve("target/planted/" + System.currentTimeMillis());
    Files.createDirectories(to);
    context.out().println("in " + to);
    List<Detection> found = find(bugs, to);
    Files.writeString(to.resolve("table.md"), table(found), StandardCharsets.UTF_8);
    return found.stream().allMatch(Detection::found) ? ExitCode.OK : ExitCode.NO;
  }

  private List<Detection> find(List<PlantedBug> bugs, Path to)
      throws IOException, InterruptedException {
    List<Detection> found = new ArrayList<>();
    try (PlantedRun run = new PlantedRun(root, to, System::nanoTime)) {
      Thread hook = new Thread(run::close, "planted-cleanup");
      Runtime.getRuntime().addShutdownHook(hook);
      for (PlantedBug bug : bugs) {
        context.out().println(bug.name() + ": " + bug.mutant().what());
        Detection detection = run.find(bug, seed, tries);
        context.out().println("  " + line(detection));
        found.add(detection);
      }
      Runtime.getRuntime().removeShutdownHook(hook);
    }
    return found;
  }

  private static String line(Detection d) {
    return String.format(
        Locale.ROOT,
        "%s by %s under %s after %d s, %d %s: %s",
        d.found() ? "found" : "NOT FOUND",
        d.bug().workload(),
        d.bug().fault(),
        d.seconds(),
        d.tries(),
        d.tries() == 1 ? "try" : "tries",
        d.how());
  }

  /** The table for documents. */
  static String table(List<Detection> detections) {
    StringBuilder text =
        new StringBuilder("| bug | workload | fault | seconds | tries | what was found |\n")
            .append("|---|---|---|---:|---:|---|\n");
    for (Detection d : detections) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %d | %d | %s%s |%n",
              d.bug().mutant().what(),
              d.bug().workload(),
              d.bug().fault(),
              d.seconds(),
              d.tries(),
              d.found() ? "" : "NOT FOUND: ",
              d.how().replace("|", "\\|").lines().findFirst().orElse("")));
    }
    return text.toString();
  }
}
