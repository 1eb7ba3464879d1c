package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Says in words why operations on registers have no order, and what the anomaly is called. The
/// judge has proved that there is none; this only looks for the best-known shape around the
/// operation by whose end it became impossible. Where it knows none it says so.
final class Explanation {
  private final List<Access> all;
  private final Access at;
  private final Operation op;

  private Explanation(List<Access> all, Access at) {
    this.all = all;
    this.at = at;
    this.op = at.operation();
  }

  /// @param group all accesses to these registers
  /// @param at the one by whose end the history became impossible
  static Violation of(List<Access> group, Access at) {
    return new Explanation(group, at).violation();
  }

  private Violation violation() {
    for (Map.Entry<String, @Nullable Object> expected : at.expects().entrySet()) {
      Optional<Violation> found = unwritten(expected.getKey(), expected.getValue());
      if (found.isPresent()) {
        return found.get();
      }
    }
    for (Map.Entry<String, @Nullable Object> expected : at.expects().entrySet()) {
      String key = expected.getKey();
      Optional<Violation> found =
          stale(key, expected.getValue())
              .or(() -> sameExpectation(key, expected.getValue()))
              .or(() -> cameBack(key, expected.getValue()));
      if (found.isPresent()) {
        return found.get();
      }
    }
    return new Violation(
        at.expects().size() > 1 ? "scan of two moments" : "not linearizable",
        sentence(at)
            + ". Until the event before its end the answers have an order, with it they have none. "
            + "Around it: "
            + String.join("; ", around().stream().map(Explanation::sentence).toList()),
        Operation.events(
            java.util.stream.Stream.concat(java.util.stream.Stream.of(at), around().stream())
                .map(Access::operation)
                .toList()));
  }

  private List<Access> around() {
    return all.stream()
        .filter(a ->
            !a.operation().equals(op)
                && a.operation().possible()
                && a.operation().finish() >= op.start() - 20
                && a.operation().start() <= op.finish())
        .limit(12)
        .toList();
  }

  /// A value that nobody wrote, or whose write failed, or began later.
  private Optional<Violation> unwritten(String key, @Nullable Object value) {
    if (value == null || setters(key, value).anyMatch(a -> a.operation().possible() && began(a))) {
      return Optional.empty();
    }
    Optional<Access> setter = setters(key, value).findFirst();
    if (setter.isEmpty()) {
      return Optional.of(
          violation(
              "unwritten value",
              sentence(at) + ", but nobody ever wrote " + value + " to " + key,
              at));
    }
    return Optional.of(
        setter.get().operation().possible()
            ? violation(
                "read from the future",
                sentence(at) + " before " + sentence(setter.get()),
                at,
                setter.get())
            : violation(
                "aborted read (G1a)",
                sentence(at) + ", though the write of it had failed: " + sentence(setter.get()),
                at,
                setter.get()));
  }

  private boolean began(Access access) {
    return access.operation().start() < op.finish();
  }

  private java.util.stream.Stream<Access> setters(String key, @Nullable Object value) {
    return all.stream()
        .filter(a -> a.sets().containsKey(key) && Objects.equals(a.sets().get(key), value));
  }

  /// A value that was overwritten, with acknowledgement, before the operation began.
  private Optional<Violation> stale(String key, @Nullable Object value) {
    List<Access> writers =
        setters(key, value).filter(a -> a.operation().possible() && began(a)).toList();
    return all.stream()
        .filter(w ->
            w.operation().ok()
                && w.operation().before(op)
                && w.sets().containsKey(key)
                && !Objects.equals(w.sets().get(key), value)
                && writers.stream().allMatch(v -> v.operation().before(w.operation())))
        .reduce((a, b) -> a.operation().start() >= b.operation().start() ? a : b)
        .map(newer -> stale(key, value, writers, newer));
  }

  private Violation stale(String key, @Nullable Object value, List<Access> writers, Access newer) {
    List<Access> involved = new ArrayList<>(List.of(newer, at));
    involved.addAll(writers);
    if (at.expects().size() > 1) {
      return staleScan(key, newer, involved);
    }
    boolean lost = value == null && writers.isEmpty();
    return violation(
        lost ? "lost write" : "stale read",
        sentence(at)
            + ", although that was overwritten and acknowledged before: "
            + sentence(newer)
            + (lost ? ", and nobody deleted it" : ""),
        involved.toArray(Access[]::new));
  }

  private Violation staleScan(String key, Access newer, List<Access> involved) {
    for (Map.Entry<String, @Nullable Object> other : at.expects().entrySet()) {
      Optional<Access> fresh =
          other.getValue() == null
              ? Optional.empty()
              : setters(other.getKey(), other.getValue())
                  .filter(a -> newer.operation().before(a.operation()))
                  .findFirst();
      if (fresh.isPresent()) {
        involved.add(fresh.get());
        return violation(
            "scan of two moments",
            sentence(at)
                + ": it shows what was written later ("
                + sentence(fresh.get())
                + ") but not what was there before that ("
                + sentence(newer)
                + ")",
            involved.toArray(Access[]::new));
      }
    }
    return violation(
        "stale scan",
        sentence(at)
            + ": "
            + key
            + " was overwritten, and that was acknowledged, before it began: "
            + sentence(newer),
        involved.toArray(Access[]::new));
  }

  /// Two compare-and-sets that both found the one value that only one write ever set.
  private Optional<Violation> sameExpectation(String key, @Nullable Object value) {
    if (!at.sets().containsKey(key)
        || (value == null
            ? setters(key, null).findAny().isPresent()
            : setters(key, value).count() > 1)) {
      return Optional.empty();
    }
    return all.stream()
        .filter(a ->
            !a.operation().equals(op)
                && a.operation().ok()
                && a.expects().containsKey(key)
                && a.sets().containsKey(key)
                && Objects.equals(a.expects().get(key), value))
        .findFirst()
        .map(other ->
            violation(
                "lost update (dirty compare-and-set)",
                sentence(at)
                    + ", and so did "
                    + sentence(other)
                    + ": only one of them can have found that value",
                at,
                other));
  }

  /// A value that was seen, then another one, then the first again.
  private Optional<Violation> cameBack(String key, @Nullable Object value) {
    if (setters(key, value).count() > (value == null ? 0 : 1)) {
      return Optional.empty();
    }
    Optional<Access> writer = setters(key, value).findFirst();
    return all.stream()
        .filter(y ->
            y.operation().ok()
                && y.operation().before(op)
                && y.expects().containsKey(key)
                && !Objects.equals(y.expects().get(key), value)
                && (writer.isEmpty()
                    || writer.get().operation().before(y.operation())
                    || seenBefore(key, value, y)))
        .reduce((_, last) -> last)
        .map(between ->
            violation(
                at.expects().size() > 1 ? "stale scan" : "stale read",
                sentence(at)
                    + ", although a newer value had been seen before it began: "
                    + sentence(between),
                at,
                between));
  }

  private boolean seenBefore(String key, @Nullable Object value, Access y) {
    return all.stream()
        .anyMatch(z ->
            z.operation().ok()
                && z.operation().before(y.operation())
                && z.expects().containsKey(key)
                && Objects.equals(z.expects().get(key), value));
  }

  private static Violation violation(String anomaly, String words, Access... involved) {
    return new Violation(
        anomaly,
        words,
        Operation.events(java.util.Arrays.stream(involved).map(Access::operation).toList()));
  }

  /// What an operation did: `process 3 (events 17 to 21) read 5 from k1`.
  static String sentence(Access access) {
    Operation op = access.operation();
    String who =
        "process " + op.invoke().process() + op.where().replaceFirst("^.*?, (.*)$", " ($1)");
    if (access.expects().size() > 1) {
      return who + " saw " + access.expects();
    }
    if (access.expects().isEmpty()) {
      Map.Entry<String, @Nullable Object> set = access.sets().entrySet().iterator().next();
      return who
          + (set.getValue() == null
              ? " deleted " + set.getKey()
              : " wrote " + set.getValue() + " to " + set.getKey());
    }
    Map.Entry<String, @Nullable Object> expected = access.expects().entrySet().iterator().next();
    String value = expected.getValue() == null ? "absent" : expected.getValue().toString();
    return who
        + (access.sets().isEmpty()
            ? " read " + value + " from " + expected.getKey()
            : " changed "
                + expected.getKey()
                + " from "
                + value
                + " to "
                + access.sets().get(expected.getKey()));
  }
}
