package org.ferrisdb.shard.simulation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.ConditionFailed;
import org.jspecify.annotations.Nullable;

/**
 * Whether the calls on each key can be put into one order that agrees with real time and in which
 * every read sees the last write: linearizability by the search of Wing and Gong, with Lowe's
 * memory of what has been tried. It knows calls and answers only, nothing of timestamps or of the
 * log.
 *
 * <p>A batch counts for each of its keys as a write of its own, a scan as a read: what is refused
 * is wrong, but not all that is wrong is refused here.
 */
final class RegisterChecker {
  /** States looked at for one key; more than any history of a run has needed. */
  private static final int MAX_STATES = 200_000;

  private enum Type {
    READ,
    WRITE,
    COMPARE_FAILED
  }

  /** A call, as one key sees it. {@code condition}: the value must be {@code expected} before. */
  private record Step(
      Op op,
      Type type,
      @Nullable String value,
      boolean condition,
      @Nullable String expected,
      long from,
      long to) {}

  private record State(BitSet done, @Nullable String value) {}

  private RegisterChecker() {}

  /** Null if all is well, else what is not. */
  static @Nullable String check(List<Op> history) {
    Map<String, List<Step>> byKey = new TreeMap<>();
    for (Op op : history) {
      for (String key : keysOf(op, history)) {
        Step step = step(op, key);
        if (step != null) {
          byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(step);
        }
      }
    }
    for (Map.Entry<String, List<Step>> key : byKey.entrySet()) {
      String wrong = check(key.getKey(), key.getValue());
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private static Iterable<String> keysOf(Op op, List<Op> history) {
    Set<String> keys = new java.util.TreeSet<>(op.keys);
    keys.addAll(op.mutations.keySet());
    if (op.condition != null) {
      keys.add(op.condition.key());
    }
    if (op.kind == Op.Kind.SCAN) {
      history.forEach(other -> keys.addAll(other.mutations.keySet()));
    }
    return keys;
  }

  private static @Nullable Step step(Op op, String key) {
    if (op.kind != Op.Kind.WRITE) {
      Op.ReadAnswer answer = op.answer;
      if (op.status != Op.Status.OK || op.at != 0 || answer == null) {
        return null;
      }
      Op.Seen seen = answer.values().get(key);
      String value = seen == null ? null : seen.value();
      return new Step(op, Type.READ, value, false, null, op.invoked, op.completed);
    }
    boolean compared = op.condition != null && op.condition.key().equals(key);
    String expected = compared ? Objects.requireNonNull(op.condition).expected() : null;
    if (op.outcome instanceof ConditionFailed) {
      return compared
          ? new Step(op, Type.COMPARE_FAILED, null, false, expected, op.invoked, op.completed)
          : null;
    }
    if (op.status == Op.Status.FAIL || !op.mutations.containsKey(key)) {
      return null;
    }
    long to = op.status == Op.Status.OK ? op.completed : Long.MAX_VALUE;
    return new Step(op, Type.WRITE, op.mutations.get(key), compared, expected, op.invoked, to);
  }

  private static @Nullable String check(String key, List<Step> unsorted) {
    List<Step> steps = new ArrayList<>(unsorted);
    steps.sort(Comparator.comparingLong(Step::from));
    Set<State> tried = new HashSet<>();
    List<State> toTry = new ArrayList<>();
    toTry.add(new State(new BitSet(), null));
    int most = -1;
    State furthest = toTry.getFirst();
    while (!toTry.isEmpty()) {
      State state = toTry.removeLast();
      int needed = state.done.cardinality();
      if (needed > most) {
        most = needed;
        furthest = state;
      }
      if (extend(state, steps, tried, toTry)) {
        return null;
      }
      if (tried.size() > MAX_STATES) {
        return null; // undecided: the timestamps are checked as well
      }
    }
    return explain(key, steps, furthest);
  }

  /** Adds all states that one more call leads to; whether nothing is left that must be ordered. */
  private static boolean extend(
      State state, List<Step> steps, Set<State> tried, List<State> toTry) {
    long earliestEnd = Long.MAX_VALUE;
    boolean complete = true;
    for (int i = state.done.nextClearBit(0); i < steps.size(); i = state.done.nextClearBit(i + 1)) {
      long to = steps.get(i).to;
      earliestEnd = Math.min(earliestEnd, to);
      complete &= to == Long.MAX_VALUE;
    }
    if (complete) {
      return true;
    }
    // Pushed last is tried first: calls in the order in which they began.
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      if (state.done.get(i) || step.from > earliestEnd || !possible(step, state.value)) {
        continue;
      }
      BitSet done = (BitSet) state.done.clone();
      done.set(i);
      State next = new State(done, step.type == Type.WRITE ? step.value : state.value);
      if (tried.add(next)) {
        toTry.add(next);
      }
    }
    return false;
  }

  private static boolean possible(Step step, @Nullable String value) {
    return switch (step.type) {
      case READ -> Objects.equals(step.value, value);
      case WRITE -> !step.condition || Objects.equals(step.expected, value);
      case COMPARE_FAILED -> !Objects.equals(step.expected, value);
    };
  }

  private static String explain(String key, List<Step> steps, State furthest) {
    StringBuilder text = new StringBuilder("not linearizable: ").append(key);
    text.append("; after ").append(furthest.done.cardinality()).append(" of ");
    text.append(steps.size()).append(" calls its value is ").append(furthest.value);
    text.append(", and none of these can come next:");
    int shown = 0;
    for (int i = 0; i < steps.size() && shown < 6; i++) {
      if (!furthest.done.get(i)) {
        text.append("\n    ").append(steps.get(i).op);
        shown++;
      }
    }
    return text.toString();
  }
}
