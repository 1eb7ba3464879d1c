package org.ferrisdb.node.cli.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who took over what, in words. Pure. */
final class LeaderChanges {
  /** More names than this are counted instead. */
  private static final int MAX_NAMES = 4;

  private record Move(String from, String to) {}

  private LeaderChanges() {}

  /**
   * One sentence for each pair of nodes between which leaderships moved.
   *
   * @param last by shard, the node that led it last
   * @param now by shard, the node that leads it now; empty: nobody, which is no change of leader
   */
  static List<String> between(Map<String, String> last, Map<String, String> now) {
    Map<Move, List<String>> moves = new LinkedHashMap<>();
    now.forEach((shard, leader) -> {
      String before = last.getOrDefault(shard, "");
      if (!leader.isEmpty() && !leader.equals(before)) {
        moves.computeIfAbsent(new Move(before, leader), m -> new ArrayList<>()).add(shard);
      }
    });
    List<String> sentences = new ArrayList<>();
    moves.forEach((move, shards) ->
        sentences.add(
            move.from().isEmpty()
                ? move.to() + " leads " + list(shards)
                : move.to() + " took over " + list(shards) + " from " + move.from()));
    return sentences;
  }

  /** {@code s1, s4 and meta}; {@code 9 shards and meta}; {@code no shard}. */
  static String list(List<String> groups) {
    List<String> shards = groups.stream().filter(g -> !g.equals("meta")).toList();
    List<String> items = new ArrayList<>();
    if (shards.size() > MAX_NAMES) {
      items.add(shards.size() + " shards");
    } else {
      items.addAll(shards);
    }
    if (shards.size() < groups.size()) {
      items.add("meta");
    }
    if (items.size() < 2) {
      return items.isEmpty() ? "no shard" : items.getFirst();
    }
    return String.join(", ", items.subList(0, items.size() - 1)) + " and " + items.getLast();
  }
}
