package org.ferrisdb.integration.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A graph of "came before" between transactions, and its shortest cycles. Time and memory are
/// linear in the graph; only the search for a short cycle within a knot of transactions is bounded
/// by [#MAX_STEPS].
final class Cycles {
  /// Edges looked at for one cycle at most: a knot of thousands of transactions, as after a great
  /// loss, needs no shortest of all cycles.
  private static final long MAX_STEPS = 5_000_000;

  /// Why one came before the other.
  enum Kind {
    /// The second wrote over, or after, the first.
    WW,
    /// The second read what the first wrote.
    WR,
    /// The first did not yet see what the second wrote.
    RW,
    /// The first was over before the second began.
    RT
  }

  /// @param from which came before
  /// @param to which
  /// @param kind for what reason
  /// @param key of what
  /// @param value that was written; null for real time
  record Edge(int from, int to, Kind kind, String key, @Nullable Object value) {}

  private final List<List<Edge>> out = new ArrayList<>();

  /// @param nodes 0 to nodes - 1
  Cycles(int nodes) {
    for (int i = 0; i < nodes; i++) {
      out.add(new ArrayList<>(4));
    }
  }

  void add(Edge edge) {
    if (edge.from() != edge.to()) {
      out.get(edge.from()).add(edge);
    }
  }

  /// Knots: sets of nodes each of which reaches all others by edges of these kinds. Tarjan's
  /// algorithm, without recursion.
  List<int[]> knots(Set<Kind> kinds) {
    return new Tarjan(EnumSet.copyOf(kinds)).run();
  }

  private final class Tarjan {
    private final Set<Kind> kinds;
    private final int[] index = new int[out.size()];
    private final int[] low = new int[out.size()];
    private final int[] position = new int[out.size()];
    private final boolean[] onStack = new boolean[out.size()];
    private final Deque<Integer> stack = new ArrayDeque<>();
    private final Deque<Integer> path = new ArrayDeque<>();
    private final List<int[]> knots = new ArrayList<>();
    private int next = 1;

    Tarjan(Set<Kind> kinds) {
      this.kinds = kinds;
    }

    List<int[]> run() {
      for (int root = 0; root < out.size(); root++) {
        if (index[root] == 0) {
          enter(root);
          while (!path.isEmpty()) {
            step(path.peek());
          }
        }
      }
      return knots;
    }

    private void enter(int node) {
      index[node] = next;
      low[node] = next++;
      stack.push(node);
      onStack[node] = true;
      path.push(node);
    }

    private void step(int node) {
      List<Edge> edges = out.get(node);
      while (position[node] < edges.size()) {
        Edge edge = edges.get(position[node]++);
        if (!kinds.contains(edge.kind())) {
          continue;
        }
        if (index[edge.to()] == 0) {
          enter(edge.to());
          return;
        }
        if (onStack[edge.to()]) {
          low[node] = Math.min(low[node], index[edge.to()]);
        }
      }
      path.pop();
      if (!path.isEmpty()) {
        low[path.peek()] = Math.min(low[path.peek()], low[node]);
      }
      if (low[node] == index[node]) {
        leave(node);
      }
    }

    private void leave(int node) {
      List<Integer> knot = new ArrayList<>();
      int member;
      do {
        member = stack.pop();
        onStack[member] = false;
        knot.add(member);
      } while (member != node);
      if (knot.size() > 1) {
        int[] nodes = knot.stream().mapToInt(i -> i).toArray();
        Arrays.sort(nodes);
        knots.add(nodes);
      }
    }
  }

  /// The shortest cycle in a knot that was found in time.
  ///
  /// @param kinds of its edges
  /// @param first the kind of one edge, of which the others may not be; null if it does not matter
  /// @return its edges in order; empty if there is none
  List<Edge> shortest(int[] knot, Set<Kind> kinds, @Nullable Kind first) {
    boolean[] inKnot = new boolean[out.size()];
    for (int node : knot) {
      inKnot[node] = true;
    }
    Set<Kind> rest = EnumSet.copyOf(kinds);
    if (first != null) {
      rest.remove(first);
    }
    List<Edge> best = List.of();
    Bfs bfs = new Bfs(inKnot, rest);
    for (int node : knot) {
      for (Edge edge : out.get(node)) {
        boolean starts = first == null ? kinds.contains(edge.kind()) : edge.kind() == first;
        if (!starts || !inKnot[edge.to()]) {
          continue;
        }
        if ((bfs.steps > MAX_STEPS && !best.isEmpty()) || bfs.steps > 4 * MAX_STEPS) {
          return best;
        }
        int shorterThan = best.isEmpty() ? Integer.MAX_VALUE : best.size() - 1;
        List<Edge> back = bfs.path(edge.to(), edge.from(), shorterThan);
        if (!back.isEmpty()) {
          List<Edge> cycle = new ArrayList<>(List.of(edge));
          cycle.addAll(back);
          best = cycle;
          if (best.size() == 2) {
            return best;
          }
        }
      }
    }
    return best;
  }

  private final class Bfs {
    private final boolean[] inKnot;
    private final Set<Kind> kinds;
    private final @Nullable Edge[] cameBy = new @Nullable Edge[out.size()];
    private final int[] distance = new int[out.size()];
    private final List<Integer> touched = new ArrayList<>();
    private long steps;

    Bfs(boolean[] inKnot, Set<Kind> kinds) {
      this.inKnot = inKnot;
      this.kinds = kinds;
    }

    /// A shortest path with fewer edges than so many; empty if there is none.
    List<Edge> path(int from, int to, int shorterThan) {
      touched.forEach(i -> cameBy[i] = null);
      touched.clear();
      Deque<Integer> queue = new ArrayDeque<>(List.of(from));
      distance[from] = 0;
      while (!queue.isEmpty()) {
        int node = queue.remove();
        if (distance[node] + 1 >= shorterThan) {
          return List.of();
        }
        for (Edge edge : out.get(node)) {
          steps++;
          int next = edge.to();
          if (!inKnot[next]
              || next == from
              || cameBy[next] != null
              || !kinds.contains(edge.kind())) {
            continue;
          }
          cameBy[next] = edge;
          touched.add(next);
          distance[next] = distance[node] + 1;
          if (next == to) {
            return back(from, to);
          }
          queue.add(next);
        }
      }
      return List.of();
    }

    private List<Edge> back(int from, int to) {
      List<Edge> path = new ArrayList<>();
      int node = to;
      while (node != from) {
        Edge edge = cameBy[node];
        if (edge == null) {
          throw new AssertionError("a path without its edge");
        }
        path.add(edge);
        node = edge.from();
      }
      Collections.reverse(path);
      return path;
    }
  }
}
