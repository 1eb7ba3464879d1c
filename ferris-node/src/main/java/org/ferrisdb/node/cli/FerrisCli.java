package org.ferrisdb.node.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.UsageMessageSpec;
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
      "  ./ferris demo                     three nodes, one killed, the verdict",
      "  ./ferris up                       a local cluster in the background",
      "  ./ferris put city/paris 2102650   then get, scan, status, kill n1, restart n1",
      "  ./ferris shell                    the same without typing ./ferris",
      "  ./ferris down                     ends it; the data stays",
      "",
      "./ferris help COMMAND explains a command, with examples.",
      "Also: ./ferris test, ./ferris torture (faults), ./ferris race (benchmark),",
      "./ferris image (container).",
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
    if (args.length == 0) {
      root.usage(context.out(), root.getColorScheme());
      return ExitCode.USAGE;
    }
    return execute(root, args, context);
  }

  /** Parses and runs a line; whatever goes wrong is told in one line and by the exit status. */
  public static int execute(CommandLine line, String[] args, CliContext context) {
    boolean json = Arrays.asList(args).contains("json") || Arrays.asList(args).contains("-ojson");
    boolean debug = Arrays.asList(args).contains("--debug");
    line.setParameterExceptionHandler((e, _) -> usageError(e, context));
    line.setExecutionExceptionHandler((e, command, _) -> {
      Failures failure = Failures.of(e);
      if (debug || failure.exitCode() == ExitCode.INTERNAL) {
        e.printStackTrace(context.err());
      }
      String name = command.getCommandSpec().qualifiedName();
      tell(json ? failure.jsonLine() : failure.line(name), context);
      return failure.exitCode();
    });
    int exitCode = line.execute(args);
    context.out().flush();
    if (context.out().checkError() && exitCode == ExitCode.OK) {
      return ExitCode.NO; // the reader went away: what it wanted to know is not all told
    }
    return exitCode;
  }

  /** Names of all commands and how to make them, in the order of the help text. */
  public static Map<String, Function<CliContext, Object>> commands() {
    return Collections.unmodifiableMap(COMMANDS);
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
    return configured(root, context);
  }

  /** The command with everything that all commands have in common: looks, streams, parsing. */
  public static CommandLine configured(CommandLine line, CliContext context) {
    Ansi ansi = context.colours() ? Ansi.ON : Ansi.OFF;
    line.setColorScheme(CommandLine.Help.defaultColorScheme(ansi));
    line.setUsageHelpWidth(80);
    headings(line);
    line.setOut(new PrintWriter(context.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(context.err(), true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static void headings(CommandLine line) {
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    usage.parameterListHeading("%nArguments:%n");
    usage.optionListHeading("%nOptions:%n");
    usage.exitCodeListHeading("%nExit status:%n");
    line.getSubcommands().values().forEach(FerrisCli::headings);
  }

  /** Hints name commands as they are called in a process of their own. */
  private static void tell(String line, CliContext context) {
    context.err().println(line.replace("./ferris ", context.host().call()));
  }

  private static int usageError(ParameterException e, CliContext context) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String help =
        command.getCommand() instanceof FerrisCli
            ? "./ferris --help lists the commands"
            : "see ./ferris help " + command.getCommandName();
    // Picocli ends some of its sentences with a full stop; ours go on with the remedy.
    String message = Failures.words(e).replaceAll("\\s*\\R\\s*", " ").replaceFirst("\\.\\s*$", "");
    tell(new Failures(ExitCode.USAGE, message, help).line(name), context);
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
