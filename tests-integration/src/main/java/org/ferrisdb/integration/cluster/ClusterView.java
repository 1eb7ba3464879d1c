package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.ferrisdb.node.cluster.AdminCommands.ReplicaState;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.NodeAdmin;

/**
 * What nodes tell about themselves, asked past all proxies: the same for every kind of cluster.
 * Thread-safe.
 */
final class ClusterView {
  private static final Duration PROBE_PATIENCE = Duration.ofMillis(1_500);
  private static final Duration ADMIN_PATIENCE = Duration.ofSeconds(10);
  private static final Duration SHARDS_PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<String, String> addresses;
  private volatile List<Long> shards = List.of();

  /** {@code addresses}: host:port of the front door of every node, by its name. */
  ClusterView(Map<String, String> addresses) {
    this.addresses = new TreeMap<>(addresses);
  }

  /** Whoever looks learns of the shards: a fault may be asked for them when all nodes are down. */
  ClusterPicture picture() {
    ClusterPicture picture = new ClusterProbe(PROBE_PATIENCE).look(addresses.values());
    List<Long> told = picture.shards().stream().map(ClusterPicture.Shard::id).toList();
    if (told.size() > 1 || (!told.isEmpty() && shards.isEmpty())) {
      shards = told;
    }
    return picture;
  }

  Health health() {
    return Health.of(picture());
  }

  /** As last told; waits only for the very first answer. */
  List<Long> shards() {
    long deadline = System.nanoTime() + SHARDS_PATIENCE.toNanos();
    while (true) {
      var _ = picture();
      if (!shards.isEmpty()) {
        return shards;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("no node tells of any shard: " + health().sentence());
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  Optional<String> leaderOf(long shard) {
    return picture().shards().stream()
        .filter(s -> s.id() == shard)
        .findFirst()
        .flatMap(ClusterPicture.Shard::leader);
  }

  void awaitHealthy(Duration patience, Supplier<String> logs) {
    long deadline = System.nanoTime() + patience.toNanos();
    Health health = health();
    while (health.state() != Health.State.HEALTHY) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            ("not healthy after " + patience.toSeconds() + " s: " + health.state() + ": ")
                + (health.sentence() + " " + health.remedy() + logs.get()));
      }
      LockSupport.parkNanos(POLL.toNanos());
      health = health();
    }
  }

  boolean transferLeadership(long shard, String to) {
    ClusterPicture picture = picture();
    Optional<String> target =
        picture.nodes().stream()
            .filter(n -> n.up() && n.name().equals(to))
            .map(ClusterPicture.Node::id)
            .findFirst();
    Optional<String> leader =
        picture.shards().stream()
            .filter(s -> s.id() == shard)
            .findFirst()
            .flatMap(ClusterPicture.Shard::leader);
    String address = leader.map(addresses::get).orElse(null);
    if (target.isEmpty() || address == null) {
      return false;
    }
    try {
      new NodeAdmin(address, ADMIN_PATIENCE).transferLeadership(shard, target.get());
      return true;
    } catch (IOException e) {
      return false; // it may have lost its leadership just now
    }
  }

  /** Asks all nodes at once, each for one shard after the other. */
  Map<Long, Map<String, ReplicaDigest>> replicaDigests() {
    ClusterPicture picture = picture();
    Map<Long, Map<String, ReplicaDigest>> digests = new TreeMap<>();
    for (ClusterPicture.Shard shard : picture.shards()) {
      Map<String, ReplicaDigest> ofShard = new ConcurrentHashMap<>();
      List<Thread> threads =
          shard.replicas().stream()
              .filter(r -> addresses.containsKey(r.node()))
              .map(r ->
                  Thread.ofVirtual()
                      .start(() -> ofShard.put(r.node(), digest(shard.id(), r.node()))))
              .toList();
      threads.forEach(ClusterView::join);
      digests.put(shard.id(), new TreeMap<>(ofShard));
    }
    return digests;
  }

  private ReplicaDigest digest(long shard, String node) {
    try {
      String address = addresses.getOrDefault(node, "");
      ReplicaState state = new NodeAdmin(address, ADMIN_PATIENCE).digest(shard);
      return new ReplicaDigest(state.appliedIndex(), state.digest(), "");
    } catch (IOException | IllegalArgumentException e) {
      return new ReplicaDigest(-1, "", String.valueOf(e.getMessage()));
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
