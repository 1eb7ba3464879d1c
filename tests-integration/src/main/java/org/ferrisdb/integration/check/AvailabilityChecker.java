package org.ferrisdb.integration.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// How long clients got no answer although they could have: while some node that is up can talk,
/// both ways, to so many others that they are a majority. Which nodes are down, impaired or cut off
/// is told by the faults' events, whose values are maps:
///
/// ```
/// "down": ["n1"]        does not run, or is paused     "impaired": ["n2"]  its disk is full, slow or fails
/// "cut": ["n1>n3"]      this direction is cut          "phase": "begin", "effect", "end"
/// ```
///
/// A *gap* is a time in which calls are open or begin and none ends well. One that begins when such
/// a majority comes back, or when a fault ends, is a *recovery*, which has a bound of its own.
public final class AvailabilityChecker implements Checker {
  private final List<String> nodes;
  private final Duration mostGap;
  private final Duration mostRecovery;

  /// @param nodes all of the cluster
  /// @param mostGap longer ones are a violation
  /// @param mostRecovery the same, after a fault
  public AvailabilityChecker(List<String> nodes, Duration mostGap, Duration mostRecovery) {
    this.nodes = List.copyOf(nodes);
    this.mostGap = mostGap;
    this.mostRecovery = mostRecovery;
  }

  /// A time without a good answer.
  ///
  /// @param length of it
  /// @param from the event at which it began; -1 if there was none
  /// @param to the event at which it ended
  public record Gap(Duration length, long from, long to) {
    static final Gap NONE = new Gap(Duration.ZERO, -1, -1);

    private Gap longer(Gap other) {
      return other.length.compareTo(length) > 0 ? other : this;
    }
  }

  /// @param longestGap while a majority was up and connected
  /// @param longestRecovery after a fault or an outage ended
  /// @param answers how many calls ended well
  public record Report(Gap longestGap, Gap longestRecovery, long answers) {}

  @Override
  public String name() {
    return "availability";
  }

  @Override
  public Verdict check(List<Event> events) {
    Report report = measure(events);
    List<Violation> violations = new ArrayList<>();
    add(violations, "gap", report.longestGap(), mostGap, "a majority was up and connected");
    add(violations, "no recovery", report.longestRecovery(), mostRecovery, "a fault had ended");
    return violations.isEmpty()
        ? new Verdict.Right(report.answers())
        : new Verdict.Wrong(violations);
  }

  private static void add(
      List<Violation> violations, String anomaly, Gap gap, Duration most, String though) {
    if (gap.length().compareTo(most) > 0) {
      violations.add(
          new Violation(
              anomaly,
              "no call ended well for "
                  + gap.length().toMillis()
                  + " ms (events "
                  + gap.from()
                  + " to "
                  + gap.to()
                  + "), though "
                  + though
                  + "; at most "
                  + most.toMillis()
                  + " ms are expected",
              List.of(gap.from(), gap.to())));
    }
  }

  /// The longest gap and the longest recovery.
  public Report measure(List<Event> events) {
    Walk walk = new Walk();
    events.forEach(walk::step);
    return walk.report();
  }

  private final class Walk {
    private Gap gap = Gap.NONE;
    private Gap recovery = Gap.NONE;
    private long answers;
    private boolean serving = true;

    /// The event since which no call has ended well though it could have; null: nobody has asked
    /// since.
    private @Nullable Event since;

    private boolean recovering;
    private @Nullable Event last;
    private final Set<String> open = new HashSet<>();

    void step(Event event) {
      if (event.isClient()) {
        client(event);
        last = event;
      } else if (event.value() instanceof Map<?, ?> map) {
        fault(event, map);
      }
    }

    private void client(Event event) {
      if (event.type() == Event.Type.INVOKE) {
        open.add(event.process());
        if (since == null) {
          since = event;
        }
        return;
      }
      open.remove(event.process());
      if (event.type() == Event.Type.OK) {
        answers++;
        close(event);
        recovering = false;
        since = open.isEmpty() ? null : event;
      }
    }

    private void fault(Event event, Map<?, ?> map) {
      boolean now = serves(map);
      boolean ends = "end".equals(map.get("phase"));
      if (serving && (!now || ends)) {
        close(event);
      }
      if (now && (!serving || ends)) {
        since = open.isEmpty() ? null : event;
        recovering = true;
      }
      serving = now;
    }

    private void close(Event event) {
      if (serving && since != null) {
        Gap here =
            new Gap(Duration.ofNanos(event.time() - since.time()), since.index(), event.index());
        if (recovering) {
          recovery = recovery.longer(here);
        } else {
          gap = gap.longer(here);
        }
      }
    }

    Report report() {
      if (last != null) {
        close(last);
      }
      return new Report(gap, recovery, answers);
    }
  }

  /// Whether some node can talk to a majority, itself included.
  private boolean serves(Map<?, ?> map) {
    Set<String> out = new HashSet<>(names(map.get("down")));
    out.addAll(names(map.get("impaired")));
    Set<String> cut = new HashSet<>(names(map.get("cut")));
    for (String leader : nodes) {
      if (out.contains(leader)) {
        continue;
      }
      long reached =
          nodes.stream()
              .filter(n ->
                  n.equals(leader)
                      || (!out.contains(n)
                          && !cut.contains(leader + ">" + n)
                          && !cut.contains(n + ">" + leader)))
              .count();
      if (reached > nodes.size() / 2) {
        return true;
      }
    }
    return false;
  }

  private static List<String> names(@Nullable Object value) {
    return switch (value) {
      case List<?> list -> list.stream().map(String::valueOf).toList();
      case null -> List.of();
      default -> List.of(value.toString());
    };
  }
}
