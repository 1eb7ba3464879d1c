package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.GroupStatus.FollowerProgress;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.map.ShardId;

/**
 * Gives all of this node's leaderships to others: before it stops, or when its disk is full or
 * slow.
 */
public final class Handover {
  private Handover() {}

  /**
   * Starts handing over every group led here to the follower that is furthest, among those
   * accepted.
   *
   * @return one future a group; none fails
   */
  static List<CompletableFuture<Void>> start(
      ShardHost host, Predicate<NodeId> accepted, Duration timeout) {
    List<CompletableFuture<Void>> transfers = new ArrayList<>();
    for (ShardId shard : host.hosted()) {
      RaftGroup group = host.group(shard);
      if (group == null) {
        continue;
      }
      GroupStatus status = group.status();
      if (status.role() == GroupStatus.Role.LEADER) {
        successor(status, accepted)
            .ifPresent(to ->
                transfers.add(
                    group
                        .transferLeadership(to, timeout)
                        .handle((done, failure) -> report(shard, to, failure))));
      }
    }
    return transfers;
  }

  private static Void report(ShardId shard, NodeId to, Throwable failure) {
    Logs.CLUSTER
        .atInfo()
        .addKeyValue("shard", shard)
        .addKeyValue("to", to)
        .log(
            failure == null
                ? "leadership handed over"
                : "not handed over: " + failure.getMessage());
    return null;
  }

  /** The follower to hand over to: heard of lately, and furthest. */
  static Optional<NodeId> successor(GroupStatus status, Predicate<NodeId> accepted) {
    return status.followers().stream()
        .filter(f -> f.silentMillis() < 1_000 && accepted.test(f.id()))
        .max(Comparator.comparingLong(FollowerProgress::matchIndex))
        .map(FollowerProgress::id);
  }

  /** Hands over and waits for it, but not longer than the timeout. */
  public static void run(ShardHost host, Predicate<NodeId> accepted, Duration timeout)
      throws InterruptedException {
    CompletableFuture<?>[] transfers =
        start(host, accepted, timeout).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(transfers).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      Logs.CLUSTER.info("not all leaderships could be handed over in time");
    }
  }
}
