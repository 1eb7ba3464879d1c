package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ferrisdb.integration.check.Cycles.Edge;
import org.ferrisdb.integration.check.Cycles.Kind;
import org.ferrisdb.integration.check.Transaction.Step;
import org.jspecify.annotations.Nullable;

/// What transactions over lists tell of each other: anomalies that are visible in a single read,
/// and the graph of who came before whom.
final class AppendHistory {
  /// An append: whose, and whether it is the last one of that transaction to the list.
  private record Append(int transaction, boolean last) {}

  /// A read of a list as others left it: without the transaction's own appends.
  private record Read(int transaction, List<?> list) {}

  /// What is known of one list.
  private static final class Appends {
    final Map<Object, Append> byElement = new LinkedHashMap<>();
    final List<Read> reads = new ArrayList<>();
    List<?> longest = List.of();
    int longestReader = -1;
  }

  private final List<Transaction> transactions;
  private final Map<String, Appends> lists = new LinkedHashMap<>();
  private final List<Violation> violations = new ArrayList<>();

  /// Transactions of unknown outcome of which an element was read.
  private final Set<Integer> observed = new HashSet<>();

  AppendHistory(List<Transaction> transactions) {
    this.transactions = transactions;
    for (int t = 0; t < transactions.size(); t++) {
      appends(t);
    }
    for (int t = 0; t < transactions.size(); t++) {
      if (transactions.get(t).operation().ok()) {
        reads(t);
      }
    }
    lists.forEach(this::order);
  }

  List<Violation> violations() {
    return violations.stream().limit(LinearJudge.MOST_VIOLATIONS).toList();
  }

  private Appends list(String key) {
    return lists.computeIfAbsent(key, _ -> new Appends());
  }

  private void appends(int t) {
    Map<String, Object> lasts = new HashMap<>();
    for (Step step : transactions.get(t).steps()) {
      Object element = step.append();
      if (element == null) {
        continue;
      }
      Append before = list(step.key()).byElement.put(element, new Append(t, true));
      if (before != null) {
        throw new IllegalArgumentException(
            element + " is appended twice to " + step.key() + ": elements must be unique");
      }
      Object last = lasts.put(step.key(), element);
      if (last != null) {
        list(step.key()).byElement.put(last, new Append(t, false));
      }
    }
  }

  /// The reads of a committed transaction, checked against its own steps.
  private void reads(int t) {
    Map<String, List<Object>> own = new HashMap<>();
    Map<String, List<?>> known = new HashMap<>();
    for (Step step : transactions.get(t).steps()) {
      List<Object> mine = own.computeIfAbsent(step.key(), _ -> new ArrayList<>());
      if (step.append() != null) {
        mine.add(step.append());
        continue;
      }
      List<?> read = step.read();
      if (read == null) {
        continue;
      }
      int others = read.size() - mine.size();
      List<?> before = known.get(step.key());
      if (others < 0
          || !read.subList(others, read.size()).equals(mine)
          || (before != null && !read.subList(0, others).equals(before))) {
        add(
            "internal",
            t,
            "read "
                + step.key()
                + " as "
                + read
                + ", though it had itself appended "
                + mine
                + (before == null ? "" : " and read " + before + " from others"),
            t);
        continue;
      }
      known.put(step.key(), read.subList(0, others));
      read(t, step.key(), read.subList(0, others));
    }
  }

  private void read(int t, String key, List<?> read) {
    Appends list = list(key);
    list.reads.add(new Read(t, read));
    Set<Object> seen = new HashSet<>();
    Append previous = null;
    for (int i = 0; i < read.size(); i++) {
      Object element = read.get(i);
      if (!seen.add(element)) {
        add("duplicate element", t, "read " + key + " as " + read + ": " + element + " twice", t);
        list.reads.removeLast();
        return;
      }
      Append append = list.byElement.get(element);
      if (append == null) {
        add("unwritten value", t, "read " + element + " in " + key + ", which nobody appended", t);
        list.reads.removeLast();
        return;
      }
      origin(t, key, element, append, previous);
      previous = append;
    }
    if (previous != null && !previous.last() && previous.transaction() != t) {
      add(
          "G1b",
          t,
          "read "
              + read.getLast()
              + " as the last element of "
              + key
              + ", but that is only the middle of "
              + transactions.get(previous.transaction()).where()
              + ", which appended more to it",
          t,
          previous.transaction());
    }
    if (read.size() > list.longest.size() || list.longestReader < 0) {
      list.longest = read;
      list.longestReader = t;
    }
  }

  private final Set<Object> aborted = new HashSet<>();

  private void origin(int t, String key, Object element, Append append, @Nullable Append previous) {
    Operation writer = transactions.get(append.transaction()).operation();
    if (!writer.possible()) {
      add(
          "G1a",
          t,
          "read "
              + element
              + " in "
              + key
              + ", whose append had failed ("
              + transactions.get(append.transaction()).where()
              + ")",
          t,
          append.transaction());
      return;
    }
    if (!writer.ok()) {
      observed.add(append.transaction());
    }
    if (previous != null
        && !transactions.get(previous.transaction()).operation().possible()
        && aborted.add(element)) {
      add(
          "dirty update",
          append.transaction(),
          "appended "
              + element
              + " to "
              + key
              + " behind an element of "
              + transactions.get(previous.transaction()).where()
              + ", which had failed",
          append.transaction(),
          previous.transaction());
    }
  }

  /// All lists that were read must begin the longest one.
  private void order(String key, Appends list) {
    for (Read read : List.copyOf(list.reads)) {
      if (!list.longest
          .subList(0, Math.min(read.list().size(), list.longest.size()))
          .equals(read.list())) {
        list.reads.remove(read);
        add(
            "incompatible order",
            read.transaction(),
            "read "
                + key
                + " as "
                + read.list()
                + ", but "
                + transactions.get(list.longestReader).where()
                + " read "
                + list.longest
                + ": neither begins the other",
            read.transaction(),
            list.longestReader);
      }
    }
  }

  private void add(String anomaly, int t, String words, int... involved) {
    List<Operation> operations = new ArrayList<>();
    for (int i : involved) {
      operations.add(transactions.get(i).operation());
    }
    violations.add(
        new Violation(
            anomaly, transactions.get(t).where() + " " + words, Operation.events(operations)));
  }

  /// Who came before whom.
  Cycles graph() {
    Cycles graph = new Cycles(transactions.size());
    lists.forEach((key, list) -> edges(graph, key, list));
    realTime(graph);
    return graph;
  }

  private boolean happened(int t) {
    return transactions.get(t).operation().ok() || observed.contains(t);
  }

  private void edges(Cycles graph, String key, Appends list) {
    List<?> order = list.longest;
    for (int i = 1; i < order.size(); i++) {
      edge(
          graph,
          writer(list, order.get(i - 1)),
          writer(list, order.get(i)),
          Kind.WW,
          key,
          order.get(i));
    }
    Set<Object> placed = new HashSet<>(order);
    List<Object> later =
        new ArrayList<>(); // acknowledged, and not in the longest list: so behind it
    list.byElement.forEach((element, append) -> {
      if (!placed.contains(element) && transactions.get(append.transaction()).operation().ok()) {
        later.add(element);
      }
    });
    for (Object element : later) {
      if (!order.isEmpty()) {
        edge(graph, writer(list, order.getLast()), writer(list, element), Kind.WW, key, element);
      }
    }
    for (Read read : list.reads) {
      int size = read.list().size();
      if (size > 0) {
        Object last = order.get(size - 1);
        edge(graph, writer(list, last), read.transaction(), Kind.WR, key, last);
      }
      if (size < order.size()) {
        Object next = order.get(size);
        edge(graph, read.transaction(), writer(list, next), Kind.RW, key, next);
      } else {
        later.forEach(e -> edge(graph, read.transaction(), writer(list, e), Kind.RW, key, e));
      }
    }
  }

  private static int writer(Appends list, Object element) {
    Append append = list.byElement.get(element);
    return append == null ? -1 : append.transaction();
  }

  private void edge(Cycles graph, int from, int to, Kind kind, String key, Object value) {
    if (from >= 0 && to >= 0 && from != to && happened(from) && happened(to)) {
      graph.add(new Edge(from, to, kind, key, value));
    }
  }

  /// Real time, without what follows from the rest: each transaction comes behind those that were
  /// over before it, of these only the ones that no third lies between.
  private void realTime(Cycles graph) {
    List<Integer> byEnd = new ArrayList<>();
    for (int t = 0; t < transactions.size(); t++) {
      if (transactions.get(t).operation().ok()) {
        byEnd.add(t);
      }
    }
    byEnd.sort(Comparator.comparingLong(t -> transactions.get(t).operation().finish()));
    List<Integer> frontier = new ArrayList<>();
    int next = 0;
    for (int t = 0; t < transactions.size(); t++) {
      if (!happened(t)) {
        continue;
      }
      Operation begun = transactions.get(t).operation();
      for (; next < byEnd.size(); next++) {
        Operation over = transactions.get(byEnd.get(next)).operation();
        if (!over.before(begun)) {
          break;
        }
        frontier.removeIf(f -> transactions.get(f).operation().before(over));
        frontier.add(byEnd.get(next));
      }
      for (int before : frontier) {
        graph.add(new Edge(before, t, Kind.RT, "", null));
      }
    }
  }
}
