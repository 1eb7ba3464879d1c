package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaCommand;
import org.ferrisdb.shard.meta.MetaReplica;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the map has what this node knows: the first members and shards of a new cluster,
 * and this node under its present addresses. {@link #tick} is one thread's.
 */
final class Registrar {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long REFUSED_PAUSE_NANOS = Duration.ofSeconds(30).toNanos();

  private final NodeRecord self;
  private final Optional<ClusterPlan> plan;
  private final ShardHost host;
  private final NodeMap nodeMap;
  private final MetaClient meta;
  private final PeerMonitor monitor;
  private final List<HostPort> seeds;
  private volatile boolean underWay;
  private volatile long notBefore;
  private volatile String refusal = "";
  private int turn;

  Registrar(
      NodeRecord self,
      Optional<ClusterPlan> plan,
      ShardHost host,
      NodeMap nodeMap,
      MetaClient meta,
      PeerMonitor monitor,
      List<HostPort> seeds) {
    this.self = self;
    this.plan = plan;
    this.host = host;
    this.nodeMap = nodeMap;
    this.meta = meta;
    this.monitor = monitor;
    this.seeds = List.copyOf(seeds);
    this.notBefore = System.nanoTime();
  }

  /** What is wrong with this node's registration, empty if nothing. */
  String refusal() {
    return refusal;
  }

  void tick(long now) {
    if (underWay || now - notBefore < 0) {
      return;
    }
    ShardMap map = nodeMap.map();
    MetaReplica local = host.meta();
    if (map.shards().isEmpty()) {
      if (plan.isPresent() && local != null && local.serving()) {
        ClusterPlan p = plan.get();
        run(new MetaCommand.Form(p.members(), p.descriptors(), p.metaMembers()), now);
        return;
      }
      // A new node, or one whose replica of meta is lost: anybody's map will do.
      notBefore = now + PAUSE_NANOS;
      if (!seeds.isEmpty()) {
        monitor.fetchMap(seeds.get(Math.floorMod(turn++, seeds.size())), Optional.empty());
      }
      if (plan.isPresent()) {
        return; // whoever leads meta forms the cluster
      }
    }
    if (!isKnown(map, self)) {
      run(new MetaCommand.RegisterNode(self), now);
    }
  }

  /** Whether the map has the node as it is. */
  static boolean isKnown(ShardMap map, NodeRecord self) {
    return map.nodes().contains(self);
  }

  private void run(MetaCommand command, long now) {
    underWay = true;
    notBefore = now + PAUSE_NANOS;
    var _ =
        meta.execute(command, TIMEOUT)
            .whenComplete((done, failure) -> finished(command, now, failure));
  }

  private void finished(MetaCommand command, long now, @Nullable Throwable failure) {
    if (failure == null) {
      refusal = "";
      Logs.CLUSTER.info("done: {}", summary(command));
    } else if (wasReplaced(nodeMap.map(), self.id())) {
      refusal = "another node has taken the name " + self.name() + " over; empty this node's disk";
      notBefore = now + REFUSED_PAUSE_NANOS;
      Logs.CLUSTER.error("can not register: {}", refusal);
    } else {
      refusal = String.valueOf(failure.getMessage());
      Logs.CLUSTER.info("not done yet, will try again: {}: {}", summary(command), refusal);
    }
    underWay = false;
  }

  private static boolean wasReplaced(ShardMap map, NodeId id) {
    return map.node(id).map(n -> n.state() == NodeRecord.State.REPLACED).orElse(false);
  }

  private static String summary(MetaCommand command) {
    return switch (command) {
      case MetaCommand.Form f ->
          "form the cluster of " + f.nodes().size() + " nodes, " + f.shards().size() + " shards";
      case MetaCommand.RegisterNode r -> "register " + r.node().name() + " as " + r.node().id();
      default -> command.toString();
    };
  }
}
