package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.Fault;
import org.ferrisdb.integration.history.History;

/** Faults of processes: killed, paused, restarted. */
final class Processes {
  private static final Duration ROLLING_PATIENCE = Duration.ofSeconds(60);

  private Processes() {}

  /** SIGKILL for some nodes, at about the same time. */
  static final class Kill extends FaultNemesis {
    private final IntUnaryOperator howMany;
    private List<String> victims = List.of();

    /** {@code howMany}: from the number of nodes to that of victims. */
    Kill(String name, IntUnaryOperator howMany) {
      super(name);
      this.howMany = howMany;
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      int count = howMany.applyAsInt(cluster.nodes().size());
      victims = List.copyOf(shuffled(cluster, random).subList(0, count));
      victims.parallelStream().forEach(cluster::kill);
      effect(cluster, history, Map.of("nodes", victims));
    }

    @Override
    void undo(Cluster cluster, History history) {
      victims.forEach(cluster::start);
    }
  }

  /**
   * The power fails everywhere at once: all processes end, and what no fsync had made durable is
   * lost, as far as chance wants it ({@link org.ferrisdb.integration.cluster.Disk#loseUnsynced}).
   * Legal at any time: what was acknowledged rests on what is synced.
   */
  static final class PowerLoss extends FaultNemesis {
    PowerLoss() {
      super("power-loss", Fault.POWER_LOSS);
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      List<String> nodes = cluster.nodes();
      nodes.parallelStream().forEach(cluster::kill);
      Map<String, Object> lost = new TreeMap<>();
      for (String node : nodes) {
        lost.put(node, cluster.disk(node).loseUnsynced(random));
      }
      effect(cluster, history, Map.of("nodes", nodes, "lost", lost));
    }

    @Override
    void undo(Cluster cluster, History history) {
      cluster.nodes().forEach(cluster::start);
    }
  }

  /** A node stops the friendly way and comes back at once. */
  static final class Restart extends FaultNemesis {
    private List<String> victims = List.of();

    Restart() {
      super("restart");
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      victims = List.of(one(cluster.nodes(), random));
      victims.forEach(cluster::stop);
      effect(cluster, history, Map.of("nodes", victims));
      victims.forEach(cluster::start);
    }

    @Override
    void undo(Cluster cluster, History history) {
      victims.forEach(cluster::start); // in case it ended by itself
    }
  }

  /**
   * SIGSTOP: neither dead nor alive, its sockets open. Held for seconds, it outlives every lease.
   */
  static final class Pause extends FaultNemesis {
    private final boolean aLeader;
    private List<String> victims = List.of();

    Pause(String name, boolean aLeader) {
      super(name);
      this.aLeader = aLeader;
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      Leader leader = leader(cluster, random);
      victims = List.of(aLeader ? leader.node() : one(cluster.nodes(), random));
      victims.forEach(cluster::pause);
      effect(cluster, history, aLeader ? leader.details() : Map.of("nodes", victims));
    }

    @Override
    void undo(Cluster cluster, History history) {
      victims.forEach(cluster::resume);
    }
  }

  /** Every node in turn stops and comes back, each waiting for the cluster to be healthy again. */
  static final class RollingRestart extends FaultNemesis {
    RollingRestart() {
      super("rolling-restart");
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      for (String node : shuffled(cluster, random)) {
        cluster.stop(node);
        effect(cluster, history, Map.of("nodes", List.of(node)));
        cluster.start(node);
        if (!Waiting.until(ROLLING_PATIENCE, () -> Waiting.isHealthy(cluster))) {
          effect(cluster, history, Map.of("unhealthy", cluster.health().sentence()));
          return; // going on would take a majority away
        }
      }
    }

    @Override
    void undo(Cluster cluster, History history) {
      cluster.nodes().forEach(cluster::start);
    }
  }

  /** Leaderships move, as they do before a planned stop. */
  static final class LeadershipTransfer extends FaultNemesis {
    LeadershipTransfer() {
      super("leadership-transfer");
    }

    @Override
    void inject(Cluster cluster, Random random, History history) {
      for (long shard : cluster.shards()) {
        String from = cluster.leaderOf(shard).orElse("");
        List<String> others = cluster.nodes().stream().filter(n -> !n.equals(from)).toList();
        String to = one(others, random);
        boolean moved = cluster.transferLeadership(shard, to);
        effect(
            cluster,
            history,
            Map.of("shard", shard, "leader", from, "nodes", List.of(to), "moved", moved));
      }
    }

    @Override
    void undo(Cluster cluster, History history) {
      // over already
    }
  }
}
