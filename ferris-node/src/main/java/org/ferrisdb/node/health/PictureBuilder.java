package org.ferrisdb.node.health;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ferrisdb.node.health.ClusterPicture.Node;
import org.ferrisdb.node.health.ClusterPicture.Replica;
import org.ferrisdb.node.health.ClusterPicture.Shard;
import org.ferrisdb.node.health.NodeAnswer.Member;
import org.ferrisdb.node.health.NodeAnswer.ShardEntry;

/** From answers to the picture. Pure. */
final class PictureBuilder {
  /** Its node is up; but if another one stops now, the shard waits until it has caught up. */
  private static final String FAR_BEHIND = "far behind, it has to fetch a checkpoint";

  private PictureBuilder() {}

  static ClusterPicture build(List<NodeAnswer> answers) {
    Optional<NodeAnswer> newest =
        answers.stream()
            .filter(a -> a.answered() && !a.clusterId().isEmpty())
            .max(Comparator.comparingLong(NodeAnswer::mapVersion));
    if (newest.isEmpty()) {
      return new ClusterPicture("", 0, unformedNodes(answers), List.of());
    }
    Map<String, NodeAnswer> byId = new HashMap<>();
    Map<String, NodeAnswer> byAddress = new HashMap<>();
    for (NodeAnswer a : answers) {
      byAddress.put(a.address(), a);
      if (a.answered()) {
        byId.put(a.nodeId(), a);
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Member m : newest.get().members()) {
      if (!m.gone()) {
        nodes.add(
            new Node(
                m.id(), m.name(), m.clientAddress(), m.httpAddress(), problem(m, byId, byAddress)));
      }
    }
    nodes.sort(Comparator.comparing(Node::name));
    List<Shard> shards = new ArrayList<>();
    for (ShardEntry s : newestShards(answers)) {
      shards.add(shard(s, newest.get().members(), nodes, byId));
    }
    shards.sort(Comparator.comparingLong(Shard::id));
    return new ClusterPicture(newest.get().clusterId(), newest.get().mapVersion(), nodes, shards);
  }

  private static List<Node> unformedNodes(List<NodeAnswer> answers) {
    return answers.stream()
        .map(a ->
            new Node(
                a.nodeId(),
                a.nodeName().isEmpty() ? a.address() : a.nodeName(),
                a.address(),
                "",
                a.problem()))
        .toList();
  }

  private static String problem(
      Member member, Map<String, NodeAnswer> byId, Map<String, NodeAnswer> byAddress) {
    if (byId.containsKey(member.id())) {
      return "";
    }
    NodeAnswer a = byAddress.get(member.clientAddress());
    if (a == null) {
      return "was not asked";
    }
    return a.answered() ? "another node (" + a.nodeName() + ") has its address" : a.problem();
  }

  /** Of each shard the newest descriptor that any node knows. */
  private static List<ShardEntry> newestShards(List<NodeAnswer> answers) {
    Map<Long, ShardEntry> newest = new HashMap<>();
    for (NodeAnswer a : answers) {
      for (ShardEntry s : a.shards()) {
        newest.merge(s.id(), s, (x, y) -> x.epoch() >= y.epoch() ? x : y);
      }
    }
    return List.copyOf(newest.values());
  }

  private static Shard shard(
      ShardEntry s, List<Member> members, List<Node> nodes, Map<String, NodeAnswer> byId) {
    Optional<NodeAnswer> leader = leader(s, byId);
    Set<String> behind =
        leader.map(l -> l.behind().getOrDefault(s.id(), Set.of())).orElse(Set.of());
    List<Replica> replicas = new ArrayList<>();
    for (String id : s.replicaNodeIds()) {
      String name = name(id, members);
      NodeAnswer answer = byId.get(id);
      if (answer == null) {
        String problem =
            nodes.stream()
                .filter(n -> n.id().equals(id))
                .map(Node::problem)
                .findAny()
                .orElse("its node was replaced");
        replicas.add(new Replica(name, problem));
        continue;
      }
      String problem = answer.problemOf(s.id());
      replicas.add(
          new Replica(name, problem.isEmpty() && behind.contains(id) ? FAR_BEHIND : problem));
    }
    replicas.sort(Comparator.comparing(Replica::node));
    return new Shard(
        s.id(),
        s.epoch(),
        s.start(),
        s.end(),
        replicas,
        leader.map(l -> name(l.nodeId(), members)));
  }

  /** A leader that was cut off may still believe in itself: the one of the newest term counts. */
  private static Optional<NodeAnswer> leader(ShardEntry s, Map<String, NodeAnswer> byId) {
    return byId.values().stream()
        .filter(a -> s.replicaNodeIds().contains(a.nodeId()) && a.leads().containsKey(s.id()))
        .max(Comparator.comparingLong(a -> a.leads().getOrDefault(s.id(), -1L)));
  }

  private static String name(String id, List<Member> members) {
    return members.stream().filter(m -> m.id().equals(id)).map(Member::name).findAny().orElse(id);
  }
}
