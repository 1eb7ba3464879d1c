package org.ferrisdb.node.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.Parser.ParseContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Words as a POSIX shell cuts them. */
class ShellLineTest {
  /** Words are separated by |, a newline is written as ¶. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      ignoreLeadingAndTrailingWhitespace = true,
      delimiter = ';',
      textBlock =
          """
          put a b            ; put|a|b
          put  a   'b  c'    ; put|a|b  c
          put a "b 'c'"      ; put|a|b 'c'
          put a 'b "c"'      ; put|a|b "c"
          put -e 'x\\x00' 'l\\n' ; put|-e|x\\x00|l\\n
          put a "\\"q\\" \\n" ; put|a|"q" \\n
          put a\\ b c\\'     ; put|a b|c'
          put a'b'"c"d       ; put|abcd
          put a ''           ; put|a|
          put a 'b¶c'        ; put|a|b¶c
          put a \\¶ b        ; put|a|b
          put a b\\¶c        ; put|a|bc
          put k#1 #2         ; put|k#1|#2
          """)
  void aLineIsCutIntoWords(String typed, String words) {
    String text = typed.replace("\\\\", "\\").replace('¶', '\n');
    ShellLine line = ShellLine.of(text);
    assertThat(line.complete()).isTrue();
    String expected = words.replace("\\\\", "\\").replace('¶', '\n');
    assertThat(line.words()).containsExactly(List.of(expected.split("\\|", -1)));
  }

  @Test
  void newlinesEndCommandsAndCommentsAreNone() {
    ShellLine line = ShellLine.of("# all cities\nput a 1\n\n  # again\nput b 'x\ny'\n");
    assertThat(line.words()).containsExactly(List.of("put", "a", "1"), List.of("put", "b", "x\ny"));
    assertThat(ShellLine.of("# it's a comment").complete()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      delimiter = ';',
      textBlock =
          """
          put a 'b      ; the closing '
          put a "b \\"  ; the closing "
          put a b \\    ; a next line
          """)
  void whatIsNotFinishedSaysWhatIsMissing(String typed, String missing) {
    assertThat(ShellLine.of(typed.replace("\\\\", "\\")).missing()).isEqualTo(missing);
  }

  @Test
  void aQuotedWordIsReadAsTheSameWord() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String alphabet = "ab '\"\\#\n\t/";
    for (int i = 0; i < 2_000; i++) {
      StringBuilder word = new StringBuilder();
      random
          .ints(random.nextInt(6), 0, alphabet.length())
          .forEach(c -> word.append(alphabet.charAt(c)));
      ShellLine line = ShellLine.of("put " + ShellLine.quoted(word.toString()) + " end");
      assertThat(line.words())
          .as("seed %d, word <%s>", seed, word)
          .containsExactly(List.of("put", word.toString(), "end"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      delimiter = ';',
      textBlock =
          """
          get ci       ; 4 ; city/new york ; get 'city/new york'
          get 'ci      ; 4 ; city/paris    ; get 'city/paris'
          get ci       ; 4 ; city/paris    ; get city/paris
          get "a b     ; 4 ; a b it's      ; get 'a b it'\\''s'
          """)
  void whatIsCompletedIsQuotedIfItMustBe(String typed, int start, String key, String completed) {
    CompletingParsedLine line =
        new ShellParser().parse(typed, typed.length(), ParseContext.COMPLETE);
    assertThat(line.rawWordCursor()).isEqualTo(typed.length() - start);
    assertThat(typed.substring(0, start) + line.escape(key, true))
        .isEqualTo(completed.replace("\\\\", "\\"));
  }
}
