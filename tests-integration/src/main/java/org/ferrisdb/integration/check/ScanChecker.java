package org.ferrisdb.integration.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// Whether each `scan` shows one moment, and a moment between its begin and its end: writes,
/// deletes and scans of a group of keys have one order that explains every answer. The group is all
/// keys that the history names; one that a scan does not name was absent. Events: `write` and
/// `delete` with a key, `scan` with a map of what was there.
public final class ScanChecker implements Checker {
  private static final Duration BOUND = Duration.ofMinutes(2);

  private final Duration bound;

  /// With two minutes at most.
  public ScanChecker() {
    this(BOUND);
  }

  /// @param bound beyond it the verdict is [Verdict.Undecided]
  public ScanChecker(Duration bound) {
    this.bound = bound;
  }

  @Override
  public String name() {
    return "scan";
  }

  @Override
  public Verdict check(List<Event> events) {
    return check(Operation.of(events, "write", "delete", "scan"), "scan", bound);
  }

  /// @param reads the `f` of what reads many keys
  static Verdict check(List<Operation> operations, String reads, Duration bound) {
    Set<String> keys = new LinkedHashSet<>();
    for (Operation operation : operations) {
      if (!operation.f().equals(reads)) {
        keys.add(operation.key());
      } else if (operation.ok()) {
        result(operation).keySet().forEach(k -> keys.add(String.valueOf(k)));
      }
    }
    List<Access> accesses = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation.f().equals(reads)) {
        if (operation.ok()) {
          Map<String, @Nullable Object> seen = new TreeMap<>();
          Map<?, ?> result = result(operation);
          keys.forEach(k -> seen.put(k, result.get(k)));
          accesses.add(new Access(operation, seen, Map.of()));
        }
      } else {
        accesses.add(
            new Access(
                operation,
                Map.of(),
                Collections.singletonMap(operation.key(), operation.argument())));
      }
    }
    return judge(accesses, bound);
  }

  static Verdict judge(List<Access> accesses, Duration bound) {
    long end = System.nanoTime() + bound.toNanos();
    return new LinearJudge(
            () -> System.nanoTime() - end > 0,
            ". Scan more often, or with fewer writers, or allow more than " + bound)
        .judge(accesses);
  }

  static Map<?, ?> result(Operation operation) {
    if (!(operation.result() instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(
          "event "
              + operation.finish()
              + ": "
              + operation.f()
              + " ends with a map of keys to values, not "
              + operation.result());
    }
    return map;
  }
}
