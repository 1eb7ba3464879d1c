package org.ferrisdb.node.health;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one address answered.
 *
 * @param address host:port that was asked
 * @param problem why there is no answer, a few words; empty if there is one
 * @param nodeId who answered; empty without an answer
 * @param nodeName its name
 * @param clusterId empty if it belongs to no cluster
 * @param mapVersion version of its shard map
 * @param members nodes it knows of
 * @param shards shards it knows of, the meta group (id 0) among them
 * @param leads by shard, the term in which this node says that it leads it
 * @param failures by shard, why its own replica serves nothing
 * @param behind by shard that it leads, the ids of the nodes whose replicas have to fetch a
 *     checkpoint first
 * @param replicas shards of which it says that it has a replica, broken or not; nothing if it does
 *     not say
 * @param status its own status, JSON as {@code /status} tells it; empty if unknown
 */
public record NodeAnswer(
    String address,
    String problem,
    String nodeId,
    String nodeName,
    String clusterId,
    long mapVersion,
    List<Member> members,
    List<ShardEntry> shards,
    Map<Long, Long> leads,
    Map<Long, String> failures,
    Map<Long, Set<String>> behind,
    Optional<Set<Long>> replicas,
    String status) {
  /** Copies. */
  public NodeAnswer {
    members = List.copyOf(members);
    shards = List.copyOf(shards);
    leads = Map.copyOf(leads);
    failures = Map.copyOf(failures);
    behind = Map.copyOf(behind);
    replicas = replicas.map(Set::copyOf);
  }

  /** An answer without the node's status. */
  public NodeAnswer(
      String address,
      String problem,
      String nodeId,
      String nodeName,
      String clusterId,
      long mapVersion,
      List<Member> members,
      List<ShardEntry> shards,
      Map<Long, Long> leads,
      Map<Long, String> failures) {
    this(
        address,
        problem,
        nodeId,
        nodeName,
        clusterId,
        mapVersion,
        members,
        shards,
        leads,
        failures,
        Map.of(),
        Optional.empty(),
        "");
  }

  /** No answer. */
  public static NodeAnswer none(String address, String problem) {
    return new NodeAnswer(
        address, problem, "", "", "", 0, List.of(), List.of(), Map.of(), Map.of());
  }

  /** Whether there is an answer. */
  public boolean answered() {
    return problem.isEmpty();
  }

  /**
   * Why its replica of a shard that belongs there does not count; empty if it does, or if that is
   * unknown. A node that has just started may know neither its replicas nor the map that says what
   * belongs there.
   */
  String problemOf(long shard) {
    String failure = failures.get(shard);
    if (failure != null) {
      return failure;
    }
    return replicas.isEmpty() || replicas.get().contains(shard) ? "" : "not opened yet";
  }

  /** A node by hearsay. {@code gone}: replaced or removed. */
  public record Member(
      String id, String name, String clientAddress, String httpAddress, boolean gone) {}

  /** A shard by hearsay; keys are escaped for reading. */
  public record ShardEntry(
      long id, long epoch, String start, String end, List<String> replicaNodeIds) {
    /** Copies. */
    public ShardEntry {
      replicaNodeIds = List.copyOf(replicaNodeIds);
    }
  }
}
