package org.ferrisdb.node.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.ferrisdb.storage.testing.Golden;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole screens as text. */
class DemoScreenTest {
  private static final DemoScreen SCREEN = new DemoScreen(true, true);

  @Test
  void whileNodesStartThereIsNothingToShowButThem() {
    assertGolden("starting-80x24", SCREEN.lines(DemoStates.starting(), 80, 24));
  }

  @Test
  void aQuietClusterFitsTheUsualTerminal() {
    assertGolden("quiet-80x24", SCREEN.lines(DemoStates.quiet(), 80, 24));
  }

  @Test
  void rightAfterAKillItIsSaidWhatHasNoLeaderAndWhenTheNodeComesBack() {
    assertGolden("killed-80x24", SCREEN.lines(DemoStates.justKilled(), 80, 24));
  }

  @Test
  void withoutAMajorityItSaysSoAndWhichKeyHelps() {
    assertGolden("no-majority-100x30", SCREEN.lines(DemoStates.everythingAtOnce(), 100, 30));
  }

  @Test
  void atTheEndItSaysWhatItDoes() {
    assertGolden("checking-80x24", SCREEN.lines(DemoStates.checking(), 80, 24));
  }

  @Test
  void aSmallTerminalKeepsTheTopAndTheKeys() {
    assertGolden("small-50x14", SCREEN.lines(DemoStates.justKilled(), 50, 14));
  }

  @Test
  void terminalsWithoutBlocksGetPlainCharacters() {
    assertGolden("ascii-80x24", new DemoScreen(false, true).lines(DemoStates.justKilled(), 80, 24));
  }

  @Test
  void shardsThatHaveNoRoomForNamesGetAColumnEachAndThenACount() {
    assertGolden("shards-24-80x24", SCREEN.lines(DemoStates.manyShards(24), 80, 24));
    assertGolden("shards-200-80x24", SCREEN.lines(DemoStates.manyShards(200), 80, 24));
  }

  @ParameterizedTest
  @CsvSource({"80,24", "200,60", "100,30", "79,23", "60,20", "40,10", "20,5", "3,2", "1,1"})
  void everySizeGetsExactlyItsRowsAndNoneTooLong(int width, int height) {
    for (DemoState state :
        List.of(
            DemoStates.starting(),
            DemoStates.justKilled(),
            DemoStates.everythingAtOnce(),
            DemoStates.manyShards(256),
            DemoStates.manyEvents(100))) {
      List<AttributedString> lines = SCREEN.lines(state, width, height);
      assertThat(lines).hasSize(height);
      assertThat(lines).allSatisfy(l -> assertThat(l.columnLength()).isLessThanOrEqualTo(width));
      if (width >= 20) {
        String first = state.phase() == DemoState.Phase.STARTING ? "q  quit" : "k  kill";
        assertThat(lines.getLast().toString()).contains(first);
      }
    }
  }

  @Test
  void theNewestEventsAreShownWithTheNewestLast() {
    List<String> lines = text(SCREEN.lines(DemoStates.manyEvents(50), 80, 24));
    assertThat(lines.get(21)).contains("event number 50");
    assertThat(lines.get(20)).contains("event number 49");
    assertThat(lines).noneMatch(l -> l.endsWith("event number 1"));
  }

  @Test
  void withoutColoursThereIsNotASingleStyle() {
    for (AttributedString line :
        new DemoScreen(true, false).lines(DemoStates.everythingAtOnce(), 80, 24)) {
      for (int i = 0; i < line.length(); i++) {
        assertThat(line.styleAt(i)).isEqualTo(AttributedStyle.DEFAULT);
      }
    }
  }

  private static List<String> text(List<AttributedString> lines) {
    return lines.stream().map(l -> l.toString().stripTrailing()).toList();
  }

  private static void assertGolden(String name, List<AttributedString> lines) {
    String screen = text(lines).stream().collect(Collectors.joining("\n", "", "\n"));
    Golden.file("demo-" + name + ".txt", screen);
  }
}
