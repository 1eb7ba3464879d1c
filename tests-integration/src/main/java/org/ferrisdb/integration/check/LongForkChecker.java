package org.ferrisdb.integration.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// Whether readers of a group of keys agree on the order in which they were written. Events:
/// `write` with a key, each key written once; `read-group` with a map of all keys of the group,
/// null for absent. Names the *long fork*: one reader sees x but not yet y, another y but not yet
/// x, which parallel snapshot isolation allows and snapshot isolation does not. All else that has
/// no order in real time is found as by [ScanChecker].
public final class LongForkChecker implements Checker {
  private static final Duration BOUND = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "long-fork";
  }

  @Override
  public Verdict check(List<Event> events) {
    List<Operation> operations = Operation.of(events, "write", "read-group");
    List<Violation> forks = forks(operations);
    return forks.isEmpty()
        ? ScanChecker.judge(accesses(operations), BOUND)
        : new Verdict.Wrong(forks);
  }

  private static List<Access> accesses(List<Operation> operations) {
    List<Access> accesses = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation.f().equals("write")) {
        Map<String, @Nullable Object> set =
            Collections.singletonMap(operation.key(), operation.argument());
        accesses.add(new Access(operation, Map.of(), set));
      } else if (operation.ok()) {
        accesses.add(new Access(operation, seen(operation), Map.of()));
      }
    }
    return accesses;
  }

  private static Map<String, @Nullable Object> seen(Operation read) {
    Map<String, @Nullable Object> seen = new TreeMap<>();
    ScanChecker.result(read).forEach((k, v) -> seen.put(String.valueOf(k), v));
    return seen;
  }

  private static List<Violation> forks(List<Operation> operations) {
    Map<Object, List<Operation>> byKeys = new HashMap<>();
    for (Operation operation : operations) {
      if (operation.f().equals("read-group") && operation.ok()) {
        byKeys.computeIfAbsent(seen(operation).keySet(), _ -> new ArrayList<>()).add(operation);
      }
    }
    List<Violation> forks = new ArrayList<>();
    for (List<Operation> reads : byKeys.values()) {
      // Readers that agree see sets of keys that contain each other: neighbours by size are enough.
      List<Operation> bySize = new ArrayList<>(reads);
      bySize.sort((a, b) -> Long.compare(present(a), present(b)));
      for (int i = 1; i < bySize.size() && forks.size() < LinearJudge.MOST_VIOLATIONS; i++) {
        fork(bySize.get(i - 1), bySize.get(i), forks);
      }
    }
    return forks;
  }

  private static long present(Operation read) {
    return seen(read).values().stream().filter(v -> v != null).count();
  }

  private static void fork(Operation one, Operation other, List<Violation> forks) {
    Map<String, @Nullable Object> a = seen(one);
    Map<String, @Nullable Object> b = seen(other);
    for (String x : a.keySet()) {
      if (a.get(x) != null && b.get(x) == null) {
        for (String y : b.keySet()) {
          if (b.get(y) != null && a.get(y) == null) {
            forks.add(
                new Violation(
                    "long fork",
                    "two reads saw two writes in different orders: "
                        + one.where()
                        + " saw "
                        + x
                        + " but not yet "
                        + y
                        + "; "
                        + other.where()
                        + " saw "
                        + y
                        + " but not yet "
                        + x,
                    Operation.events(one, other)));
            return;
          }
        }
      }
    }
  }
}
