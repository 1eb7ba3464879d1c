package org.ferrisdb.node.cli.shell;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.FerrisCli;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands that the shell knows: those of the command line, made anew for each line, and a few
 * words about the shell itself. For one thread at a time.
 */
final class ShellCommands {
  /** What has the process or the whole terminal for itself. */
  private static final List<String> NOT_HERE =
      List.of("demo", "gap", "node", "shell", "completion", "train");

  private static final List<String> OWN = List.of("help", "history", "exit", "quit");

  private final CliContext context;
  private final ShellControl control;
  private final Map<String, Optional<CommandSpec>> models = new HashMap<>();

  /**
   * Makes them.
   *
   * @param context for what only looks at the model
   * @param control the shell
   */
  ShellCommands(CliContext context, ShellControl control) {
    this.context = context;
    this.control = control;
  }

  /** All names, in the order of the help text. */
  static List<String> names() {
    return Stream.concat(
            FerrisCli.commands().keySet().stream().filter(n -> !NOT_HERE.contains(n)), OWN.stream())
        .toList();
  }

  /** The names for who completes a command line. */
  static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Names() {
      super(names());
    }
  }

  /** The model of a command; made once. */
  Optional<CommandSpec> model(String name) {
    return models.computeIfAbsent(name, n -> make(n, context).map(CommandLine::getCommandSpec));
  }

  private Optional<CommandLine> make(String name, CliContext of) {
    Optional<Object> command =
        switch (name) {
          case "help" -> Optional.of(new HelpWord(of, this));
          case "history" -> Optional.of(new HistoryWord(of, control));
          case "exit", "quit" -> Optional.of(new ExitWord(control));
          default -> {
            Function<CliContext, Object> maker = FerrisCli.commands().get(name);
            yield maker == null || NOT_HERE.contains(name)
                ? Optional.empty()
                : Optional.of(maker.apply(of));
          }
        };
    return command.map(c -> {
      CommandLine line = FerrisCli.configured(new CommandLine(c), of);
      String[] synopsis = line.getCommandSpec().usageMessage().customSynopsis();
      for (int i = 0; i < synopsis.length; i++) {
        synopsis[i] = synopsis[i].replace("ferris ", "");
      }
      line.getCommandSpec().usageMessage().customSynopsis(synopsis);
      return line;
    });
  }

  /** Prints how a command is used; empty if there is no such command. */
  Optional<String> usage(String name) {
    return make(name, context).map(CommandLine::getUsageMessage);
  }

  /**
   * Runs a line.
   *
   * @param words the command's name and what follows
   * @return the exit status
   */
  int run(List<String> words, CliContext with) {
    String name = words.getFirst();
    Optional<CommandLine> line = make(name, with);
    if (line.isEmpty()) {
      boolean elsewhere = FerrisCli.commands().containsKey(name);
      with.err()
          .println(
              elsewhere
                  ? name + ": not inside of the shell; run ./ferris " + name
                  : name + ": there is no such command; help lists the commands");
      return ExitCode.USAGE;
    }
    String[] rest = words.subList(1, words.size()).toArray(String[]::new);
    return FerrisCli.execute(line.get(), rest, with);
  }
}
