package org.ferrisdb.node.cli.demo;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.node.cli.demo.DemoState.Shard;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * A strip for each node, all of the same shards one below the other: filled where the node leads.
 * With room a shard has a column with its name, with less a column, with even less it is only
 * counted. Pure.
 */
final class ShardStrip {
  private final List<Shard> shards;
  private final int width;
  private final List<Integer> widths;
  private final boolean unicode;

  private ShardStrip(List<Shard> shards, int width, List<Integer> widths, boolean unicode) {
    this.shards = shards;
    this.width = width;
    this.widths = widths;
    this.unicode = unicode;
  }

  /** The strips of a picture, at most this wide. */
  static ShardStrip of(List<Shard> shards, int width, boolean unicode) {
    List<Integer> named = shards.stream().map(s -> Math.max(2, s.name().length()) + 1).toList();
    if (sum(named) <= width) {
      return new ShardStrip(shards, width, named, unicode);
    }
    List<Integer> single = shards.stream().map(s -> 1).toList();
    return new ShardStrip(shards, width, shards.size() <= width ? single : List.of(), unicode);
  }

  private static int sum(List<Integer> widths) {
    return widths.stream().mapToInt(w -> w).sum();
  }

  private boolean named() {
    return !widths.isEmpty() && widths.getFirst() > 1;
  }

  /** What stands above the strips. */
  String header() {
    if (!named()) {
      String text = shards.isEmpty() ? "" : "LEADS (of " + shards.size() + ")";
      return text.length() <= width ? text : "";
    }
    StringBuilder header = new StringBuilder();
    for (int i = 0; i < shards.size(); i++) {
      String name = shards.get(i).name();
      header.append(name).append(" ".repeat(widths.get(i) - name.length()));
    }
    return header.toString();
  }

  /**
   * Appends a node's strip.
   *
   * @param leader the node; empty for the shards that have no leader
   */
  void row(String leader, AttributedStyle full, AttributedStyle empty, AttributedStringBuilder to) {
    List<Boolean> leads = new ArrayList<>();
    shards.forEach(s -> leads.add(s.leader().equals(leader)));
    if (shards.isEmpty()) {
      return;
    }
    if (widths.isEmpty()) {
      to.styled(full, Long.toString(leads.stream().filter(l -> l).count()));
      return;
    }
    for (int i = 0; i < shards.size(); i++) {
      int cell = Math.max(1, widths.get(i) - 1);
      String text = leads.get(i) ? (unicode ? "█" : "#").repeat(cell) : unicode ? "·" : ".";
      to.styled(leads.get(i) ? full : empty, text);
      to.append(" ".repeat(widths.get(i) - text.length()));
    }
  }
}
