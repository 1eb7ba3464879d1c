package org.ferrisdb.integration.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Whether all replicas of every shard are the same, which they are once they have applied the same
 * entries.
 *
 * <p>Replicas are compared at the same applied index, so those that are behind are waited for; and
 * a shard that goes on applying entries of its own (meta does) is asked again until two answers are
 * of one index.
 */
public final class ReplicaAgreement {
  private static final Duration POLL = Duration.ofMillis(50);

  /** By shard: the applied index of all, their digest, or what is wrong. */
  private final Map<Long, String> agreed = new TreeMap<>();

  private final List<String> violations = new ArrayList<>();

  private ReplicaAgreement() {}

  /**
   * Waits for a cluster that has been healed.
   *
   * @param patience how long replicas may take to get to the same index; those that do not are a
   *     violation too
   */
  public static ReplicaAgreement await(Cluster cluster, Duration patience) {
    return await(cluster.shards(), cluster::replicaDigests, patience);
  }

  static ReplicaAgreement await(
      Collection<Long> shards,
      Supplier<Map<Long, Map<String, ReplicaDigest>>> ask,
      Duration patience) {
    ReplicaAgreement result = new ReplicaAgreement();
    TreeSet<Long> open = new TreeSet<>(shards);
    long deadline = System.nanoTime() + patience.toNanos();
    while (!open.isEmpty()) {
      Map<Long, Map<String, ReplicaDigest>> digests = ask.get();
      boolean last = System.nanoTime() - deadline > 0;
      digests.forEach((shard, replicas) -> {
        if (open.contains(shard) && result.decided(shard, replicas, last)) {
          open.remove(shard);
        }
      });
      if (last) {
        open.forEach(s -> result.violations.add(name(s) + ": no node tells of its replicas"));
        break;
      }
      if (!open.isEmpty()) {
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
    return result;
  }

  private boolean decided(long shard, Map<String, ReplicaDigest> replicas, boolean last) {
    boolean oneIndex =
        replicas.size() > 1
            && replicas.values().stream().allMatch(r -> r.problem().isEmpty())
            && replicas.values().stream().map(ReplicaDigest::appliedIndex).distinct().count() == 1;
    if (!oneIndex) {
      if (last) {
        violations.add(name(shard) + ": the replicas do not get to one index: " + replicas);
      }
      return last;
    }
    if (replicas.values().stream().distinct().count() == 1) {
      ReplicaDigest all = replicas.values().iterator().next();
      agreed.put(
          shard,
          (replicas.size() + " replicas at index " + all.appliedIndex())
              + (" with digest " + all.digest()));
    } else {
      violations.add(name(shard) + ": the replicas differ at the same index: " + replicas);
    }
    return true;
  }

  private static String name(long shard) {
    return shard == 0 ? "meta" : "s" + shard;
  }

  /** What is wrong, a line for each shard; empty if all is right. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  /** Whether every replica of every shard is the same. */
  public boolean isRight() {
    return violations.isEmpty();
  }

  /** What all replicas of a shard agree on, by shard, in words. */
  public Map<Long, String> agreed() {
    return Map.copyOf(agreed);
  }
}
