package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Looks for an order of operations on registers that explains every answer, each operation placed
/// between its begin and its end (Herlihy and Wing's linearizability). Wing and Gong's search:
/// depth first, the next operation is one that began before the first end of all that are left;
/// with Lowe's memory of configurations seen. What keeps it short on real histories:
///
/// - A read that may come next and sees what is there now is placed at once, without an
///   alternative: it changes nothing, so that any order in which it comes later is right with it
///   here, too.
/// - A value that only one operation sets never comes back. While an operation that saw it is not
///   yet placed, nothing may overwrite it. This cuts nearly all wrong ways at their first step.
/// - An operation of unknown end is left out if nobody saw what it set; else it is placed just
///   before the one that saw it. Equal ones (two deletes) are taken in the order of their begins.
///
/// A configuration is kept as the first operation not placed, a window of bits behind it, the
/// operations of unknown end by number, and the registers: its size does not grow with the history.
/// Not thread-safe.
final class LinearSearch {
  /// Configurations remembered at most: some 200 MB.
  private static final int MAX_CONFIGURATIONS = 1_000_000;

  private static final int NO_VALUE = -1;

  enum Result {
    POSSIBLE,
    IMPOSSIBLE,
    GAVE_UP
  }

  private static final class Op {
    final long start;
    final long end;
    final int[] expectKeys;
    final int[] expectValues;
    final int[] setKeys;
    final int[] setValues;

    Op(Access access, LinearSearch search) {
      start = access.operation().start();
      end = access.operation().finish();
      expectKeys = search.keys(access.expects());
      expectValues = search.values(access.expects());
      setKeys = search.keys(access.sets());
      setValues = search.values(access.sets());
    }

    boolean matches(int[] state) {
      for (int i = 0; i < expectKeys.length; i++) {
        if (state[expectKeys[i]] != expectValues[i]) {
          return false;
        }
      }
      return true;
    }

    boolean observes(Op other) {
      for (int i = 0; i < expectKeys.length; i++) {
        for (int j = 0; j < other.setKeys.length; j++) {
          if (expectKeys[i] == other.setKeys[j] && expectValues[i] == other.setValues[j]) {
            return true;
          }
        }
      }
      return false;
    }

    boolean sameEffect(Op other) {
      return Arrays.equals(setKeys, other.setKeys)
          && Arrays.equals(setValues, other.setValues)
          && Arrays.equals(expectKeys, other.expectKeys)
          && Arrays.equals(expectValues, other.expectValues);
    }
  }

  private final Map<String, Integer> keyIds = new HashMap<>();

  /// By register and value; 0 is absent in every register.
  private final List<Map<@Nullable Object, Integer>> valueIds = new ArrayList<>();

  private final List<Op> known = new ArrayList<>();
  private final List<Op> unknown = new ArrayList<>();

  /// By register and value: the operations of known end that expect it, in the order of their
  /// begins.
  private final List<List<List<Integer>>> observers = new ArrayList<>();

  /// By register and value: whether it may come back after it was overwritten.
  private final List<List<Boolean>> recurs = new ArrayList<>();

  private final BooleanSupplier outOfTime;

  /// @param accesses those that may have taken effect; reads of unknown end are left out
  /// @param outOfTime asked now and then
  LinearSearch(List<Access> accesses, BooleanSupplier outOfTime) {
    this.outOfTime = outOfTime;
    List<Op> maybe = new ArrayList<>();
    for (Access access : accesses) {
      Op op = new Op(access, this);
      if (op.end != Long.MAX_VALUE) {
        known.add(op);
      } else if (op.setKeys.length > 0) {
        maybe.add(op);
      }
    }
    known.sort(Comparator.comparingLong(o -> o.start));
    maybe.sort(Comparator.comparingLong(o -> o.start));
    keepObserved(maybe);
    index();
  }

  private int[] keys(Map<String, @Nullable Object> registers) {
    int[] ids = new int[registers.size()];
    int i = 0;
    for (String key : registers.keySet()) {
      ids[i++] =
          keyIds.computeIfAbsent(
              key,
              k -> {
                Map<@Nullable Object, Integer> values = new HashMap<>();
                values.put(null, 0);
                valueIds.add(values);
                return keyIds.size();
              });
    }
    return ids;
  }

  private int[] values(Map<String, @Nullable Object> registers) {
    int[] keys = keys(registers);
    int[] ids = new int[keys.length];
    int i = 0;
    for (Object value : registers.values()) {
      Map<@Nullable Object, Integer> values = valueIds.get(keys[i]);
      Integer id = values.get(value);
      if (id == null) {
        id = values.size();
        values.put(value, id);
      }
      ids[i++] = id;
    }
    return ids;
  }

  /// Of the operations of unknown end, those whose value was seen, by one of known end or by one
  /// kept.
  private void keepObserved(List<Op> maybe) {
    Set<Long> seen = new HashSet<>();
    known.forEach(o -> addExpected(o, seen));
    List<Op> left = new ArrayList<>(maybe);
    Set<Op> kept = new HashSet<>();
    for (boolean more = true; more; ) {
      more = false;
      for (Op op : List.copyOf(left)) {
        if (setsAnyOf(op, seen)) {
          addExpected(op, seen);
          kept.add(op);
          left.remove(op);
          more = true;
        }
      }
    }
    maybe.stream().filter(kept::contains).forEach(unknown::add);
  }

  private static long pair(int key, int value) {
    return (long) key << 32 | value;
  }

  private static void addExpected(Op op, Set<Long> seen) {
    for (int i = 0; i < op.expectKeys.length; i++) {
      seen.add(pair(op.expectKeys[i], op.expectValues[i]));
    }
  }

  private static boolean setsAnyOf(Op op, Set<Long> seen) {
    for (int i = 0; i < op.setKeys.length; i++) {
      if (seen.contains(pair(op.setKeys[i], op.setValues[i]))) {
        return true;
      }
    }
    return false;
  }

  private void index() {
    int[][] setters = new int[valueIds.size()][];
    for (int k = 0; k < valueIds.size(); k++) {
      setters[k] = new int[valueIds.get(k).size()];
      setters[k][0] = 1; // absent is there from the beginning
      List<List<Integer>> lists = new ArrayList<>();
      for (int v = 0; v < setters[k].length; v++) {
        lists.add(new ArrayList<>());
      }
      observers.add(lists);
    }
    for (int i = 0; i < known.size(); i++) {
      Op op = known.get(i);
      for (int e = 0; e < op.expectKeys.length; e++) {
        observers.get(op.expectKeys[e]).get(op.expectValues[e]).add(i);
      }
    }
    for (List<Op> ops : List.of(known, unknown)) {
      for (Op op : ops) {
        for (int s = 0; s < op.setKeys.length; s++) {
          setters[op.setKeys[s]][op.setValues[s]]++;
        }
      }
    }
    for (int[] ofKey : setters) {
      List<Boolean> list = new ArrayList<>();
      for (int count : ofKey) {
        list.add(count > 1);
      }
      recurs.add(list);
    }
  }

  /// A configuration; `pending` is the number of the operation of unknown end placed last, if
  /// nothing was placed after it.
  private static final class Config {
    final int base;
    final long[] window;
    final long[] unknowns;
    final int[] state;
    final int pending;

    Config(int base, long[] window, long[] unknowns, int[] state, int pending) {
      this.base = base;
      this.window = window;
      this.unknowns = unknowns;
      this.state = state;
      this.pending = pending;
    }

    boolean placed(int i) {
      return i < base || Bits.get(window, i - base);
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Config c
          && base == c.base
          && pending == c.pending
          && Arrays.equals(window, c.window)
          && Arrays.equals(unknowns, c.unknowns)
          && Arrays.equals(state, c.state);
    }

    @Override
    public int hashCode() {
      int hash = base * 31 + pending;
      hash = hash * 31 + Arrays.hashCode(window);
      hash = hash * 31 + Arrays.hashCode(unknowns);
      return hash * 31 + Arrays.hashCode(state);
    }
  }

  /// Searches. The order found is not kept: only whether there is one.
  Result run() {
    Set<Config> seen = new HashSet<>();
    List<Config> stack = new ArrayList<>();
    stack.add(new Config(0, new long[0], new long[0], new int[valueIds.size()], NO_VALUE));
    List<Config> next = new ArrayList<>();
    while (!stack.isEmpty()) {
      Config config = stack.removeLast();
      if (!seen.add(config)) {
        continue;
      }
      if (config.base == known.size()) {
        return Result.POSSIBLE; // what is left may have happened nowhere
      }
      if (seen.size() > MAX_CONFIGURATIONS
          || ((seen.size() & 255) == 0 && outOfTime.getAsBoolean())) {
        return Result.GAVE_UP;
      }
      next.clear();
      successors(config, next);
      for (int i = next.size() - 1; i >= 0; i--) {
        stack.add(next.get(i));
      }
    }
    return Result.IMPOSSIBLE;
  }

  private void successors(Config config, List<Config> next) {
    long firstEnd = firstEnd(config);
    List<Integer> changes = new ArrayList<>();
    for (int i = config.base; i < known.size() && known.get(i).start < firstEnd; i++) {
      if (config.placed(i)) {
        continue;
      }
      Op op = known.get(i);
      if (!op.matches(config.state)
          || (config.pending != NO_VALUE && !op.observes(unknown.get(config.pending)))) {
        continue;
      }
      if (op.setKeys.length == 0) {
        next.clear();
        next.add(place(config, i));
        return;
      }
      if (mayOverwrite(config, op, i)) {
        changes.add(i);
      }
    }
    changes.sort(Comparator.comparingLong(i -> known.get(i).end));
    changes.forEach(i -> next.add(place(config, i)));
    unknowns(config, firstEnd, next);
  }

  private void unknowns(Config config, long firstEnd, List<Config> next) {
    for (int u = 0; u < unknown.size() && unknown.get(u).start < firstEnd; u++) {
      Op op = unknown.get(u);
      if (!Bits.get(config.unknowns, u)
          && op.matches(config.state)
          && follows(config.pending, u)
          && mayOverwrite(config, op, NO_VALUE)
          && !equalOneBefore(config, u)) {
        next.add(
            new Config(
                config.base,
                config.window,
                Bits.with(config.unknowns, u),
                after(op, config.state),
                u));
      }
    }
  }

  private boolean follows(int pending, int u) {
    return pending == NO_VALUE || u > pending || unknown.get(u).observes(unknown.get(pending));
  }

  private boolean equalOneBefore(Config config, int u) {
    for (int i = 0; i < u; i++) {
      if (!Bits.get(config.unknowns, i) && unknown.get(i).sameEffect(unknown.get(u))) {
        return true;
      }
    }
    return false;
  }

  private long firstEnd(Config config) {
    long first = Long.MAX_VALUE;
    for (int i = config.base; i < known.size() && known.get(i).start < first; i++) {
      if (!config.placed(i)) {
        first = Math.min(first, known.get(i).end);
      }
    }
    return first;
  }

  /// Whether nobody but the operation itself still has to see what it overwrites.
  private boolean mayOverwrite(Config config, Op op, int self) {
    for (int key : op.setKeys) {
      int value = config.state[key];
      if (recurs.get(key).get(value)) {
        continue;
      }
      List<Integer> seenBy = observers.get(key).get(value);
      for (int j = seenBy.size() - 1; j >= 0 && seenBy.get(j) >= config.base; j--) {
        int observer = seenBy.get(j);
        if (observer != self && !config.placed(observer)) {
          return false;
        }
      }
    }
    return true;
  }

  private Config place(Config config, int i) {
    long[] window = Bits.with(config.window, i - config.base);
    int run = Bits.run(window);
    return new Config(
        config.base + run,
        Bits.shifted(window, run),
        config.unknowns,
        after(known.get(i), config.state),
        NO_VALUE);
  }

  private static int[] after(Op op, int[] state) {
    if (op.setKeys.length == 0) {
      return state;
    }
    int[] changed = state.clone();
    for (int i = 0; i < op.setKeys.length; i++) {
      changed[op.setKeys[i]] = op.setValues[i];
    }
    return changed;
  }
}
