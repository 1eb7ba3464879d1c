package org.ferrisdb.node.cli.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What the next word of a line would be, by picocli's model of the command. Immutable. */
sealed interface Place {
  /** The name of a command. */
  record Name() implements Place {}

  /**
   * An option, or the value of one behind its {@code =}.
   *
   * @param command the command
   * @param given the options that the line has already
   */
  record OptionName(CommandSpec command, List<OptionSpec> given) implements Place {}

  /**
   * A value.
   *
   * @param command the command
   * @param arg of which option or parameter
   * @param head what the word must begin with: {@code --file=}, mostly nothing
   * @param parameters how many parameters stand before it
   */
  record Value(CommandSpec command, ArgSpec arg, String head, int parameters) implements Place {}

  /** Nothing that anybody knows of: after an unknown command, or after the last parameter. */
  record Nothing() implements Place {}

  /**
   * Finds it.
   *
   * @param model the commands by name
   * @param before the words before
   * @param word the beginning of the word
   */
  static Place of(Function<String, Optional<CommandSpec>> model, List<String> before, String word) {
    if (before.isEmpty()) {
      return new Name();
    }
    Optional<CommandSpec> found = model.apply(before.getFirst());
    if (found.isEmpty()) {
      return new Nothing();
    }
    CommandSpec command = found.get();
    List<OptionSpec> given = new ArrayList<>();
    int parameters = 0;
    boolean optionsEnded = false;
    OptionSpec waiting = null;
    for (String w : before.subList(1, before.size())) {
      if (waiting != null) {
        waiting = null;
      } else if (w.equals("--") && !optionsEnded) {
        optionsEnded = true;
      } else if (isOption(w) && !optionsEnded) {
        OptionSpec option = command.findOption(nameOf(w));
        if (option != null) {
          given.add(option);
          waiting = option.arity().max() > 0 && w.indexOf('=') < 0 ? option : null;
        }
      } else {
        parameters++;
      }
    }
    if (waiting != null && (waiting.arity().min() > 0 || !word.startsWith("-"))) {
      return new Value(command, waiting, "", parameters);
    }
    if (word.startsWith("-") && !optionsEnded) {
      OptionSpec option = word.indexOf('=') < 0 ? null : command.findOption(nameOf(word));
      return option == null
          ? new OptionName(command, given)
          : new Value(command, option, nameOf(word) + "=", parameters);
    }
    return parameter(command, parameters);
  }

  /** The parameter at that index. */
  private static Place parameter(CommandSpec command, int index) {
    for (PositionalParamSpec p : command.positionalParameters()) {
      if (!p.hidden() && p.index().contains(index)) {
        return new Value(command, p, "", index);
      }
    }
    return new Nothing();
  }

  private static boolean isOption(String word) {
    return word.length() > 1 && word.startsWith("-");
  }

  private static String nameOf(String word) {
    int equals = word.indexOf('=');
    return equals < 0 ? word : word.substring(0, equals);
  }
}
