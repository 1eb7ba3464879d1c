package org.ferrisdb.node.cluster;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMapCodec;

/**
 * Asks the other members for their {@link NodeReport} and so knows who answers, who leads what, and
 * whether there is a newer map. {@link #tick} is one thread's; the rest is thread-safe.
 */
public final class PeerMonitor {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** A node that has not answered for this long does not count as reachable. */
  private static final long FORGET_NANOS = Duration.ofSeconds(3).toNanos();

  /** {@code silent}: what was asked since then found no answer. */
  private record Seen(NodeReport report, long nanos, boolean silent) {
    Seen fallenSilent() {
      return new Seen(report, nanos, true);
    }
  }

  private final NodeMap nodeMap;
  private final PeerClient peers;
  private final NodeId self;
  private final Map<NodeId, Seen> seen = new ConcurrentHashMap<>();
  private final Map<NodeId, Boolean> asking = new ConcurrentHashMap<>();

  /**
   * @param nodeMap whom to ask, and what to tell
   * @param peers connections
   * @param self this node
   */
  public PeerMonitor(NodeMap nodeMap, PeerClient peers, NodeId self) {
    this.nodeMap = nodeMap;
    this.peers = peers;
    this.self = self;
  }

  /** Asks everybody who is not being asked already. */
  void tick() {
    for (NodeRecord node : nodeMap.members()) {
      if (!node.id().equals(self) && asking.putIfAbsent(node.id(), true) == null) {
        ask(node.id(), HostPort.parse(node.clientAddress()));
      }
    }
  }

  private void ask(NodeId node, HostPort address) {
    var _ =
        peers
            .call(
                address,
                Optional.of(node),
                AdminCommands.request(NodeReport.COMMAND, ByteString.EMPTY),
                TIMEOUT)
            .whenComplete((reply, failure) -> {
              asking.remove(node);
              NodeReport report =
                  failure != null ? null : NodeReport.decode(reply.getAdminReply().getPayload());
              if (report != null) {
                take(node, address, report);
              } else {
                seen.computeIfPresent(node, (id, s) -> s.fallenSilent());
              }
            });
  }

  private void take(NodeId node, HostPort address, NodeReport report) {
    seen.put(node, new Seen(report, System.nanoTime(), false));
    report.leaders().forEach((shard, leader) -> hear(node, new ShardId(shard), leader));
    if (report.mapVersion() > nodeMap.map().version()) {
      fetchMap(address, Optional.of(node));
    }
  }

  /** Only what a node says of itself is taken for sure; hearsay fills gaps. */
  private void hear(NodeId from, ShardId shard, String leader) {
    NodeId id = new NodeId(leader);
    if (id.equals(from) || nodeMap.leader(shard).isEmpty()) {
      nodeMap.heard(shard, id);
    }
  }

  /** Fetches a map from the address, adopted if newer. */
  void fetchMap(HostPort address, Optional<NodeId> node) {
    var _ =
        peers
            .call(
                address, node, AdminCommands.request(AdminCommands.MAP, ByteString.EMPTY), TIMEOUT)
            .thenAccept(reply ->
                nodeMap.adopt(
                    ShardMapCodec.decode(reply.getAdminReply().getPayload().toByteArray())))
            .whenComplete((done, failure) -> {
              if (failure != null) {
                Logs.CLUSTER.debug("map not fetched from {}: {}", address, failure.getMessage());
              }
            });
  }

  /** Whether the node has answered lately; this node has. */
  public boolean reachable(NodeId node) {
    return node.equals(self) || lately(node).isPresent();
  }

  /**
   * Whether the node may be given leaderships: it answered when it was asked last, and has room on
   * its disk, which keeps pace. Stricter than {@link #reachable}, because writes wait while one
   * that turns out to be dead is waited for.
   */
  public boolean mayLead(NodeId node) {
    return lately(node).map(s -> !s.silent() && s.report().mayLead()).orElse(false);
  }

  /** Whether the node has said lately that its replica of the shard can not lead. */
  boolean broken(NodeId node, ShardId shard) {
    return lately(node).map(s -> s.report().broken().contains(shard.value())).orElse(false);
  }

  /** Milliseconds since each other node answered; nodes that never did are missing. */
  public Map<NodeId, Long> silence() {
    Map<NodeId, Long> silence = new TreeMap<>();
    long now = System.nanoTime();
    seen.forEach((id, s) -> silence.put(id, (now - s.nanos()) / 1_000_000));
    return silence;
  }

  private Optional<Seen> lately(NodeId node) {
    return Optional.ofNullable(seen.get(node))
        .filter(s -> System.nanoTime() - s.nanos() < FORGET_NANOS);
  }
}
