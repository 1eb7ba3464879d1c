package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.ferrisdb.node.cluster.AdminCommands.ShardCommand;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.placement.ReplacementPlanner;
import org.ferrisdb.shard.placement.ReplacementPlanner.GroupView;
import org.ferrisdb.shard.placement.ReplacementPlanner.Step;

/**
 * Moves the replicas of replaced nodes to their successors, and takes replicas that are rebuilt out
 * of their groups and in again, for the groups this node leads. What to do is {@link
 * ReplacementPlanner}'s decision, taken anew at every tick from what Raft and the map say; so a
 * leader that dies half way leaves nothing behind that the next one would need. {@link #tick} is
 * one thread's.
 */
final class ReplacementDriver {
  private static final Duration STEP_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_CHANGES = 2;

  private final ShardHost host;
  private final NodeMap nodeMap;
  private final MetaClient meta;
  private final PeerClient peers;
  private final Predicate<NodeId> reachable;
  private final Executor workers;
  private final Map<ShardId, Set<NodeId>> open = new ConcurrentHashMap<>();
  private final Map<ShardId, Step> underWay = new ConcurrentHashMap<>();

  ReplacementDriver(
      ShardHost host,
      NodeMap nodeMap,
      MetaClient meta,
      PeerClient peers,
      Predicate<NodeId> reachable,
      Executor workers) {
    this.host = host;
    this.nodeMap = nodeMap;
    this.meta = meta;
    this.peers = peers;
    this.reachable = reachable;
    this.workers = workers;
  }

  void tick() {
    List<GroupView> views = new ArrayList<>();
    for (ShardId shard : host.hosted()) {
      RaftGroup group = host.group(shard);
      if (group == null || underWay.containsKey(shard)) {
        continue;
      }
      GroupStatus status = group.status();
      if (status.role() == GroupStatus.Role.LEADER) {
        views.add(
            new GroupView(
                shard, status.term(), status.members(), open.getOrDefault(shard, Set.of())));
      } else {
        open.remove(shard); // another leader's business
      }
    }
    List<Step> steps = ReplacementPlanner.plan(nodeMap.map(), views, reachable, MAX_CHANGES);
    for (Step step : steps) {
      long changes =
          underWay.values().stream().filter(Step.ChangeMembers.class::isInstance).count();
      if (step instanceof Step.ChangeMembers && changes >= MAX_CHANGES) {
        continue;
      }
      underWay.put(step.group(), step);
      workers.execute(() -> run(step));
    }
  }

  /** Steps under way, for the status. */
  List<String> underWay() {
    return underWay.values().stream().map(Step::toString).sorted().toList();
  }

  private void run(Step step) {
    Logs.CLUSTER.atInfo().addKeyValue("step", step).log("replacing a replica");
    CompletableFuture<Void> done;
    try {
      done = execute(step);
    } catch (RuntimeException e) {
      done = CompletableFuture.failedFuture(e);
    }
    var _ =
        done.whenComplete((nothing, failure) -> {
          underWay.remove(step.group());
          if (failure != null) {
            Logs.CLUSTER
                .atWarn()
                .addKeyValue("step", step)
                .log("not done, will be planned anew: {}", failure.getMessage());
            if (step instanceof Step.ChangeMembers) {
              open.remove(step.group()); // perhaps the new node has lost it again
            }
          }
        });
  }

  private CompletableFuture<Void> execute(Step step) {
    return switch (step) {
      case Step.JoinGroup join -> join(join);
      case Step.ChangeMembers change -> {
        RaftGroup group = host.group(change.group());
        yield group == null
            ? CompletableFuture.failedFuture(new IllegalStateException("no longer here"))
            : group.changeMembers(change.expected(), change.next());
      }
      case Step.RecordReplicas record -> meta.execute(record.command(), STEP_TIMEOUT);
      case Step.RecordStep record -> meta.execute(record.command(), STEP_TIMEOUT);
    };
  }

  private CompletableFuture<Void> join(Step.JoinGroup join) {
    return nodeMap
        .clientAddress(join.node())
        .map(address ->
            peers
                .call(
                    address,
                    Optional.of(join.node()),
                    AdminCommands.request(
                        AdminCommands.JOIN_GROUP,
                        new ShardCommand(join.group().value(), join.node().value())),
                    STEP_TIMEOUT)
                .thenAccept(reply ->
                    open.computeIfAbsent(join.group(), g -> ConcurrentHashMap.newKeySet())
                        .add(join.node())))
        .orElseGet(() ->
            CompletableFuture.failedFuture(
                new IllegalStateException("no address of " + join.node())));
  }
}
