package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.ReplicaDigest;

/**
 * Whether a node's disk may be lost without losing what was acknowledged.
 *
 * <p>Raft keeps an entry on a majority, not on all. Where an entry of three replicas is on two, and
 * one of these loses its disk <em>without noticing</em> (a log cut off between two records looks as
 * if nothing had been there), the other two are a majority that does not know the entry. No
 * database of this kind survives that, so it is no fault to be judged by. Hence: nothing else is
 * missing when the node goes, and while it is down all others have caught up with each other.
 */
final class Expendable {
  private static final Duration HEALTH_PATIENCE = Duration.ofSeconds(20);
  private static final Duration CATCH_UP_PATIENCE = Duration.ofSeconds(20);

  /** By then a new leader has the first entry of its term on all of the others, who are all up. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private Expendable() {}

  /** Waits for a cluster in which nothing is missing; tells what is if that takes too long. */
  static Optional<String> awaitNothingMissing(Cluster cluster) {
    boolean healthy =
        Waiting.until(
            HEALTH_PATIENCE,
            () -> cluster.network().cuts().isEmpty() && Waiting.isHealthy(cluster));
    return healthy
        ? Optional.empty()
        : Optional.of("something else is missing: " + cluster.health().sentence());
  }

  /** Waits, with the victim down, until the others have all that is committed. */
  static Optional<String> awaitOthersHaveAll(Cluster cluster, String victim) {
    long[] since = {System.nanoTime()};
    boolean settled =
        Waiting.until(
            CATCH_UP_PATIENCE,
            () -> {
              if (!everyShardIsLedByAnother(cluster, victim)) {
                since[0] = System.nanoTime();
              }
              return System.nanoTime() - since[0] >= SETTLED.toNanos();
            });
    if (!settled) {
      return Optional.of("some shard has no leader without " + victim);
    }
    Map<Long, Long> goal = new TreeMap<>();
    cluster
        .replicaDigests()
        .forEach((shard, replicas) ->
            replicas.values().forEach(r -> goal.merge(shard, r.appliedIndex(), Math::max)));
    boolean caughtUp =
        Waiting.until(
            CATCH_UP_PATIENCE,
            () -> {
              Map<Long, Map<String, ReplicaDigest>> now = cluster.replicaDigests();
              return goal.entrySet().stream()
                  .allMatch(g -> reached(now.get(g.getKey()), victim, g.getValue()));
            });
    return caughtUp ? Optional.empty() : Optional.of("the others do not catch up with each other");
  }

  private static boolean reached(
      @org.jspecify.annotations.Nullable Map<String, ReplicaDigest> replicas,
      String victim,
      long index) {
    return replicas != null
        && replicas.entrySet().stream()
            .filter(r -> !r.getKey().equals(victim))
            .allMatch(r -> r.getValue().appliedIndex() >= index);
  }

  private static boolean everyShardIsLedByAnother(Cluster cluster, String victim) {
    return cluster.shards().stream()
        .map(cluster::leaderOf)
        .allMatch(leader -> leader.isPresent() && !leader.get().equals(victim));
  }
}
