package org.ferrisdb.node.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/**
 * The root of the command line. {@link #main} ends the process with a status of {@link ExitCode};
 * {@link #run} does the same for tests, without ending anything.
 */
@Command(
    name = "ferris",
    mixinStandardHelpOptions = true,
    versionProvider = FerrisCli.Version.class,
    description = "FerrisDB: a distributed key-value database that survives its machines.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done, and the answer is yes",
      "1:done, and the answer is no (not found, condition failed, not healthy, check failed)",
      "2:the command line or the input is wrong",
      "3:the cluster did not answer in time, or refused; nothing was applied",
      "4:a write may or may not have been applied",
      "70:a fault of this program",
    },
    footer = {
      "%nFirst steps:",
      "  ./ferris demo                     three nodes, one killed half way, the verdict",
      "  ./ferris up                       a local cluster in the background",
      "  ./ferris put city/paris 2102650   and then: get, scan, status, kill n1, restart n1, down",
      "",
      "./ferris help COMMAND explains a command, with examples. Also: ./ferris test, ./ferris race.",
    })
public final class FerrisCli {
  private static final Map<String, Function<CliContext, Object>> COMMANDS = Commands.all();

  private FerrisCli() {}

  /** Runs a command and ends the process. */
  public static void main(String[] args) {
    // Quick to start, quick to end: what a command leaves running (idle threads) is not waited for.
    System.exit(run(args, CliContext.ofProcess()));
  }

  /** Runs a command; returns its exit status. */
  public static int run(String[] args, CliContext context) {
    CommandLine root = commandLine(args, context);
    boolean json = Arrays.asList(args).contains("json") || Arrays.asList(args).contains("-ojson");
    boolean debug = Arrays.asList(args).contains("--debug");
    root.setParameterExceptionHandler((e, _) -> usageError(e, context));
    root.setExecutionExceptionHandler((e, command, _) -> {
      Failures failure = Failures.of(e);
      if (debug || failure.exitCode() == ExitCode.INTERNAL) {
        e.printStackTrace(context.err());
      }
      String name = command.getCommandSpec().qualifiedName();
      context.err().println(json ? failure.jsonLine() : failure.line(name));
      return failure.exitCode();
    });
    int exitCode = args.length == 0 ? usage(root, context) : root.execute(args);
    context.out().flush();
    if (context.out().checkError() && exitCode == ExitCode.OK) {
      return ExitCode.NO; // the reader went away: what it wanted to know is not all told
    }
    return exitCode;
  }

  /**
   * The tree of commands. Building all of them takes longer than most of them run, so only those
   * whose names occur in the arguments are built; all, if none does.
   */
  static CommandLine commandLine(String[] args, CliContext context) {
    Map<String, Function<CliContext, Object>> wanted = new LinkedHashMap<>(COMMANDS);
    List<String> words = Arrays.asList(args);
    boolean help = words.isEmpty() || words.getFirst().startsWith("-") || words.contains("help");
    if (!help && COMMANDS.containsKey(words.getFirst())) {
      wanted.keySet().retainAll(List.of(words.getFirst()));
    }
    CommandLine root = new CommandLine(new FerrisCli());
    wanted.forEach((name, make) -> root.addSubcommand(name, make.apply(context)));
    if (wanted.size() > 1) {
      root.addSubcommand("help", new CommandLine.HelpCommand());
    }
    Ansi ansi = context.colours() ? Ansi.ON : Ansi.OFF;
    root.setColorScheme(CommandLine.Help.defaultColorScheme(ansi));
    root.setUsageHelpWidth(100);
    root.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    return root;
  }

  private static int usage(CommandLine root, CliContext context) {
    root.usage(context.out(), root.getColorScheme());
    return ExitCode.USAGE;
  }

  private static int usageError(ParameterException e, CliContext context) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String help =
        command.getParent() == null
            ? "./ferris --help lists the commands"
            : "see ./ferris help " + command.getCommandName();
    String message = Failures.words(e).replaceAll("\\s*\\R\\s*", " ");
    context.err().println(new Failures(ExitCode.USAGE, message, help).line(name));
    return ExitCode.USAGE;
  }

  /** The version of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = FerrisCli.class.getPackage().getImplementationVersion();
      return new String[] {
        "FerrisDB " + (version == null ? "(built from source)" : version),
        "JDK " + Runtime.version() + ", " + System.getProperty("os.name")
      };
    }
  }
}
