package org.ferrisdb.integration.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
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
///
/// Both are measured over all calls, and over those to each shard: one shard without a leader is no
/// gap of the others. A shard that nobody asks is not judged.
public final class AvailabilityChecker implements Checker {
  private final List<String> nodes;
  private final Duration mostGap;
  private final Duration mostRecovery;
  private final Function<Event, Optional<String>> shardOf;

  /// @param nodes all of the cluster
  /// @param mostGap longer ones are a violation
  /// @param mostRecovery the same, after a fault
  /// @param shardOf the name of the one shard that a call needs, told from its [Event.Type#INVOKE];
  ///   empty if it needs several, or that is not known
  public AvailabilityChecker(
      List<String> nodes,
      Duration mostGap,
      Duration mostRecovery,
      Function<Event, Optional<String>> shardOf) {
    this.nodes = List.copyOf(nodes);
    this.mostGap = mostGap;
    this.mostRecovery = mostRecovery;
    this.shardOf = shardOf;
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
  /// @param shards the same of each shard that was asked, by name; empty in such a one
  public record Report(
      Gap longestGap, Gap longestRecovery, long answers, Map<String, Report> shards) {
    /// The longest gap of all calls or of one shard's.
    public Gap longestGapAnywhere() {
      return shards.values().stream().map(Report::longestGap).reduce(longestGap, Gap::longer);
    }

    /// Where that is, in words, for who wants to know what happened then.
    public String longestGapInWords() {
      Gap longest = longestGapAnywhere();
      String whose =
          shards.entrySet().stream()
              .filter(s -> s.getValue().longestGap().equals(longest))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse("all shards");
      return String.format(
          Locale.ROOT,
          "%,d ms, %s, from event %d to %d",
          longest.length().toMillis(),
          longest.equals(longestGap) ? "all shards" : whose,
          longest.from(),
          longest.to());
    }

    /// The longest recovery of all calls or of one shard's.
    public Gap longestRecoveryAnywhere() {
      return shards.values().stream()
          .map(Report::longestRecovery)
          .reduce(longestRecovery, Gap::longer);
    }
  }

  @Override
  public String name() {
    return "availability";
  }

  @Override
  public Verdict check(List<Event> events) {
    Report report = measure(events);
    List<Violation> violations = new ArrayList<>();
    judge(violations, "no call", report);
    report.shards().forEach((shard, own) -> judge(violations, "no call to " + shard, own));
    return violations.isEmpty()
        ? new Verdict.Right(report.answers())
        : new Verdict.Wrong(violations);
  }

  private void judge(List<Violation> violations, String what, Report report) {
    add(violations, "gap", what, report.longestGap(), mostGap, "a majority was up and connected");
    add(
        violations,
        "no recovery",
        what,
        report.longestRecovery(),
        mostRecovery,
        "a fault had ended");
  }

  private static void add(
      List<Violation> violations,
      String anomaly,
      String what,
      Gap gap,
      Duration most,
      String though) {
    if (gap.length().compareTo(most) > 0) {
      violations.add(
          new Violation(
              anomaly,
              what
                  + " ended well for "
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

  /// The longest gap and the longest recovery, of all calls and of each shard's.
  public Report measure(List<Event> events) {
    Walk whole = new Walk();
    Map<String, Walk> shards = new TreeMap<>();
    Map<String, String> asked = new HashMap<>();
    List<Event> faults = new ArrayList<>();
    for (Event event : events) {
      whole.step(event);
      if (!event.isClient()) {
        faults.add(event);
        shards.values().forEach(walk -> walk.step(event));
        continue;
      }
      if (event.type() == Event.Type.INVOKE) {
        shardOf.apply(event).ifPresent(shard -> asked.put(event.process(), shard));
      }
      String shard = asked.get(event.process());
      if (shard != null) {
        shards.computeIfAbsent(shard, name -> new Walk(faults)).step(event);
        if (event.type() != Event.Type.INVOKE) {
          asked.remove(event.process());
        }
      }
    }
    Map<String, Report> reports = new TreeMap<>();
    shards.forEach((shard, walk) -> reports.put(shard, walk.report(Map.of())));
    return whole.report(Collections.unmodifiableMap(reports));
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

    Walk() {}

    /// One that begins after these faults.
    Walk(List<Event> faults) {
      faults.forEach(this::step);
    }

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

    Report report(Map<String, Report> shards) {
      if (last != null) {
        close(last);
      }
      return new Report(gap, recovery, answers, shards);
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
