package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ferrisdb.integration.check.Cycles.Edge;
import org.ferrisdb.integration.check.Cycles.Kind;
import org.ferrisdb.integration.history.Event;

/// Whether transactions over lists are strictly serializable, as Elle decides it. A list that is
/// read tells the order of all appends to it; so for each two transactions it is known which came
/// before:
///
/// | edge | why |
/// |---|---|
/// | ww | the next element of a list is the other's |
/// | wr | the other read a list that ends with its element |
/// | rw | it read a list without the other's element |
/// | rt | it was over before the other began |
///
/// A cycle of them is an anomaly, named as by Adya: *G0* (only ww), *G1c* (ww and wr), *G-single*
/// (one rw: read skew; on one key *lost update*), *G2* (more than one rw: write skew), and each
/// with *-realtime* if an rt is needed, such as a stale read. Found without a graph: *G1a* (an
/// element whose append failed), *G1b* (the middle of a transaction), *dirty update* (an append to
/// a list with such an element), *internal* (not its own steps), *duplicate element*, *unwritten
/// value*, *incompatible order* (two lists neither of which begins the other).
///
/// A transaction of unknown outcome counts as one that happened once an element of it is read.
public final class AppendChecker implements Checker {
  private record Search(String name, Set<Kind> kinds, boolean oneRw) {}

  private static final Set<Kind> WRITES = EnumSet.of(Kind.WW);
  private static final Set<Kind> SEEN = EnumSet.of(Kind.WW, Kind.WR);
  private static final Set<Kind> ALL = EnumSet.of(Kind.WW, Kind.WR, Kind.RW);

  /// The worst first; what is a knot of a worse kind is not reported again.
  private static final List<Search> SEARCHES =
      List.of(
          new Search("G0", WRITES, false),
          new Search("G1c", SEEN, false),
          new Search("G-single", ALL, true),
          new Search("G2", ALL, false),
          new Search("G0-realtime", withRealTime(WRITES), false),
          new Search("G1c-realtime", withRealTime(SEEN), false),
          new Search("G-single-realtime", withRealTime(ALL), true),
          new Search("G2-realtime", withRealTime(ALL), false));

  private static Set<Kind> withRealTime(Set<Kind> kinds) {
    Set<Kind> more = EnumSet.copyOf(kinds);
    more.add(Kind.RT);
    return more;
  }

  @Override
  public String name() {
    return "append";
  }

  @Override
  public Verdict check(List<Event> events) {
    List<Transaction> transactions =
        Operation.of(events, "txn").stream().map(Transaction::of).toList();
    AppendHistory history = new AppendHistory(transactions);
    List<Violation> violations = new ArrayList<>(history.violations());
    Cycles graph = history.graph();
    Set<Integer> reported = new HashSet<>();
    for (Search search : SEARCHES) {
      for (int[] knot : graph.knots(search.kinds())) {
        if (violations.size() < LinearJudge.MOST_VIOLATIONS && unreported(knot, reported)) {
          List<Edge> cycle = graph.shortest(knot, search.kinds(), search.oneRw() ? Kind.RW : null);
          if (!cycle.isEmpty()) {
            for (int node : knot) {
              reported.add(node);
            }
            violations.add(violation(search, cycle, transactions));
          }
        }
      }
    }
    return violations.isEmpty()
        ? new Verdict.Right(transactions.size())
        : new Verdict.Wrong(violations);
  }

  private static boolean unreported(int[] knot, Set<Integer> reported) {
    for (int node : knot) {
      if (reported.contains(node)) {
        return false;
      }
    }
    return true;
  }

  private static Violation violation(Search search, List<Edge> cycle, List<Transaction> all) {
    List<Operation> operations = cycle.stream().map(e -> all.get(e.from()).operation()).toList();
    StringBuilder words =
        new StringBuilder("no order of these transactions explains what they read: ");
    for (int i = 0; i < cycle.size(); i++) {
      Edge edge = cycle.get(i);
      String from = "T" + (i + 1);
      String to = "T" + ((i + 1) % cycle.size() + 1);
      words.append(i == 0 ? "" : "; ").append(from).append(" came before ").append(to).append(", ");
      words.append(reason(edge, from, to));
    }
    for (int i = 0; i < operations.size(); i++) {
      words.append(i == 0 ? ". Here " : ", ").append('T').append(i + 1).append(" is ");
      words.append(all.get(cycle.get(i).from()).where());
    }
    return new Violation(
        lostUpdate(cycle) ? "lost update (" + search.name() + ")" : search.name(),
        words.toString(),
        Operation.events(operations));
  }

  /// Both read the same list and appended to it.
  private static boolean lostUpdate(List<Edge> cycle) {
    return cycle.size() == 2
        && cycle.getFirst().key().equals(cycle.getLast().key())
        && EnumSet.of(cycle.getFirst().kind(), cycle.getLast().kind())
            .equals(EnumSet.of(Kind.WW, Kind.RW));
  }

  private static String reason(Edge edge, String from, String to) {
    return switch (edge.kind()) {
      case WW ->
          to
              + " appended "
              + edge.value()
              + " to "
              + edge.key()
              + " behind what "
              + from
              + " appended";
      case WR ->
          to + " read " + edge.value() + " in " + edge.key() + ", which " + from + " appended";
      case RW ->
          from + " read " + edge.key() + " without " + edge.value() + ", which " + to + " appended";
      case RT -> from + " was over before " + to + " began";
    };
  }
}
