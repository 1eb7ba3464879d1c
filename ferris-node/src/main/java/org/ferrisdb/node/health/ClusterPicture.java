package org.ferrisdb.node.health;

import java.util.List;
import java.util.Optional;

/**
 * A cluster at an instant, as far as its nodes could be asked.
 *
 * @param clusterId empty if no node that answered belongs to a cluster
 * @param mapVersion version of the newest shard map seen
 * @param nodes sorted by name; those that left the cluster are not in it
 * @param shards sorted by id, the meta group (id 0) first
 */
public record ClusterPicture(
    String clusterId, long mapVersion, List<Node> nodes, List<Shard> shards) {
  /** Copies the lists. */
  public ClusterPicture {
    nodes = List.copyOf(nodes);
    shards = List.copyOf(shards);
  }

  /** What answers add up to. Pure. */
  public static ClusterPicture of(List<NodeAnswer> answers) {
    return PictureBuilder.build(answers);
  }

  /**
   * A node.
   *
   * @param id its identity; empty if unknown
   * @param name its name, or its address if the name is unknown
   * @param clientAddress host:port of its front door
   * @param httpAddress host:port of metrics and status; empty if unknown
   * @param problem why it does not count; empty if it is up
   */
  public record Node(
      String id, String name, String clientAddress, String httpAddress, String problem) {
    /** Whether it answered. */
    public boolean up() {
      return problem.isEmpty();
    }
  }

  /**
   * A shard, or the meta group.
   *
   * @param id 0 is the meta group
   * @param epoch version of its descriptor
   * @param start first key, escaped for reading; empty: the start of the key space
   * @param end first key after it, escaped; empty: the end
   * @param replicas where its replicas are
   * @param leader name of the node that says that it leads it
   */
  public record Shard(
      long id,
      long epoch,
      String start,
      String end,
      List<Replica> replicas,
      Optional<String> leader) {
    /** Copies the list. */
    public Shard {
      replicas = List.copyOf(replicas);
    }

    /** s1, s2, ... or meta. */
    public String name() {
      return id == 0 ? "meta" : "s" + id;
    }

    /** Replicas whose node is up, which report no failure and are not too far behind. */
    public int replicasUp() {
      return (int) replicas.stream().filter(r -> r.problem().isEmpty()).count();
    }

    /** Whether a majority of the replicas is up. */
    public boolean hasQuorum() {
      return replicasUp() > replicas.size() / 2;
    }
  }

  /**
   * A replica.
   *
   * @param node name of its node
   * @param problem why it does not count; empty if it does
   */
  public record Replica(String node, String problem) {}
}
