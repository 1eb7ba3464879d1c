package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// Judges accesses to registers by [LinearSearch]: cuts them into groups that share no register,
/// which are independent of each other; and where a group has no order, finds the first event up to
/// which it has none, which is what an explanation is about.
final class LinearJudge {
  /// More are not worth reading.
  static final int MOST_VIOLATIONS = 20;

  private final BooleanSupplier outOfTime;
  private final String remedy;
  private final List<Violation> violations = new ArrayList<>();
  private final List<String> undecided = new ArrayList<>();

  /// @param outOfTime whether the judge must give up
  /// @param remedy what to do about it
  LinearJudge(BooleanSupplier outOfTime, String remedy) {
    this.outOfTime = outOfTime;
    this.remedy = remedy;
  }

  /// @param accesses all of them, those that failed as well
  Verdict judge(List<Access> accesses) {
    long operations = 0;
    for (List<Access> group : groups(accesses)) {
      operations += group.size();
      if (violations.size() < MOST_VIOLATIONS) {
        judgeGroup(group);
      }
    }
    if (!violations.isEmpty()) {
      return new Verdict.Wrong(violations);
    }
    return undecided.isEmpty()
        ? new Verdict.Right(operations)
        : new Verdict.Undecided(String.join("; ", undecided.stream().limit(5).toList()) + remedy);
  }

  private void judgeGroup(List<Access> group) {
    switch (search(group, Long.MAX_VALUE)) {
      case POSSIBLE -> {}
      case IMPOSSIBLE -> violations.add(Explanation.of(group, firstImpossible(group)));
      case GAVE_UP ->
          undecided.add(
              "no order found in time for the " + group.size() + " operations on " + names(group));
    }
  }

  private static String names(List<Access> group) {
    List<String> names = group.stream().flatMap(a -> keys(a)).distinct().limit(4).toList();
    return String.join(", ", names) + (names.size() == 4 ? ", ..." : "");
  }

  /// Whether the history up to an event has an order.
  private LinearSearch.Result search(List<Access> group, long until) {
    List<Access> part =
        group.stream()
            .filter(a -> a.operation().possible() && a.operation().start() <= until)
            .map(a -> upTo(a, until))
            .toList();
    return new LinearSearch(part, outOfTime).run();
  }

  private static Access upTo(Access access, long until) {
    return access.operation().finish() <= until
        ? access
        : new Access(
            new Operation(access.operation().invoke(), null), access.expects(), access.sets());
  }

  /// The operation by whose end there is no order any more; there was one just before.
  private Access firstImpossible(List<Access> group) {
    List<Access> byEnd =
        group.stream()
            .filter(a -> a.operation().ok())
            .sorted((a, b) -> Long.compare(a.operation().finish(), b.operation().finish()))
            .toList();
    int possible = -1;
    int impossible = byEnd.size() - 1;
    while (impossible - possible > 1) {
      int middle = (possible + impossible) >>> 1;
      if (search(group, byEnd.get(middle).operation().finish()) == LinearSearch.Result.IMPOSSIBLE) {
        impossible = middle;
      } else {
        possible = middle; // or not found out: then the explanation is about a later event
      }
    }
    return byEnd.get(impossible);
  }

  /// Groups that share no register, in the order of their first operations.
  static Collection<List<Access>> groups(List<Access> accesses) {
    Map<String, String> parents = new HashMap<>();
    for (Access access : accesses) {
      List<String> keys = keys(access).toList();
      keys.forEach(
          key -> parents.merge(root(parents, key), root(parents, keys.getFirst()), (_, r) -> r));
    }
    Map<String, List<Access>> groups = new LinkedHashMap<>();
    for (Access access : accesses) {
      keys(access)
          .findFirst()
          .ifPresent(key ->
              groups.computeIfAbsent(root(parents, key), _ -> new ArrayList<>()).add(access));
    }
    return groups.values();
  }

  private static Stream<String> keys(Access access) {
    return Stream.concat(access.expects().keySet().stream(), access.sets().keySet().stream());
  }

  private static String root(Map<String, String> parents, String key) {
    String root = key;
    for (String up = parents.get(root); up != null && !up.equals(root); up = parents.get(root)) {
      root = up;
    }
    parents.put(key, root);
    return root;
  }
}
