package org.ferrisdb.integration.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.ferrisdb.integration.history.Event;
import org.junit.jupiter.api.Test;

class OutageTest {
  private static final long SECOND = 1_000_000_000L;
  private static final List<String> NODES = List.of("n1", "n2", "n3");

  private final List<Event> events = new ArrayList<>();

  /** Somebody is served, twice a second. */
  private void served(int fromSecond, int toSecond) {
    for (long time = fromSecond * SECOND; time <= toSecond * SECOND; time += SECOND / 2) {
      events.add(new Event(0, time, "1", Event.Type.OK, "read", "k", null, Map.of()));
    }
  }

  private void state(int second, List<String> down, List<String> cut) {
    Map<String, Object> value = Map.of("phase", "effect", "down", down, "cut", cut);
    events.add(
        new Event(0, second * SECOND, Event.NEMESIS, Event.Type.INFO, "f", null, value, Map.of()));
  }

  private Outage outage(int seconds) {
    events.sort(Comparator.comparingLong(Event::time));
    return Outage.of(events, NODES, new Judgement.Load(0, seconds * SECOND));
  }

  @Test
  void withoutAFaultEveryGapCounts() {
    served(0, 10);
    served(14, 20);
    assertThat(outage(20)).isEqualTo(new Outage(4_000, List.of()));
  }

  @Test
  void aMinorityDownIsNoExcuse() {
    served(0, 5);
    state(5, List.of("n1"), List.of());
    served(8, 20);
    assertThat(outage(20).gapMillis()).isEqualTo(3_000);
  }

  @Test
  void aMajorityDownIsAndItsReturnTakesAWhile() {
    served(0, 5);
    state(5, List.of("n1", "n2"), List.of());
    state(10, List.of(), List.of());
    served(17, 40);
    assertThat(outage(40).gapMillis()).isEqualTo(500);
  }

  @Test
  void anOutageThatDoesNotEndAfterHealingIsAProblem() {
    served(0, 5);
    state(5, List.of("n1", "n2"), List.of());
    state(10, List.of(), List.of());
    assertThat(outage(60).problems())
        .containsExactly("nobody was served for 42000 ms, with a majority alive");
  }

  @Test
  void aNodeCutOffIsNoExcuseUnlessNoMajorityIsConnected() {
    served(0, 5);
    state(5, List.of(), List.of("n1>n2", "n2>n1", "n1>n3", "n3>n1"));
    served(7, 20);
    assertThat(outage(20).gapMillis()).isEqualTo(2_000);
    events.clear();
    served(0, 5);
    state(5, List.of(), List.of("n1>n2", "n1>n3", "n2>n3"));
    assertThat(outage(20).gapMillis()).isEqualTo(500);
  }
}
