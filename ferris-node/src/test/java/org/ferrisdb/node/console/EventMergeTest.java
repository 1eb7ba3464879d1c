package org.ferrisdb.node.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.node.console.Event.Level;
import org.ferrisdb.node.console.Event.Takeover;
import org.junit.jupiter.api.Test;

class EventMergeTest {
  @Test
  void whatThreeNodesSawIsToldOnceAsTheFirstSawIt() {
    assertThat(
            lines(
                List.of(
                    List.of(down(5_200, "n2")),
                    List.of(down(5_000, "n3")),
                    List.of(down(5_900, "n4")))))
        .containsExactly("5000 n3 n1 is down");
  }

  @Test
  void theSameAgainLaterIsNewsAgain() {
    assertThat(lines(List.of(List.of(down(5_000, "n2"), down(65_000, "n2")))))
        .containsExactly("65000 n2 n1 is down", "5000 n2 n1 is down");
  }

  @Test
  void aNodeThatHearsOfAnElectionAnHourLateAddsNothing() {
    assertThat(
            lines(
                List.of(
                    List.of(takeover(5_000, "n2", "s3", 7)),
                    List.of(takeover(3_605_000, "n1", "s3", 7)))))
        .containsExactly("5000 n2 n2 took over shard s3 from n1, term 7");
  }

  @Test
  void whatOneNodeTakesOverFromAnotherAtOnceIsOneLine() {
    assertThat(
            lines(
                List.of(
                    List.of(
                        takeover(5_000, "n2", "s10", 4),
                        takeover(5_500, "n2", "s3", 7),
                        down(6_000, "n2"),
                        takeover(6_500, "n2", "s4", 2),
                        takeover(20_000, "n2", "s5", 9)))))
        .containsExactly(
            "20000 n2 n2 took over shard s5 from n1, term 9",
            "6000 n2 n1 is down",
            "5000 n2 n2 took over 3 shards from n1: s3 (term 7), s4 (term 2), s10 (term 4)");
  }

  @Test
  void theLogIsBounded() {
    List<Event> many = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      many.add(down(i * EventMerge.SAME_MILLIS, "n2"));
    }
    assertThat(EventMerge.merge(List.of(many), 200))
        .hasSize(200)
        .first()
        .extracting(e -> e.atMillis())
        .isEqualTo(999 * EventMerge.SAME_MILLIS);
  }

  private static List<String> lines(List<List<Event>> seen) {
    return EventMerge.merge(seen, 200).stream()
        .map(e -> e.atMillis() + " " + e.by() + " " + e.text())
        .toList();
  }

  private static Event down(long at, String by) {
    return new Event(at, by, Level.BAD, "down id1", "n1 is down", null);
  }

  private static Event takeover(long at, String by, String shard, long term) {
    Takeover takeover = new Takeover(shard, "n1", "n2", term);
    return new Event(
        at, by, Level.WARN, "leader " + shard + " " + term, takeover.words(), takeover);
  }
}
