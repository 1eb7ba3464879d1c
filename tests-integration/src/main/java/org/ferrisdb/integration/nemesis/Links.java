package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.Fault;
import org.ferrisdb.integration.cluster.Network;
import org.ferrisdb.integration.cluster.Network.Direction;
import org.ferrisdb.integration.history.History;

/** Faults of the network. Clients reach every node all the time, also one that is cut off. */
final class Links {
  private Links() {}

  /** Some directions between nodes are cut. */
  static final class Partition extends FaultNemesis {
    private final Function<List<String>, Set<Direction>> shape;

    /** {@code shape}: from the nodes, the most interesting one first, to what is cut. */
    Partition(String name, int leastNodes, Function<List<String>, Set<Direction>> shape) {
      super(name, leastNodes, Fault.CUT_LINKS);
      this.shape = shape;
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      Leader leader = leader(cluster, random);
      List<String> nodes = new ArrayList<>(shuffled(cluster, random));
      if (random.nextBoolean()) { // half of the time it is about a leader
        Collections.swap(nodes, 0, nodes.indexOf(leader.node()));
      }
      shape.apply(nodes).forEach(d -> cluster.network().cutOneWay(d.from(), d.to()));
      effect(cluster, history, Map.of("nodes", nodes));
    }

    @Override
    void undo(Cluster cluster, History history) {
      cluster.network().heal();
    }
  }

  /**
   * The Raft port of a node that leads much refuses the others, as behind a firewall that rejects:
   * they take it for dead and elect at once. But it lives, and clients reach it. In a silent
   * partition an old leader has often given up before there is a new one; here there are two for
   * about half a second. Leaderships are moved to that node first, so that the old leader lacks
   * nothing:
   *
   * <ul>
   *   <li>either all shards and meta, and the node is cut off in every way, or
   *   <li>all shards and not meta, and only Raft is cut: it still gets timestamps.
   * </ul>
   */
  static final class RefusedLeader extends FaultNemesis {
    RefusedLeader() {
      super("refused-leader", Fault.CUT_LINKS, Fault.REFUSED_LINKS);
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      boolean everything = random.nextBoolean();
      List<String> nodes = new ArrayList<>(shuffled(cluster, random));
      String meta = cluster.leaderOf(0).orElse(nodes.getFirst());
      String victim =
          nodes.stream().filter(n -> n.equals(meta) == everything).findFirst().orElse(meta);
      List<Long> leads =
          gatherLeaderships(
              cluster,
              cluster.shards().stream().filter(s -> everything || s != 0).toList(),
              victim);
      Collections.swap(nodes, 0, nodes.indexOf(victim));
      if (everything) {
        Cuts.one(nodes).forEach(d -> cluster.network().cutOneWay(d.from(), d.to()));
      }
      cluster.network().refuse(victim);
      effect(cluster, history, Map.of("nodes", nodes, "shards", leads));
    }

    @Override
    void undo(Cluster cluster, History history) {
      cluster.network().heal();
    }
  }

  /** Every link takes a while, to clients too. */
  static final class Slow extends FaultNemesis {
    private static final int LEAST_MILLIS = 30;
    private static final int MOST_MILLIS = 200;

    Slow() {
      super("slow-links", Fault.SLOW_LINKS);
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      int delay = random.nextInt(LEAST_MILLIS, MOST_MILLIS);
      int jitter = random.nextInt(1, delay + 1);
      for (Direction d : everyDirection(cluster)) {
        cluster
            .network()
            .slow(d.from(), d.to(), Duration.ofMillis(delay), Duration.ofMillis(jitter));
      }
      effect(
          cluster, history, Map.of("delay-millis", (long) delay, "jitter-millis", (long) jitter));
    }

    @Override
    void undo(Cluster cluster, History history) {
      cluster.network().heal();
    }
  }

  /** Every link loses packets, to clients too. */
  static final class Lossy extends FaultNemesis {
    private static final double LEAST = 0.02;
    private static final double MOST = 0.2;

    Lossy() {
      super("lossy-links", Fault.LOSSY_LINKS);
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      double share = random.nextDouble(LEAST, MOST);
      for (Direction d : everyDirection(cluster)) {
        cluster.network().lossy(d.from(), d.to(), share);
      }
      effect(cluster, history, Map.of("loss-per-mille", Math.round(1000 * share)));
    }

    @Override
    void undo(Cluster cluster, History history) {
      cluster.network().heal();
    }
  }

  /** Every connection breaks at once, those of clients too. */
  static final class Reset extends FaultNemesis {
    Reset() {
      super("reset-connections", Fault.RESET_CONNECTIONS);
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      long broken = 0;
      List<String> ends = ends(cluster);
      for (int i = 0; i < ends.size(); i++) {
        for (int j = i + 1; j < ends.size(); j++) {
          broken += Math.max(0, cluster.network().reset(ends.get(i), ends.get(j)));
        }
      }
      effect(cluster, history, Map.of("connections", broken));
    }

    @Override
    void undo(Cluster cluster, History history) {
      // over already
    }
  }

  private static List<String> ends(Cluster cluster) {
    List<String> ends = new ArrayList<>(cluster.nodes());
    ends.add(Network.CLIENTS);
    return ends;
  }

  private static List<Direction> everyDirection(Cluster cluster) {
    List<Direction> all = new ArrayList<>();
    for (String from : ends(cluster)) {
      for (String to : ends(cluster)) {
        if (!from.equals(to)) {
          all.add(new Direction(from, to));
        }
      }
    }
    return all;
  }
}
