package org.ferrisdb.node.cluster;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.ferrisdb.node.cluster.AdminCommands.Membership;
import org.ferrisdb.node.cluster.AdminCommands.ShardCommand;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;

/**
 * Deletes replicas that are here and belong to no group any more: of a node that was replaced, or
 * opened for a change that never came. That the map does not name this node proves nothing, because
 * it follows Raft; so the group's leader is asked. {@link #tick} is one thread's.
 *
 * <p>Why no member's replica is deleted: a leader adds a node only after it told it to open a
 * replica, or a repair did. If that comes after the question, the answer counts for nothing ({@link
 * ShardHost#removeStray}). If it came before, then from a later leader than the one that answers;
 * that one has reached the replica by the time it is a member, which then knows of the later term.
 */
final class StrayCollector {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long WAIT_NANOS = Duration.ofSeconds(10).toNanos();

  private final NodeId self;
  private final ShardHost host;
  private final NodeMap nodeMap;
  private final PeerClient peers;
  private final Executor workers;
  private final Map<ShardId, Long> notBefore = new HashMap<>();
  private final Map<ShardId, Boolean> asking = new ConcurrentHashMap<>();

  StrayCollector(NodeId self, ShardHost host, NodeMap nodeMap, PeerClient peers, Executor workers) {
    this.self = self;
    this.host = host;
    this.nodeMap = nodeMap;
    this.peers = peers;
    this.workers = workers;
  }

  void tick(long now) {
    ShardMap map = nodeMap.map();
    for (ShardId shard : host.hosted()) {
      boolean suspect =
          map.shard(shard).map(d -> d.epoch() > 0 && !d.replicas().contains(self)).orElse(false);
      if (!suspect) {
        notBefore.remove(shard);
        continue;
      }
      Long due = notBefore.putIfAbsent(shard, now + WAIT_NANOS);
      if (due != null && now - due >= 0 && asking.putIfAbsent(shard, true) == null) {
        notBefore.put(shard, now + WAIT_NANOS);
        ask(shard);
      }
    }
  }

  private void ask(ShardId shard) {
    Optional<NodeId> leader = nodeMap.leader(shard).filter(id -> !id.equals(self));
    var address = leader.flatMap(nodeMap::clientAddress);
    if (address.isEmpty()) {
      asking.remove(shard);
      return;
    }
    int joins = host.joins(shard); // before the question
    var _ =
        peers
            .call(
                address.get(),
                leader,
                AdminCommands.request(
                    AdminCommands.MEMBERSHIP, new ShardCommand(shard.value(), self.value())),
                TIMEOUT)
            .whenComplete((reply, failure) -> {
              if (failure == null) {
                answered(shard, joins, reply.getAdminReply().getPayload());
              } else {
                asking.remove(shard);
              }
            });
  }

  private void answered(ShardId shard, int joins, ByteString payload) {
    Membership membership = AdminCommands.membership(payload);
    RaftGroup group = host.group(shard);
    GroupStatus status = group == null ? null : group.status();
    if (!membership.stranger() || status == null || status.term() > membership.term()) {
      asking.remove(shard);
      return;
    }
    workers.execute(() -> {
      try {
        if (host.removeStray(shard, joins)) {
          Logs.CLUSTER
              .atInfo()
              .addKeyValue("shard", shard)
              .log("deleted a replica that belongs to its group no more");
        }
      } catch (IOException | RuntimeException e) {
        Logs.CLUSTER
            .atWarn()
            .addKeyValue("shard", shard)
            .setCause(e)
            .log("a replica that is to be deleted could not be, will try again");
      } finally {
        asking.remove(shard);
      }
    });
  }
}
