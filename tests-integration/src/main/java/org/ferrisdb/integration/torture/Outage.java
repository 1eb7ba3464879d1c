package org.ferrisdb.integration.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.ferrisdb.integration.history.Event;

/**
 * How long nobody was served though a majority was alive and connected, by what the fault logged of
 * nodes that were down or impaired and of links that were cut ({@link
 * org.ferrisdb.integration.nemesis.Nemesis}). Pure.
 *
 * @param gapMillis the longest such time
 * @param problems one line if it is too long
 */
record Outage(long gapMillis, List<String> problems) {
  /** Of a process that was started or resumed, until it counts: a JVM, a log to replay. */
  private static final long RETURN_NANOS = Duration.ofSeconds(8).toNanos();

  /** A bug, not a slow machine. */
  private static final long LIMIT_MILLIS = 15_000;

  /** What is broken from a time on. */
  private record State(long time, Set<String> out, Set<String> cut) {}

  static Outage of(List<Event> events, List<String> nodes, Judgement.Load load) {
    List<State> states = states(events);
    TreeSet<Long> bounds = new TreeSet<>(List.of(load.from(), load.to()));
    for (State state : states) {
      bounds.add(state.time());
      bounds.add(state.time() + RETURN_NANOS);
    }
    List<Long> served = new ArrayList<>();
    for (Event event : events) {
      if (event.type() == Event.Type.OK) {
        served.add(event.time());
      }
    }
    long longest = 0;
    long goodFrom = -1;
    for (long bound : bounds.subSet(load.from(), true, load.to(), true)) {
      boolean good = bound < load.to() && majority(states, nodes, bound);
      if (good && goodFrom < 0) {
        goodFrom = bound;
      } else if (!good && goodFrom >= 0) {
        longest = Math.max(longest, gap(served, goodFrom, bound));
        goodFrom = -1;
      }
    }
    long millis = longest / 1_000_000;
    return new Outage(
        millis,
        millis <= LIMIT_MILLIS
            ? List.of()
            : List.of("nobody was served for " + millis + " ms, with a majority alive"));
  }

  /** The longest time without a served operation between two times, nanoseconds. */
  private static long gap(List<Long> served, long from, long to) {
    long longest = 0;
    long last = from;
    for (long time : served) {
      if (time > from && time < to) {
        longest = Math.max(longest, time - last);
        last = time;
      }
    }
    return Math.max(longest, to - last);
  }

  private static List<State> states(List<Event> events) {
    List<State> states = new ArrayList<>();
    for (Event event : events) {
      if (event.process().equals(Event.NEMESIS) && event.value() instanceof Map<?, ?> value) {
        Set<String> out = names(value.get("down"));
        out.addAll(names(value.get("impaired")));
        states.add(new State(event.time(), out, names(value.get("cut"))));
      }
    }
    return states;
  }

  private static Set<String> names(@org.jspecify.annotations.Nullable Object list) {
    Set<String> names = new HashSet<>();
    if (list instanceof List<?> all) {
      all.forEach(n -> names.add(String.valueOf(n)));
    }
    return names;
  }

  /** Whether some node is up and connected, both ways, with so many others that they can serve. */
  private static boolean majority(List<State> states, List<String> nodes, long time) {
    Map<String, Long> lastOut = new HashMap<>();
    Set<String> cut = Set.of();
    Set<String> out = Set.of();
    for (State state : states) {
      if (state.time() > time) {
        break;
      }
      out.forEach(n -> lastOut.put(n, state.time())); // until now
      out = state.out();
      cut = state.cut();
    }
    Set<String> down = out;
    Set<String> links = cut;
    List<String> up =
        nodes.stream()
            .filter(n -> !down.contains(n))
            .filter(n -> !lastOut.containsKey(n) || time - lastOut.get(n) >= RETURN_NANOS)
            .toList();
    for (String leader : up) {
      long connected =
          up.stream()
              .filter(n -> !links.contains(leader + ">" + n) && !links.contains(n + ">" + leader))
              .count();
      if (connected > nodes.size() / 2) {
        return true;
      }
    }
    return false;
  }
}
