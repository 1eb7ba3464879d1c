package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.ferrisdb.node.cluster.AdminCommands.ShardCommand;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaReplica;
import org.ferrisdb.shard.placement.LeaderBalancer;
import org.ferrisdb.shard.placement.LeaderBalancer.GroupLeader;
import org.ferrisdb.shard.placement.LeaderBalancer.Transfer;

/**
 * On the leader of meta: spreads leaderships. Plans seldom and little, and leaves alone what has
 * changed hands a moment ago, since every transfer is a short gap in service. {@link #tick} is one
 * thread's.
 */
final class LeaderDriver {
  private static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(5);
  private static final long REST_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int MAX_TRANSFERS = 2;

  private record Known(NodeId leader, long sinceNanos) {}

  private final ShardHost host;
  private final NodeMap nodeMap;
  private final PeerClient peers;
  private final NodeId self;
  private final Predicate<NodeId> mayLead;
  private final BiPredicate<NodeId, ShardId> broken;
  private final Map<ShardId, Known> known = new HashMap<>();
  private final Map<ShardId, Long> tried = new HashMap<>();

  LeaderDriver(
      ShardHost host,
      NodeMap nodeMap,
      PeerClient peers,
      NodeId self,
      Predicate<NodeId> mayLead,
      BiPredicate<NodeId, ShardId> broken) {
    this.host = host;
    this.nodeMap = nodeMap;
    this.peers = peers;
    this.self = self;
    this.mayLead = mayLead;
    this.broken = broken;
  }

  void tick() {
    long now = System.nanoTime();
    ShardMap map = nodeMap.map();
    List<ShardDescriptor> groups = new ArrayList<>(map.shards());
    groups.add(map.metaMembers());
    List<GroupLeader> leaders = new ArrayList<>();
    Set<ShardId> resting = new HashSet<>();
    for (ShardDescriptor d : groups) {
      Optional<NodeId> leader = nodeMap.leader(d.id());
      if (leader.isEmpty()) {
        known.remove(d.id());
        continue;
      }
      Known before = known.get(d.id());
      if (before == null || !before.leader().equals(leader.get())) {
        before = new Known(leader.get(), now);
        known.put(d.id(), before);
      }
      // A leader that may not be one (its disk is full or slow): there is nothing to disturb.
      boolean rests =
          (now - before.sinceNanos() < REST_NANOS && mayLead.test(leader.get()))
              || now - tried.getOrDefault(d.id(), now - 2 * REST_NANOS) < REST_NANOS;
      if (rests) {
        resting.add(d.id());
      }
      List<NodeId> able =
          d.replicas().stream()
              .filter(r -> r.equals(leader.get()) || !broken.test(r, d.id()))
              .toList();
      leaders.add(new GroupLeader(d.id(), leader.get(), able));
    }
    MetaReplica meta = host.meta();
    if (meta == null || !meta.serving()) {
      return; // but it has kept watch, so that a new leader of meta knows what rests
    }
    Set<NodeId> eligible =
        nodeMap.members().stream().map(NodeRecord::id).filter(mayLead).collect(Collectors.toSet());
    for (Transfer t : LeaderBalancer.plan(leaders, eligible, resting, MAX_TRANSFERS)) {
      tried.put(t.group(), now);
      var _ =
          transfer(t)
              .whenComplete((done, failure) ->
                  Logs.CLUSTER
                      .atInfo()
                      .addKeyValue("shard", t.group())
                      .addKeyValue("from", t.from())
                      .addKeyValue("to", t.to())
                      .log(
                          failure == null
                              ? "leadership balanced"
                              : "leadership not balanced: " + failure.getMessage()));
    }
  }

  private CompletableFuture<?> transfer(Transfer t) {
    if (t.from().equals(self)) {
      RaftGroup group = host.group(t.group());
      return group == null
          ? CompletableFuture.failedFuture(new IllegalStateException("no longer here"))
          : group.transferLeadership(t.to(), TRANSFER_TIMEOUT);
    }
    return nodeMap
        .clientAddress(t.from())
        .map(address ->
            peers.call(
                address,
                Optional.of(t.from()),
                AdminCommands.request(
                    AdminCommands.TRANSFER, new ShardCommand(t.group().value(), t.to().value())),
                TRANSFER_TIMEOUT.plusSeconds(1)))
        .orElseGet(() ->
            CompletableFuture.failedFuture(new IllegalStateException("no address of " + t.from())));
  }
}
