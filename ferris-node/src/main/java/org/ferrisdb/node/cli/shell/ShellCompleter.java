package org.ferrisdb.node.cli.shell;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.ferrisdb.node.cli.KeyCandidates;
import org.ferrisdb.node.cli.NodeCandidates;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What Tab offers. For one thread. */
final class ShellCompleter implements Completer {
  private final ShellCommands commands;
  private final Supplier<KeySuggestions.Keys> keys;
  private final Supplier<List<String>> nodes;

  /**
   * Makes one.
   *
   * @param commands those of the shell
   * @param keys reads keys, soon or not at all: somebody has pressed Tab and waits
   * @param nodes names of the local cluster's nodes
   */
  ShellCompleter(
      ShellCommands commands, Supplier<KeySuggestions.Keys> keys, Supplier<List<String>> nodes) {
    this.commands = commands;
    this.keys = keys;
    this.nodes = nodes;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    complete(line, candidates);
  }

  /** The same; who edits the line does not matter. */
  void complete(ParsedLine line, List<Candidate> candidates) {
    List<String> before = line.words().subList(0, line.wordIndex());
    switch (Place.of(commands::model, before, line.word())) {
      case Place.Name() -> {
        for (String name : ShellCommands.names()) {
          commands.model(name).ifPresent(c -> candidates.add(candidate(name, summary(c), true)));
        }
      }
      case Place.OptionName(CommandSpec command, List<OptionSpec> given) ->
          addOptions(command, given, line.word(), candidates);
      case Place.Value(_, ArgSpec arg, String head, int parameters) ->
          addValues(arg, head, parameters, line.word(), candidates);
      case Place.Nothing() -> {}
    }
  }

  private static void addOptions(
      CommandSpec command, List<OptionSpec> given, String word, List<Candidate> candidates) {
    for (OptionSpec option : command.options()) {
      if (option.hidden() || (given.contains(option) && !option.isMultiValue())) {
        continue;
      }
      String name = word.startsWith("--") ? option.longestName() : option.shortestName();
      String[] description = option.description();
      candidates.add(
          candidate(
              word.equals("-") ? option.longestName() : name,
              description.length == 0 ? null : firstSentence(description[0]),
              true));
    }
  }

  private void addValues(
      ArgSpec arg, String head, int parameters, String word, List<Candidate> candidates) {
    Iterable<String> values = arg.completionCandidates();
    if (values instanceof KeyCandidates) {
      // Of several words only the first is a key.
      if (arg.isOption() || parameters == 0) {
        for (String key : KeySuggestions.of(word.substring(head.length()), keys.get())) {
          boolean whole = !key.endsWith("/") && !key.endsWith(":");
          candidates.add(candidate(head + key, null, whole));
        }
      }
    } else if (values instanceof NodeCandidates) {
      nodes.get().forEach(n -> candidates.add(candidate(head + n, null, true)));
    } else if (values != null) {
      values.forEach(v -> candidates.add(candidate(head + v, null, true)));
    }
  }

  static String summary(CommandSpec command) {
    String[] description = command.usageMessage().description();
    return description.length == 0 ? "" : description[0];
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return (end < 0 ? text : text.substring(0, end + 1)).replace("%n", "").replace("%%", "%");
  }

  private static Candidate candidate(String value, @Nullable String description, boolean complete) {
    return new Candidate(
        value,
        value,
        null,
        Optional.ofNullable(description).filter(d -> d.length() <= 60).orElse(null),
        null,
        null,
        complete,
        0);
  }
}
