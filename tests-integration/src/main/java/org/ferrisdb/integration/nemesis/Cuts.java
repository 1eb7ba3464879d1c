package org.ferrisdb.integration.nemesis;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import org.ferrisdb.integration.cluster.Network.Direction;

/** The shapes of partitions: from nodes, in an order of chance, to the directions cut. Pure. */
final class Cuts {
  private Cuts() {}

  /** All directions between nodes of which this is true. */
  private static Set<Direction> where(List<String> nodes, BiPredicate<Integer, Integer> cut) {
    Set<Direction> cuts = new LinkedHashSet<>();
    for (int from = 0; from < nodes.size(); from++) {
      for (int to = 0; to < nodes.size(); to++) {
        if (from != to && cut.test(from, to)) {
          cuts.add(new Direction(nodes.get(from), nodes.get(to)));
        }
      }
    }
    return cuts;
  }

  /** A minority, as large as can be, and the rest. */
  static Set<Direction> halves(List<String> nodes) {
    int minority = (nodes.size() - 1) / 2;
    return where(nodes, (a, b) -> a < minority != b < minority);
  }

  /** The first and the rest. */
  static Set<Direction> one(List<String> nodes) {
    return where(nodes, (a, b) -> a == 0 || b == 0);
  }

  /** The first two do not hear each other; all the rest hears both. */
  static Set<Direction> link(List<String> nodes) {
    return where(nodes, (a, b) -> a < 2 && b < 2);
  }

  /**
   * Each hears its neighbours on a ring, as many as make a majority with itself; so everybody sees
   * a majority, and no two the same. For five nodes or more.
   */
  static Set<Direction> ring(List<String> nodes) {
    int n = nodes.size();
    int reach = (n / 2 + 1) / 2; // neighbours on either side
    return where(
        nodes,
        (a, b) -> {
          int distance = Math.abs(a - b);
          return Math.min(distance, n - distance) > reach;
        });
  }

  /** Two halves that do not see each other, and the first node, which sees both. Five or more. */
  static Set<Direction> bridge(List<String> nodes) {
    int half = (nodes.size() - 1) / 2;
    return where(nodes, (a, b) -> a != 0 && b != 0 && a <= half != b <= half);
  }

  /** The first hears nobody, but is heard. */
  static Set<Direction> deaf(List<String> nodes) {
    return where(nodes, (_, to) -> to == 0);
  }

  /** The first is not heard, but hears. */
  static Set<Direction> mute(List<String> nodes) {
    return where(nodes, (from, _) -> from == 0);
  }
}
