package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.Fault;
import org.ferrisdb.integration.cluster.Network.Direction;
import org.ferrisdb.integration.history.History;

/** What all kinds of faults have in common: a name, what they need, and how they are logged. */
abstract class FaultNemesis implements Nemesis {
  /** For leaderships that are handed over to arrive, if they do. */
  private static final Duration GATHERING = Duration.ofSeconds(2);

  private final String name;
  private final int leastNodes;
  private final List<Fault> needs;

  FaultNemesis(String name, Fault... needs) {
    this(name, 3, needs);
  }

  FaultNemesis(String name, int leastNodes, Fault... needs) {
    this.name = name;
    this.leastNodes = leastNodes;
    this.needs = List.of(needs);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public Optional<String> unsupported(Cluster cluster) {
    if (cluster.nodes().size() < leastNodes) {
      return Optional.of(
          "needs "
              + leastNodes
              + " nodes, and there are "
              + cluster.nodes().size()
              + ": start the cluster with as many");
    }
    return needs.stream().flatMap(f -> cluster.unsupported(f).stream()).findFirst();
  }

  @Override
  public final void strike(Cluster cluster, Random random, History history) {
    unsupported(cluster)
        .ifPresent(why -> {
          throw new UnsupportedOperationException(name + ": " + why);
        });
    log(cluster, history, "begin", Map.of());
    inject(cluster, random, history);
  }

  @Override
  public final void heal(Cluster cluster, History history) {
    undo(cluster, history);
    log(cluster, history, "end", Map.of());
  }

  /** The fault itself; calls {@link #effect} once or more. */
  abstract void inject(Cluster cluster, Random random, History history);

  /** Ends it. */
  abstract void undo(Cluster cluster, History history);

  /** Logs what was done. */
  final void effect(Cluster cluster, History history, Map<String, Object> details) {
    log(cluster, history, "effect", details);
  }

  final void log(Cluster cluster, History history, String phase, Map<String, Object> details) {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("phase", phase);
    details.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> value.put(e.getKey(), e.getValue()));
    value.put("down", List.copyOf(cluster.down()));
    value.put(
        "impaired", cluster.nodes().stream().filter(n -> cluster.disk(n).isImpaired()).toList());
    value.put("cut", cluster.network().cuts().stream().map(Direction::toString).sorted().toList());
    history.nemesis(name, value);
  }

  // ---- victims ---------------------------------------------------------------------------------

  /** One of them. */
  static <T> T one(List<T> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }

  /** The nodes in an order of chance. */
  static List<String> shuffled(Cluster cluster, Random random) {
    List<String> nodes = new ArrayList<>(cluster.nodes());
    java.util.Collections.shuffle(nodes, random);
    return nodes;
  }

  /**
   * The leader of a shard chosen by chance, meta as likely as all others together; any node where
   * nobody leads.
   */
  static Leader leader(Cluster cluster, Random random) {
    List<Long> shards = cluster.shards();
    long shard = random.nextBoolean() ? 0 : one(shards, random);
    String any = one(cluster.nodes(), random);
    return new Leader(shard, cluster.leaderOf(shard).orElse(any));
  }

  /** Moves the leaderships of these shards to one node; tells those that it has then. */
  static List<Long> gatherLeaderships(Cluster cluster, List<Long> shards, String node) {
    for (long shard : shards) {
      if (!leads(cluster, node, shard)) {
        boolean _ = cluster.transferLeadership(shard, node);
      }
    }
    boolean _ =
        Waiting.until(
            GATHERING, () -> shards.stream().allMatch(shard -> leads(cluster, node, shard)));
    return shards.stream().filter(shard -> leads(cluster, node, shard)).toList();
  }

  private static boolean leads(Cluster cluster, String node, long shard) {
    return cluster.leaderOf(shard).equals(Optional.of(node));
  }

  /**
   * Who leads.
   *
   * @param shard what; 0: meta
   * @param node the leader
   */
  record Leader(long shard, String node) {
    Map<String, Object> details() {
      return Map.of("nodes", List.of(node), "shard", shard);
    }
  }
}
