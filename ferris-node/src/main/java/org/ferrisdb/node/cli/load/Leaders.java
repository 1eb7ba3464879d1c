package org.ferrisdb.node.cli.load;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterPicture.Node;
import org.ferrisdb.node.health.ClusterPicture.Shard;

/** Questions about who leads. Pure. */
final class Leaders {
  private Leaders() {}

  /** The node that leads most shards (meta not counted); of equals the first by name. */
  static Optional<String> busiest(ClusterPicture picture) {
    return picture.nodes().stream()
        .filter(Node::up)
        .max(
            Comparator.<Node>comparingLong(n -> shards(n.name(), picture))
                .thenComparing(Comparator.comparing(Node::name).reversed()))
        .filter(n -> shards(n.name(), picture) > 0)
        .map(Node::name);
  }

  /** How many shards a node leads, meta not counted. */
  static long shards(String node, ClusterPicture picture) {
    return picture.shards().stream()
        .filter(s -> s.id() != 0 && s.leader().filter(node::equals).isPresent())
        .count();
  }

  /** Who leads the meta group. */
  static Optional<String> meta(ClusterPicture picture) {
    return picture.shards().stream().filter(s -> s.id() == 0).findAny().flatMap(Shard::leader);
  }

  /** {@code n1:2 n2:1 n3:down}. */
  static String words(ClusterPicture picture) {
    return picture.nodes().stream()
        .map(n -> n.name() + ":" + (n.up() ? shards(n.name(), picture) : "down"))
        .collect(Collectors.joining(" "));
  }
}
