package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// Sets that only grow: `add` an element, `read` all of them, each set named by its key. An element
/// is *known* from the end of its add, or of the first read that shows it, whichever is first;
/// every read that begins later must show it. And reads of one set must contain each other: else
/// they disagree on an order.
///
/// | anomaly | what |
/// |---|---|
/// | lost element | known, and no later read shows it |
/// | stale read | a read misses what is known, but a later one shows it |
/// | aborted read (G1a) | an element whose add had failed |
/// | unwritten value, read from the future | an element that nobody added, or not yet |
/// | duplicate element | twice in one read |
/// | long fork | one read has x and not y, another y and not x |
///
/// An add of unknown outcome may show up late or never; that is right.
public final class SetChecker implements Checker {
  @Override
  public String name() {
    return "set";
  }

  @Override
  public Verdict check(List<Event> events) {
    Map<String, List<Operation>> sets = new LinkedHashMap<>();
    for (Operation operation : Operation.of(events, "add", "read")) {
      // Banks and registers have reads, too.
      if (operation.f().equals("add")
          || (operation.ok() && operation.result() instanceof List<?>)) {
        sets.computeIfAbsent(operation.key(), _ -> new ArrayList<>()).add(operation);
      }
    }
    List<Violation> violations = new ArrayList<>();
    long operations = 0;
    for (Map.Entry<String, List<Operation>> set : sets.entrySet()) {
      operations += set.getValue().size();
      new Judge(set.getKey(), set.getValue(), violations).judge();
    }
    return violations.isEmpty()
        ? new Verdict.Right(operations)
        : new Verdict.Wrong(
            violations.subList(0, Math.min(violations.size(), LinearJudge.MOST_VIOLATIONS)));
  }

  /// What is known of an element.
  private static final class Element {
    final Object value;

    /// Its add; null if nobody added it.
    final @Nullable Operation add;

    /// The event from which on it must be seen, and whose operation that was.
    long known = Long.MAX_VALUE;

    @Nullable Operation knownBy;

    /// The last read, by its begin, that shows it.
    @Nullable Operation lastSeen;

    Element(Object value, @Nullable Operation add) {
      this.value = value;
      this.add = add;
    }

    void knownFrom(Operation by) {
      if (by.finish() < known) {
        known = by.finish();
        knownBy = by;
      }
    }
  }

  private static final class Judge {
    private final String set;
    private final List<Violation> violations;
    private final Map<Object, Element> elements = new HashMap<>();
    private final List<Operation> reads = new ArrayList<>();
    private final Map<Operation, Set<Object>> contents = new HashMap<>();

    Judge(String set, List<Operation> operations, List<Violation> violations) {
      this.set = set.isEmpty() ? "the set" : "set " + set;
      this.violations = violations;
      for (Operation operation : operations) {
        if (operation.f().equals("add")) {
          Object value = Objects.requireNonNull(operation.argument(), "add of nothing");
          Element element = new Element(value, operation);
          elements.put(value, element);
          if (operation.ok()) {
            element.knownFrom(operation);
          }
        } else {
          reads.add(operation);
        }
      }
    }

    void judge() {
      reads.forEach(this::look);
      reads.forEach(this::forgotten);
      order();
    }

    private void look(Operation read) {
      Set<Object> seen = new HashSet<>();
      for (Object value : (List<?>) Objects.requireNonNull(read.result())) {
        if (!seen.add(value)) {
          add("duplicate element", read, value + " is in it twice", read);
          continue;
        }
        Element element = elements.computeIfAbsent(value, v -> new Element(v, null));
        element.knownFrom(read);
        element.lastSeen = read; // reads are in the order of their begins
        origin(read, element);
      }
      contents.put(read, seen);
    }

    private void origin(Operation read, Element element) {
      Operation add = element.add;
      if (add == null) {
        add("unwritten value", read, element.value + " is in it, which nobody ever added", read);
      } else if (!add.possible()) {
        add(
            "aborted read (G1a)",
            read,
            element.value + " is in it, whose add had failed (" + add.where() + ")",
            read,
            add);
      } else if (read.finish() < add.start()) {
        add(
            "read from the future",
            read,
            element.value + " is in it, which is added later (" + add.where() + ")",
            read,
            add);
      }
    }

    private final Set<Object> reported = new HashSet<>();

    private void forgotten(Operation read) {
      Set<Object> seen = contents.getOrDefault(read, Set.of());
      for (Element element : elements.values()) {
        Operation by = element.knownBy;
        if (by == null
            || element.known > read.start()
            || seen.contains(element.value)
            || !reported.add(element.value)) {
          continue;
        }
        Operation last = element.lastSeen;
        boolean again = last != null && last.start() > read.start();
        String how = by.f().equals("add") ? "acknowledged" : "seen";
        String before = element.value + " is missing, " + how + " before (" + by.where() + ")";
        if (again && last != null) {
          add(
              "stale read",
              read,
              before + " and seen later (" + last.where() + ")",
              read,
              by,
              last);
        } else {
          add("lost element", read, before + ", and no later read shows it", read, by);
        }
      }
    }

    /// Reads that contain each other are a chain by size: neighbours are enough.
    private void order() {
      List<Operation> bySize = new ArrayList<>(reads);
      bySize.sort(Comparator.comparingInt(r -> contents.getOrDefault(r, Set.of()).size()));
      for (int i = 1; i < bySize.size(); i++) {
        Operation small = bySize.get(i - 1);
        Operation large = bySize.get(i);
        Set<Object> ofLarge = contents.getOrDefault(large, Set.of());
        Set<Object> ofSmall = contents.getOrDefault(small, Set.of());
        Object missing =
            ofSmall.stream().filter(v -> !ofLarge.contains(v)).findFirst().orElse(null);
        if (missing != null && !reported.contains(missing)) {
          Object other = ofLarge.stream().filter(v -> !ofSmall.contains(v)).findFirst().orElse("?");
          add(
              "long fork",
              small,
              missing
                  + " is in it and not "
                  + other
                  + "; in another it is the other way round ("
                  + large.where()
                  + ")",
              small,
              large);
          return;
        }
      }
    }

    private void add(String anomaly, Operation read, String words, Operation... involved) {
      violations.add(
          new Violation(
              anomaly,
              "a read of " + set + " (" + read.where() + "): " + words,
              Operation.events(involved)));
    }
  }
}
