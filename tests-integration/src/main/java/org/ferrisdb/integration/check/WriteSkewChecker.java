package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ferrisdb.integration.history.Event;

/// Write skew on pairs of keys (Adya's G2 with a predicate): an `insert` of `[pair, value]` reads
/// both keys of the pair and sets one of them if neither is there, so that of each pair at most one
/// may succeed. Two that did each missed the other's write, or one of them was lost.
///
/// Inserts of unknown outcome prove nothing: whether they happened is not asked.
public final class WriteSkewChecker implements Checker {
  @Override
  public String name() {
    return "write-skew";
  }

  @Override
  public Verdict check(List<Event> events) {
    Map<Object, List<Operation>> inserted = new LinkedHashMap<>();
    long operations = 0;
    for (Operation operation : Operation.of(events, "insert")) {
      if (!(operation.argument() instanceof List<?> insert) || insert.size() != 2) {
        throw new IllegalArgumentException(
            "event "
                + operation.start()
                + ": an insert has [pair, value], not "
                + operation.argument());
      }
      operations++;
      if (operation.ok()) {
        inserted
            .computeIfAbsent(String.valueOf(insert.get(0)), _ -> new ArrayList<>())
            .add(operation);
      }
    }
    List<Violation> violations = new ArrayList<>();
    inserted.forEach((pair, list) -> {
      if (list.size() > 1) {
        violations.add(violation(pair, list));
      }
    });
    return violations.isEmpty()
        ? new Verdict.Right(operations)
        : new Verdict.Wrong(
            violations.subList(0, Math.min(violations.size(), LinearJudge.MOST_VIOLATIONS)));
  }

  private static Violation violation(Object pair, List<Operation> inserts) {
    Operation one = inserts.get(0);
    Operation other = inserts.get(1);
    boolean apart = one.before(other);
    return new Violation(
        apart ? "lost write" : "write skew (G2)",
        "of pair "
            + pair
            + " at most one insert may succeed, but "
            + inserts.size()
            + " did: "
            + one.where()
            + "; "
            + other.where()
            + (apart
                ? ": the second began after the first was acknowledged, and missed it"
                : ": each read that neither key was there, and each set one"),
        Operation.events(inserts));
  }
}
