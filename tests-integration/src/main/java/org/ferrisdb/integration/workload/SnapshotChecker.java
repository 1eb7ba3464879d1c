package org.ferrisdb.integration.workload;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.Verdict;
import org.ferrisdb.integration.check.Violation;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/**
 * Judges {@link SnapshotWorkload}. Each acknowledged change has a version, so what a key held at a
 * timestamp is known: the change of the highest version that is not above it. A change of unknown
 * outcome may have happened at any version; a read that shows one tells at which.
 *
 * <p>Anomalies: <em>stale snapshot</em>, a read at a timestamp misses an acknowledged change at or
 * below it; <em>future read</em>, it shows one above it; <em>phantom value</em>, one that nobody
 * wrote, that was refused, or whose write was told another version; <em>changed past</em>, two
 * reads at one timestamp differ; <em>timestamp from the past</em>, a timestamp or the version of a
 * change is not above one that was known before it was asked for.
 *
 * <p>Stateless; linear in the history, up to a logarithm.
 */
final class SnapshotChecker implements Checker {
  /** More are not worth reading. */
  private static final int MOST_VIOLATIONS = 20;

  @Override
  public String name() {
    return "snapshot";
  }

  @Override
  public Verdict check(List<Event> events) {
    Facts facts = new Facts();
    events.forEach(facts::learn);
    Judge judge = new Judge(facts);
    events.forEach(judge::look);
    return judge.violations.isEmpty()
        ? new Verdict.Right(judge.judged)
        : new Verdict.Wrong(
            judge.violations.subList(0, Math.min(MOST_VIOLATIONS, judge.violations.size())));
  }

  /** An acknowledged change; a null value is a deletion; {@code event} acknowledged it. */
  private record Change(@Nullable Object value, long event) {}

  /** A write as far as it is known: its invocation, and the version that it was told, if any. */
  private static final class Write {
    private final long invoked;
    private long version = -1;
    private boolean refused;

    Write(long invoked) {
      this.invoked = invoked;
    }
  }

  private static boolean changes(Event event) {
    return event.f().equals("write") || event.f().equals("delete");
  }

  /** All that is known of the changes at the end. */
  private static final class Facts {
    final Map<String, NavigableMap<Long, Change>> acknowledged = new HashMap<>();
    final Map<Object, Write> writes = new HashMap<>();

    /** By key: the first deletion that has no known end. */
    final Map<String, Long> unknownDeletions = new HashMap<>();

    private final Map<String, Event> open = new HashMap<>();

    void learn(Event event) {
      if (!changes(event)) {
        return;
      }
      String key = Objects.requireNonNull(event.key(), () -> "no key: " + event);
      Object value = event.value();
      if (event.type() == Event.Type.INVOKE && value != null) {
        writes.put(value, new Write(event.index()));
      }
      if (event.type() == Event.Type.FAIL && value != null) {
        writes.getOrDefault(value, new Write(event.index())).refused = true;
      }
      if (event.type() == Event.Type.OK && event.extra().get("version") instanceof Long version) {
        acknowledged
            .computeIfAbsent(key, _ -> new TreeMap<>())
            .put(version, new Change(value, event.index()));
        if (value != null) {
          writes.computeIfAbsent(value, _ -> new Write(event.index())).version = version;
        }
      }
      deletion(event, key);
    }

    private void deletion(Event event, String key) {
      if (!event.f().equals("delete")) {
        return;
      }
      if (event.type() == Event.Type.INVOKE) {
        open.put(event.process(), event);
      } else {
        Event invoked = open.remove(event.process());
        if (event.type() == Event.Type.INFO && invoked != null) {
          unknownDeletions.merge(key, invoked.index(), Math::min);
        }
      }
    }

    /** Whether a deletion of unknown outcome may explain that a key was absent. */
    boolean mayBeDeleted(String key, long event) {
      return unknownDeletions.getOrDefault(key, Long.MAX_VALUE) < event
          || open.values().stream().anyMatch(e -> e.index() < event && key.equals(e.key()));
    }
  }

  /** Walks in the order of real time. */
  private static final class Judge {
    private final Facts facts;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<Long, Event> cuts = new HashMap<>();

    /** By process: what was known when its open call began. */
    private final Map<String, Long> floors = new HashMap<>();

    /** The highest version or timestamp that anybody was told so far, and by which event. */
    private long highest = -1;

    private long highestEvent;
    private long judged;

    Judge(Facts facts) {
      this.facts = facts;
    }

    void look(Event event) {
      if (event.type() == Event.Type.INVOKE) {
        floors.put(event.process(), highest);
        return;
      }
      if (event.type() != Event.Type.OK) {
        return;
      }
      judged++;
      switch (event.f()) {
        case "read-at" -> cut(event);
        case "now" -> told(event, (Long) Objects.requireNonNull(event.value()));
        default -> {
          if (event.extra().get("version") instanceof Long version) {
            told(event, version);
          }
        }
      }
    }

    private void told(Event event, long timestamp) {
      long floor = floors.getOrDefault(event.process(), -1L);
      if (timestamp <= floor) {
        add(
            "timestamp from the past",
            event.f()
                + " of event "
                + event.index()
                + " was told "
                + timestamp
                + ", though "
                + floor
                + " was known before it was asked for",
            highestEvent,
            event.index());
      }
      if (timestamp > highest) {
        highest = timestamp;
        highestEvent = event.index();
      }
    }

    private void cut(Event event) {
      Map<?, ?> cut = (Map<?, ?>) Objects.requireNonNull(event.value());
      long at = (Long) Objects.requireNonNull(cut.get("at"));
      Event before = cuts.putIfAbsent(at, event);
      if (before != null && !cut.equals(before.value())) {
        add(
            "changed past",
            "a read at " + at + " saw " + before.value() + ", a later one " + cut,
            before.index(),
            event.index());
      }
      facts.acknowledged.forEach((key, changes) -> missing(event, at, key, cut.get(key), changes));
      cut.forEach((key, shown) -> {
        if (shown instanceof List<?> pair) {
          shown(event, at, String.valueOf(key), pair);
        }
      });
    }

    /** The newest acknowledged change up to the timestamp is there, or a newer one. */
    private void missing(
        Event event, long at, String key, @Nullable Object shown, NavigableMap<Long, Change> of) {
      Map.Entry<Long, Change> newest = of.floorEntry(at);
      if (newest == null) {
        return;
      }
      boolean right =
          shown instanceof List<?> pair
              ? (Long) pair.get(1) >= newest.getKey()
              : newest.getValue().value() == null || facts.mayBeDeleted(key, event.index());
      if (!right) {
        Object value = newest.getValue().value();
        add(
            "stale snapshot",
            "a read at "
                + at
                + " of "
                + key
                + " saw "
                + (shown == null ? "nothing" : shown)
                + ", but "
                + (value == null ? "its deletion" : value)
                + " was acknowledged with version "
                + newest.getKey(),
            newest.getValue().event(),
            event.index());
      }
    }

    private void shown(Event event, long at, String key, List<?> pair) {
      long version = (Long) pair.get(1);
      if (version > at) {
        add("future read", "a read at " + at + " of " + key + " saw " + pair, event.index());
      }
      Write write = facts.writes.get(pair.get(0));
      String wrong =
          write == null || write.invoked > event.index()
              ? "which nobody had written"
              : write.refused
                  ? "whose write was refused"
                  : write.version >= 0 && write.version != version
                      ? "whose write was told version " + write.version
                      : "";
      if (!wrong.isEmpty()) {
        add(
            "phantom value",
            "a read at " + at + " of " + key + " saw " + pair + ", " + wrong,
            event.index());
      }
    }

    private void add(String anomaly, String explanation, Long... events) {
      violations.add(new Violation(anomaly, explanation, List.of(events)));
    }
  }
}
