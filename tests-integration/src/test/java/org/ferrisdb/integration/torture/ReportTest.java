package org.ferrisdb.integration.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  @Test
  void theTableOnATerminalIsTheGoldenOne() {
    GoldenFile.check(
        "torture-table.txt",
        String.join("\n", new Report(Samples.everything()).terminal(100)) + "\n");
  }

  @Test
  void theTableOfADocumentIsTheGoldenOne() {
    GoldenFile.check("torture-table.md", new Report(Samples.everything()).markdown());
  }

  @Test
  void aRightRunSaysSoInItsLastLine() {
    Results right =
        Results.begin(Samples.settings("kill-one"), List.of())
            .with(Samples.rightCell("kill-one", 7))
            .with(Samples.rightCell("kill-one", 8));
    assertThat(new Report(right).terminal(100).getLast())
        .isEqualTo(
            "All right: 2 cells with 7,184 operations, 12 of unknown outcome; no violation, every"
                + " cluster whole again after healing.");
    assertThat(right.right()).isTrue();
  }

  @Test
  void whatIsUndecidedOrNotRunIsNotRight() {
    Results begun = Results.begin(Samples.settings("kill-one"), List.of());
    assertThat(new Report(begun).terminal(100).getLast()).isEqualTo("NOT RIGHT: nothing was run.");
    assertThat(begun.right()).isFalse();
    Results notRun = begun.with(CellResult.notRun(new Cell("kill-one", 7), "needs root"));
    assertThat(notRun.right()).isFalse();
    assertThat(Samples.everything().right()).isFalse();
  }

  @Test
  void progressTellsWhatIsWrongWithACell() {
    CellResult cell = Samples.everything().cells().get(2);
    assertThat(Report.progress(cell))
        .containsExactly(
            "  WRONG pause-leader, seed 7: register: stale read: event 812 read 5 of r0-1, though"
                + " 6 was acknowledged before",
            "  undecided pause-leader, seed 7: set: no answer within 60 s");
    assertThat(Report.progress(Samples.rightCell("kill-one", 1)))
        .containsExactly(
            "  right: 3,592 operations, 6 of unknown outcome, gap 790 ms, back after 1.2 s,"
                + " healthy after 2.1 s, replicas agree");
  }
}
