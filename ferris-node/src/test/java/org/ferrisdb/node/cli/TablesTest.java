package org.ferrisdb.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables on terminals of every width. */
class TablesTest {
  private static final List<String> HEADER = List.of("NODE", "STATE", "LEADS", "ADDRESS");
  private static final List<List<String>> ROWS =
      List.of(
          List.of("n1", "up", "12", "http://127.0.0.1:7201"),
          List.of("n2", "down: connection refused by whoever is there", "0", ""));

  @Test
  void withoutATerminalNothingIsCut() {
    assertThat(Tables.lines(HEADER, ROWS, Integer.MAX_VALUE))
        .containsExactly(
            "NODE  STATE                                         LEADS  ADDRESS",
            "n1    up                                               12  http://127.0.0.1:7201",
            "n2    down: connection refused by whoever is there      0");
  }

  @ParameterizedTest
  @ValueSource(ints = {81, 80, 60, 50, 40})
  void aTableIsAsWideAsTheTerminalAtMostAndLosesNothing(int width) {
    List<String> lines = Tables.lines(HEADER, ROWS, width);
    assertThat(lines).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(width));
    String all = String.join(" ", lines);
    assertThat(all).contains("down:", "connection", "refused", "whoever", "12");
    assertThat(all.chars().filter(c -> c == '7').count()).isEqualTo(2);
  }

  @Test
  void aTerminalThatIsMuchTooNarrowGetsATableThatCanBeReadAllTheSame() {
    assertThat(Tables.widths(HEADER, ROWS, 10)).containsExactly(4, 6, 5, 6);
  }
}
