package org.ferrisdb.integration.torture;

import java.util.List;
import org.ferrisdb.integration.history.Event;

/**
 * How long nobody was served though a majority was alive and connected.
 *
 * @param gapMillis the longest such time; -1 if it was not measured
 * @param problems empty unless it is too long
 */
record Outage(long gapMillis, List<String> problems) {
  static Outage of(List<Event> events, List<String> nodes, Judgement.Load load) {
    return new Outage(Gaps.longestMillis(events, load.from(), load.to()), List.of());
  }
}
