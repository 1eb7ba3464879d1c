package org.ferrisdb.client;

import java.util.List;
import java.util.Optional;

/**
 * What the cluster consists of, as one of its nodes knew it a moment ago.
 *
 * @param clusterId the cluster's identity
 * @param mapVersion version of the shard map
 * @param shards in key order
 * @param nodes all that are known
 * @param metaLeader id of the node that leads the group of the shard map and the oracle, if known
 */
public record ClusterInfo(
    String clusterId,
    long mapVersion,
    List<Shard> shards,
    List<Node> nodes,
    Optional<String> metaLeader) {
  /** Takes copies of the lists. */
  public ClusterInfo {
    shards = List.copyOf(shards);
    nodes = List.copyOf(nodes);
  }

  /**
   * One shard: a range of keys, kept by several nodes, one of which leads.
   *
   * @param id its number
   * @param epoch version of its descriptor
   * @param range the keys it holds
   * @param replicas ids of the nodes that keep it
   * @param leader id of the node that leads it, if known
   */
  public record Shard(
      long id, long epoch, KeyRange range, List<String> replicas, Optional<String> leader) {
    /** Takes a copy of the list. */
    public Shard {
      replicas = List.copyOf(replicas);
    }
  }

  /**
   * One node.
   *
   * @param id its identity
   * @param name its short name, like n1
   * @param address host:port for clients
   * @param httpAddress host:port of metrics and health; empty if there is none
   * @param state up or gone
   */
  public record Node(String id, String name, String address, String httpAddress, String state) {}

  /**
   * What one node says of itself.
   *
   * @param node which
   * @param json its status as JSON text; nothing if it did not answer
   * @param problem why it did not answer
   */
  public record NodeStatus(Node node, Optional<String> json, Optional<String> problem) {}
}
