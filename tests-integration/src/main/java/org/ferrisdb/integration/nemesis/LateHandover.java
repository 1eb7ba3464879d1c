package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.Fault;
import org.ferrisdb.integration.history.History;

/**
 * Leaderships are handed over by a node that hears everything late, its successors' words too. An
 * election that the old leader asks for waits for no timeout, so for as long as the news are under
 * way there are two: the old one that clients still reach, and that has every reason to believe in
 * itself, and the new one. Where a partition gives the old leader time to find out that it hears
 * nobody, here it hears them all the time.
 *
 * <p>Meta and all shards are gathered on one node first, so that the old leader lacks nothing, or,
 * half of the time, meta alone is moved, away from shards that go on undisturbed.
 */
final class LateHandover extends FaultNemesis {
  /** How late: less than the silence after which a leader gives up. */
  private static final int LEAST_MILLIS = 200;

  private static final int MOST_MILLIS = 800;

  /** Each is over in a moment, so there are several in a strike. */
  private static final int ROUNDS = 3;

  /** Of the old leader and the new beside each other, when all have been asked. */
  private static final Duration TOGETHER = Duration.ofMillis(500);

  private static final Duration BETWEEN = Duration.ofSeconds(5);

  LateHandover() {
    super("late-handover", Fault.SLOW_LINKS);
  }

  @Override
  void inject(Cluster cluster, Random random, History history) {
    for (int round = 0; round < ROUNDS; round++) {
      boolean everything = random.nextBoolean();
      int late = random.nextInt(LEAST_MILLIS, MOST_MILLIS);
      List<String> order = shuffled(cluster, random);
      if (round > 0) {
        cluster.network().heal();
        boolean _ = Waiting.until(BETWEEN, () -> Waiting.isHealthy(cluster));
      }
      String old = cluster.leaderOf(0).orElse(order.getFirst());
      List<Long> shards =
          everything ? gatherLeaderships(cluster, cluster.shards(), old) : List.of(0L);
      String next = order.stream().filter(n -> !n.equals(old)).findFirst().orElseThrow();
      for (String other : cluster.nodes()) {
        if (!other.equals(old)) {
          cluster.network().slow(other, old, Duration.ofMillis(late), Duration.ofMillis(1));
        }
      }
      List<Long> moved = handOver(cluster, shards, next);
      effect(
          cluster,
          history,
          Map.of("nodes", List.of(old, next), "late-millis", (long) late, "shards", moved));
      Waiting.pause(TOGETHER);
    }
  }

  /** All at the same time: each takes until the old leader has heard that it is done. */
  private static List<Long> handOver(Cluster cluster, List<Long> shards, String to) {
    List<Long> moved = new ArrayList<>();
    shards.parallelStream()
        .filter(shard -> cluster.transferLeadership(shard, to))
        .forEachOrdered(moved::add);
    return moved;
  }

  @Override
  void undo(Cluster cluster, History history) {
    cluster.network().heal();
  }
}
