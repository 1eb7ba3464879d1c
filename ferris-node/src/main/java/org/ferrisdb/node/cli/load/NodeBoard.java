package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.ferrisdb.node.cli.demo.DemoState;
import org.ferrisdb.node.cli.demo.DemoState.Condition;

/**
 * What is the matter with each node, since when, and when a killed one is due back. Thread-safe.
 */
final class NodeBoard {
  private record Entry(Condition condition, long since) {}

  private final Map<String, Entry> nodes = new LinkedHashMap<>();
  private final Duration restartAfter;
  private final LongSupplier nanoTime;

  /**
   * All are starting.
   *
   * @param names in the order they are shown in
   * @param restartAfter how long a killed node stays down
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  NodeBoard(List<String> names, Duration restartAfter, LongSupplier nanoTime) {
    this.restartAfter = restartAfter;
    this.nanoTime = nanoTime;
    names.forEach(n -> set(n, Condition.STARTING));
  }

  synchronized void set(String node, Condition condition) {
    nodes.put(node, new Entry(condition, nanoTime.getAsLong()));
  }

  /** The nodes of which this is so. */
  synchronized List<String> in(Condition condition) {
    return nodes.entrySet().stream()
        .filter(e -> e.getValue().condition() == condition)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Killed nodes whose time has come. */
  synchronized List<String> due() {
    return in(Condition.KILLED).stream().filter(n -> back(n).isZero()).toList();
  }

  private Duration since(String node) {
    Entry entry = nodes.get(node);
    return Duration.ofNanos(entry == null ? 0 : nanoTime.getAsLong() - entry.since());
  }

  private Duration back(String node) {
    Duration left = restartAfter.minus(since(node));
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** What the screen shows. */
  synchronized List<DemoState.Node> rows() {
    List<DemoState.Node> rows = new ArrayList<>();
    nodes.forEach((name, entry) ->
        rows.add(new DemoState.Node(name, entry.condition(), since(name), back(name))));
    return rows;
  }
}
