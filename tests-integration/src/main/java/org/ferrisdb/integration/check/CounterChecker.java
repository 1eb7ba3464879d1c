package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// Counters: `add` an amount, `read` the sum, each counter named by its key. A read must lie
/// between what certainly was added before it began and what may have been added before it ended;
/// and where nothing is subtracted, no read may be below one that ended before it began.
///
/// Bounds, not a search: a wrong sum that lies within what calls of unknown outcome may have added
/// is not found. Begin a new counter when there are many of them.
public final class CounterChecker implements Checker {
  @Override
  public String name() {
    return "counter";
  }

  @Override
  public Verdict check(List<Event> events) {
    Map<String, List<Operation>> counters = new LinkedHashMap<>();
    for (Operation operation : Operation.of(events, "add", "read")) {
      // Sets, banks and registers have reads, too; the former also adds.
      boolean adds = operation.f().equals("add") && operation.argument() instanceof Long;
      boolean reads =
          operation.f().equals("read") && operation.ok() && operation.result() instanceof Long;
      if (adds || reads) {
        counters.computeIfAbsent(operation.key(), _ -> new ArrayList<>()).add(operation);
      }
    }
    List<Violation> violations = new ArrayList<>();
    long operations = 0;
    for (Map.Entry<String, List<Operation>> counter : counters.entrySet()) {
      operations += counter.getValue().size();
      new Judge(counter.getKey(), counter.getValue(), violations).judge();
    }
    return violations.isEmpty()
        ? new Verdict.Right(operations)
        : new Verdict.Wrong(
            violations.subList(0, Math.min(violations.size(), LinearJudge.MOST_VIOLATIONS)));
  }

  private static final class Judge {
    private final String counter;
    private final List<Operation> operations;
    private final List<Violation> violations;

    /// Sums of amounts, by the event from which on they count: what was acknowledged counts from
    /// there, what may have happened from its begin.
    private final TreeMap<Long, Long> raised = new TreeMap<>();

    private final TreeMap<Long, Long> maybeRaised = new TreeMap<>();
    private final TreeMap<Long, Long> lowered = new TreeMap<>();
    private final TreeMap<Long, Long> maybeLowered = new TreeMap<>();

    Judge(String counter, List<Operation> operations, List<Violation> violations) {
      this.counter = counter;
      this.operations = operations;
      this.violations = violations;
    }

    void judge() {
      boolean rising = true;
      for (Operation add : operations) {
        if (add.f().equals("add") && add.possible()) {
          long amount = number(add.argument());
          rising &= amount >= 0;
          (amount >= 0 ? maybeRaised : maybeLowered).merge(add.start(), amount, Long::sum);
          if (add.ok()) {
            (amount >= 0 ? raised : lowered).merge(add.finish(), amount, Long::sum);
          }
        }
      }
      List.of(raised, maybeRaised, lowered, maybeLowered).forEach(Judge::sum);
      List<Operation> reads = operations.stream().filter(o -> o.f().equals("read")).toList();
      reads.forEach(this::bounds);
      if (rising) {
        falling(reads);
      }
    }

    private static long number(@Nullable Object value) {
      return (Long) Objects.requireNonNull(value);
    }

    private static void sum(NavigableMap<Long, Long> changes) {
      long sum = 0;
      for (Map.Entry<Long, Long> change : changes.entrySet()) {
        sum += change.getValue();
        change.setValue(sum);
      }
    }

    private static long upTo(NavigableMap<Long, Long> sums, long event) {
      Map.Entry<Long, Long> entry = sums.floorEntry(event);
      return entry == null ? 0 : entry.getValue();
    }

    private void bounds(Operation read) {
      long seen = number(read.result());
      long low = upTo(raised, read.start()) + upTo(maybeLowered, read.finish());
      long high = upTo(maybeRaised, read.finish()) + upTo(lowered, read.start());
      if (seen < low) {
        add("lost update", read, seen, "at least " + low + " had been added for certain", read);
      } else if (seen > high) {
        add("counted twice", read, seen, "at most " + high + " can have been added", read);
      }
    }

    private void falling(List<Operation> reads) {
      List<Operation> byEnd = new ArrayList<>(reads);
      byEnd.sort((a, b) -> Long.compare(a.finish(), b.finish()));
      int next = 0;
      Operation highest = null;
      for (Operation read : reads) {
        for (; next < byEnd.size() && byEnd.get(next).finish() < read.start(); next++) {
          if (highest == null || number(byEnd.get(next).result()) > number(highest.result())) {
            highest = byEnd.get(next);
          }
        }
        if (highest != null && number(highest.result()) > number(read.result())) {
          add(
              "stale read",
              read,
              number(read.result()),
              highest.result() + " was read before (" + highest.where() + ")",
              read,
              highest);
        }
      }
    }

    private void add(
        String anomaly, Operation read, long seen, String words, Operation... involved) {
      violations.add(
          new Violation(
              anomaly,
              "a read of "
                  + (counter.isEmpty() ? "the counter" : "counter " + counter)
                  + " ("
                  + read.where()
                  + ") saw "
                  + seen
                  + ", though "
                  + words,
              Operation.events(involved)));
    }
  }
}
