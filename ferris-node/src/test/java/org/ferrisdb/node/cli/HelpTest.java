package org.ferrisdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Help texts are what most people read of a database; each keeps what it promises. */
class HelpTest {
  /** Commands are listed beside their summaries, in a terminal of 80 columns. */
  private static final int SUMMARY_CHARS = 66;

  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final CliContext context =
      CliContext.plain(
          new ByteArrayInputStream(new byte[0]),
          new PrintStream(out, true, UTF_8),
          System.err,
          Map.of());

  static Stream<String> commands() {
    return FerrisCli.commands().keySet().stream();
  }

  private CommandSpec spec(String command) {
    CommandLine root = FerrisCli.commandLine(new String[] {command}, context);
    return Objects.requireNonNull(root.getSubcommands().get(command)).getCommandSpec();
  }

  private String help(String... args) {
    out.reset();
    assertThat(FerrisCli.run(args, context)).isZero();
    return out.toString(UTF_8);
  }

  @Test
  void theRootHelpIsTheGoldenOne() throws IOException {
    try (InputStream golden = HelpTest.class.getResourceAsStream("root-help.txt")) {
      assertThat(golden).isNotNull();
      assertThat(help("--help")).isEqualTo(new String(golden.readAllBytes(), UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandSaysInALineWhatItDoes(String command) {
    String summary = spec(command).usageMessage().description()[0];
    assertThat(summary).matches("[A-Z].*\\.");
    assertThat(summary.length()).isLessThanOrEqualTo(SUMMARY_CHARS);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpFitsATerminalAndEndsWithExitStatusesAndExamples(String command) {
    String help = help("help", command);
    assertThat(help).startsWith("Usage: ferris " + command).isEqualTo(help(command, "--help"));
    assertThat(help.lines()).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(80));
    assertThat(help).as("a line ends within a path").doesNotContainPattern("[\\s(*/~]\\.\n");
    assertThat(help).containsSubsequence("\nOptions:\n", "\nExit status:\n  0 ", "\nExample");
    assertThat(spec(command).usageMessage().exitCodeList()).containsKeys("0", "2");
    for (String line : spec(command).usageMessage().footer()) {
      assertThat(help.lines()).as("not broken").contains(String.format(line).split("\n", -1));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyOptionAndEveryArgumentIsExplained(String command) {
    for (ArgSpec arg : spec(command).args()) {
      assertThat(String.join("", arg.description())).as(arg.toString()).isNotBlank();
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void examplesAreUnderstoodByTheCommandsTheyShow(String command) {
    List<List<String>> examples = examples(spec(command).usageMessage());
    assertThat(examples).anySatisfy(e -> assertThat(e).startsWith(command));
    for (List<String> words : examples) {
      String[] args = words.toArray(String[]::new);
      assertThatCode(() -> FerrisCli.commandLine(args, context).parseArgs(args))
          .as(String.join(" ", words))
          .doesNotThrowAnyException();
    }
  }

  /** The words behind each ./ferris of the footer. */
  private static List<List<String>> examples(UsageMessageSpec usage) {
    String text = String.format(String.join("\n", usage.footer())).replaceAll("\\\\\n\\s*", "");
    List<List<String>> examples = new ArrayList<>();
    text.lines()
        .filter(l -> l.startsWith("  "))
        .map(l -> l.strip().replaceFirst(" {2,}.*", "")) // what is said of it
        .flatMap(l -> Stream.of(l.split("\\||&&|<\\(|[<>)]", -1)))
        .map(String::strip)
        .filter(l -> l.startsWith("./ferris "))
        .forEach(l -> examples.add(words(l.substring("./ferris ".length()))));
    return examples;
  }

  private static List<String> words(String line) {
    return WORD.matcher(line)
        .results()
        .map(m -> m.group(1) != null ? m.group(1) : m.group(2) != null ? m.group(2) : m.group(3))
        .toList();
  }
}
