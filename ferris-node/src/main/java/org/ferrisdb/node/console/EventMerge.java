package org.ferrisdb.node.console;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.ferrisdb.node.console.ConsoleData.EventLine;
import org.ferrisdb.node.console.Event.Takeover;
import org.jspecify.annotations.Nullable;

/** From what every node saw to one log. Pure. */
final class EventMerge {
  /** Two nodes that tell the same within this time saw the same thing. */
  static final long SAME_MILLIS = 10_000;

  /** Leaders that change this close to each other changed for one reason. */
  static final long TOGETHER_MILLIS = 3_000;

  private EventMerge() {}

  /**
   * Newest first: what several nodes saw is there once, as the first of them saw it, and what one
   * node took over from another at once is one line.
   *
   * @param limit lines at most
   */
  static List<EventLine> merge(List<List<Event>> seen, int limit) {
    List<Event> all = new ArrayList<>();
    seen.forEach(all::addAll);
    all.sort(Comparator.comparingLong(Event::atMillis).thenComparing(Event::by));
    Map<String, Long> told = new HashMap<>();
    List<List<Event>> lines = new ArrayList<>();
    for (Event event : all) {
      Long before = told.get(event.about());
      if (before != null && (event.takeover() != null || event.atMillis() - before < SAME_MILLIS)) {
        continue;
      }
      told.put(event.about(), event.atMillis());
      List<Event> group = groupOf(event, lines);
      if (group == null) {
        lines.add(new ArrayList<>(List.of(event)));
      } else {
        group.add(event);
      }
    }
    return lines.reversed().stream().limit(limit).map(EventMerge::line).toList();
  }

  private static @Nullable List<Event> groupOf(Event event, List<List<Event>> lines) {
    Takeover takeover = event.takeover();
    if (takeover == null) {
      return null;
    }
    for (List<Event> line : lines.reversed()) {
      Event first = line.getFirst();
      if (event.atMillis() - first.atMillis() > TOGETHER_MILLIS) {
        return null;
      }
      Takeover other = first.takeover();
      if (other != null
          && other.from().equals(takeover.from())
          && other.to().equals(takeover.to())) {
        return line;
      }
    }
    return null;
  }

  private static EventLine line(List<Event> events) {
    Event first = events.getFirst();
    Takeover takeover = first.takeover();
    String text =
        takeover == null || events.size() == 1 ? first.text() : together(takeover, events);
    return new EventLine(first.atMillis(), first.by(), first.level().name(), text);
  }

  private static String together(Takeover first, List<Event> events) {
    String shards =
        events.stream()
            .map(Event::takeover)
            .filter(t -> t != null)
            .sorted(
                Comparator.comparingInt((Takeover t) -> t.shard().length())
                    .thenComparing(Takeover::shard))
            .map(t -> t.shard() + " (term " + t.term() + ")")
            .collect(Collectors.joining(", "));
    String count = events.size() + " shards";
    if (first.from().isEmpty()) {
      return first.to() + " leads " + count + ": " + shards;
    }
    return first.from().equals(first.to())
        ? first.to() + " was elected leader of " + count + " again: " + shards
        : first.to() + " took over " + count + " from " + first.from() + ": " + shards;
  }
}
