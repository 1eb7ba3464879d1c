package org.ferrisdb.integration.timeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ferrisdb.integration.history.Event;

/// Puts processes into as few lanes as they need: a client that goes on under a new process number
/// after a timeout keeps its place, since the old number is never seen again.
final class Lanes {
  private Lanes() {}

  /// The lane of each process, from 0.
  static Map<String, Integer> of(List<Event> events) {
    Map<String, Long> lasts = new HashMap<>();
    Map<String, Long> firsts = new LinkedHashMap<>();
    for (Event event : events) {
      if (event.isClient()) {
        firsts.putIfAbsent(event.process(), event.index());
        lasts.put(event.process(), event.index());
      }
    }
    List<Long> busyUntil = new ArrayList<>();
    Map<String, Integer> lanes = new HashMap<>();
    firsts.forEach((process, first) -> {
      int lane = 0;
      while (lane < busyUntil.size() && busyUntil.get(lane) > first) {
        lane++;
      }
      long last = lasts.getOrDefault(process, first);
      if (lane == busyUntil.size()) {
        busyUntil.add(last);
      } else {
        busyUntil.set(lane, last);
      }
      lanes.put(process, lane);
    });
    return lanes;
  }
}
