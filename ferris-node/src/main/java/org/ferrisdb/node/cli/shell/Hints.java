package org.ferrisdb.node.cli.shell;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What is shown, faintly, behind what has been typed: the words that may follow. Pure. */
final class Hints {
  private Hints() {}

  /**
   * The hint.
   *
   * @param model the commands by name
   * @param typed the line; the cursor stands at its end
   */
  static String of(Function<String, Optional<CommandSpec>> model, String typed) {
    if (typed.isBlank() || typed.indexOf('\n') >= 0 || !Character.isWhitespace(last(typed))) {
      return "";
    }
    ShellLine line = ShellLine.of(typed);
    if (!line.complete() || line.commands().size() != 1) {
      return "";
    }
    List<String> words = line.words().getFirst();
    return switch (Place.of(model, words, "")) {
      case Place.Value(_, ArgSpec arg, _, _) when arg.isOption() -> arg.paramLabel();
      case Place.Value(CommandSpec command, _, _, int parameters) -> rest(command, parameters);
      default -> "";
    };
  }

  /** The labels of the parameters from that one on. */
  private static String rest(CommandSpec command, int from) {
    StringBuilder hint = new StringBuilder();
    for (PositionalParamSpec p : command.positionalParameters()) {
      if (p.hidden() || p.index().max() < from) {
        continue;
      }
      String label = p.paramLabel();
      int skipped = from - p.index().min();
      // "KEY [OLD] NEW" is one parameter of several words.
      for (int i = 0; i < skipped && label.indexOf(' ') >= 0; i++) {
        label = label.substring(label.indexOf(' ') + 1);
      }
      boolean optional = p.arity().min() == 0 && !label.startsWith("[");
      hint.append(hint.isEmpty() ? "" : " ").append(optional ? "[" + label + "]" : label);
    }
    return hint.toString();
  }

  private static char last(String text) {
    return text.charAt(text.length() - 1);
  }
}
