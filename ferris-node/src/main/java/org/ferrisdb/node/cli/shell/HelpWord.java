package org.ferrisdb.node.cli.shell;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code help}. */
@Command(
    name = "help",
    mixinStandardHelpOptions = true,
    description = "Lists the commands, or explains one.",
    exitCodeList = {"0:printed", "2:there is no such command"})
final class HelpWord implements Callable<Integer> {
  private static final String KEYS =
      """

      Words are cut as in a POSIX shell: 'in quotes' they may hold blanks, and go on
      in the next line. A line that begins with # is a comment.
      Tab completes commands, options and keys; Ctrl-R searches the history;
      Ctrl-C cancels a command or a line; Ctrl-D leaves.
      help COMMAND explains a command; its examples are those of the command line.
      """;

  private final CliContext context;
  private final ShellCommands commands;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..1",
      completionCandidates = ShellCommands.Names.class,
      description = "The command to explain.")
  private @Nullable String name;

  HelpWord(CliContext context, ShellCommands commands) {
    this.context = context;
    this.commands = commands;
  }

  @Override
  public Integer call() {
    if (name == null) {
      for (String n : ShellCommands.names()) {
        String summary = commands.model(n).map(ShellCompleter::summary).orElse("");
        context.out().println(String.format(Locale.ROOT, "  %-8s  %s", n, summary));
      }
      context.out().print(KEYS);
      return ExitCode.OK;
    }
    Optional<String> usage = commands.usage(name);
    if (usage.isEmpty()) {
      context.complain("help", "there is no command " + name);
      return ExitCode.USAGE;
    }
    context.out().print(usage.get());
    return ExitCode.OK;
  }
}
