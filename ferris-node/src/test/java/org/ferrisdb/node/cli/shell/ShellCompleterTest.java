package org.ferrisdb.node.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.node.cli.CliContext;
import org.jline.reader.Candidate;
import org.jline.reader.Parser.ParseContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Tab offers and what hints say, by the model of the real commands. */
class ShellCompleterTest {
  private final CliContext context =
      CliContext.plain(
          new ByteArrayInputStream(new byte[0]),
          new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
          new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
          Map.of());
  private final ShellCommands commands = new ShellCommands(context, new NobodysShell());
  private final TreeSet<Bytes> keys = new TreeSet<>();

  /** For words that nobody runs here. */
  private static final class NobodysShell implements ShellControl {
    @Override
    public void leave() {}

    @Override
    public List<String> history() {
      return List.of();
    }
  }

  private List<String> offered(String typed) {
    KeySuggestions.Keys source =
        (range, limit) -> keys.stream().filter(range::contains).limit(limit).toList();
    ShellCompleter completer =
        new ShellCompleter(commands, () -> source, () -> List.of("n1", "n2", "n3", "n4"));
    List<Candidate> candidates = new ArrayList<>();
    completer.complete(
        new ShellParser().parse(typed, typed.length(), ParseContext.COMPLETE), candidates);
    // The editor leaves out what does not begin as the word does.
    String word = new ShellParser().parse(typed, typed.length(), ParseContext.COMPLETE).word();
    return candidates.stream().map(Candidate::value).filter(v -> v.startsWith(word)).toList();
  }

  @Test
  void theFirstWordIsACommandOfTheShell() {
    assertThat(offered("")).contains("put", "get", "status", "help", "exit").doesNotContain("node");
    assertThat(offered("s")).containsExactly("status", "scan");
    assertThat(offered("put a b\nde")).containsExactly("delete");
    assertThat(offered("# d")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          scan --pre           | --prefix
          scan --reverse --re  |
          export --format      | --format
          export --format ' '  | tsv jsonl raw
          export --format=j    | --format=jsonl
          get -o ' '           | text json
          bench y              | ycsb-a ycsb-b ycsb-c ycsb-e
          bench put ge         | get
          kill ' '             | n1 n2 n3 n4
          help sc              | scan
          get -- --            |
          fly ' '              |
          """)
  void theModelKnowsWhatMayFollow(String typed, String expected) {
    String[] all = expected == null ? new String[0] : expected.split(" ", -1);
    assertThat(offered(typed.replace("' '", " "))).containsExactly(all);
  }

  @Test
  void keysAreOfferedWhereKeysStand() {
    for (String key : List.of("city/paris", "city/new york", "n")) {
      keys.add(Bytes.utf8(key));
    }
    assertThat(offered("get ")).containsExactly("city/", "n");
    assertThat(offered("get city/")).containsExactly("city/new york", "city/paris");
    assertThat(offered("get 'city/n")).containsExactly("city/new york");
    assertThat(offered("scan --limit 3 --prefix c")).containsExactly("city/");
    assertThat(offered("scan --from=city/p")).containsExactly("--from=city/paris");
    assertThat(offered("put n ")).isEmpty();
    assertThat(offered("cas n ")).isEmpty();
    assertThat(offered("cas -e ")).containsExactly("city/", "n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      textBlock =
          """
          put |KEY [VALUE]
          put a |[VALUE]
          put a b |
          put a|
          cas |KEY [OLD] NEW
          cas k |[OLD] NEW
          cas k 1 |NEW
          scan --prefix |P
          get --deadline 3 |KEY
          kill |NODE
          help |[COMMAND]
          put 'a |
          fly |
          """)
  void aHintTellsTheWordsThatMayFollow(String typed, String hint) {
    assertThat(Hints.of(commands::model, typed)).isEqualTo(hint == null ? "" : hint);
  }
}
