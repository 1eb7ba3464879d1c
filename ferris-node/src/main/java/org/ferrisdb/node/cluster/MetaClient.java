package org.ferrisdb.node.cluster;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.ferrisdb.client.wire.AdminRequest;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.TimestampRequest;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.meta.MetaCommand;
import org.ferrisdb.shard.meta.MetaCommandCodec;
import org.ferrisdb.shard.meta.MetaReplica;
import org.jspecify.annotations.Nullable;

/**
 * The way to the leader of meta: the replica in this process if that leads, else another node,
 * found by what is known of leaders and by asking round. One attempt per call; callers try again.
 * Thread-safe; nothing blocks.
 */
public final class MetaClient {
  private final Supplier<@Nullable MetaReplica> local;
  private final NodeMap nodeMap;
  private final PeerClient peers;
  private final NodeId self;
  private final List<HostPort> seeds;
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * @param local this node's replica of meta, if it has one
   * @param nodeMap who leads, and where nodes are
   * @param peers connections
   * @param self this node
   * @param seeds asked when no map is known yet
   */
  public MetaClient(
      Supplier<@Nullable MetaReplica> local,
      NodeMap nodeMap,
      PeerClient peers,
      NodeId self,
      List<HostPort> seeds) {
    this.local = local;
    this.nodeMap = nodeMap;
    this.peers = peers;
    this.self = self;
    this.seeds = List.copyOf(seeds);
  }

  /** Draws timestamps: the straight way of {@link OracleRoute}. */
  public CompletableFuture<Long> draw(int count, long deadlineNanos) {
    MetaReplica replica = local.get();
    if (replica != null && replica.serving()) {
      return replica.drawTimestamps(count);
    }
    return ask(timestamps(count, false), until(deadlineNanos))
        .thenApply(reply -> reply.getTimestampReply().getFirst());
  }

  /** Has another node draw timestamps: the detour of {@link OracleRoute}. */
  public CompletableFuture<Long> drawThrough(NodeId node, int count, long deadlineNanos) {
    Optional<HostPort> address = nodeMap.clientAddress(node);
    if (address.isEmpty()) {
      return CompletableFuture.failedFuture(PeerException.unreachable(node + " is no member"));
    }
    return peers
        .call(address.get(), Optional.of(node), timestamps(count, true), until(deadlineNanos))
        .thenApply(reply -> reply.getTimestampReply().getFirst());
  }

  /** Whom {@link #drawThrough} may ask: every other node but the one that is asked straight. */
  public List<NodeId> others() {
    Optional<NodeId> leader = nodeMap.leader(ShardId.META);
    return nodeMap.members().stream()
        .map(NodeRecord::id)
        .filter(id -> !id.equals(self) && !leader.equals(Optional.of(id)))
        .toList();
  }

  private static Envelope.Builder timestamps(int count, boolean detour) {
    return Envelope.newBuilder()
        .setTimestamp(TimestampRequest.newBuilder().setCount(count).setDetour(detour));
  }

  private static Duration until(long deadlineNanos) {
    return Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime()));
  }

  /** Runs a command; idempotent, so a failure of any kind may be tried again. */
  public CompletableFuture<Void> execute(MetaCommand command, Duration timeout) {
    MetaReplica replica = local.get();
    if (replica != null && replica.serving()) {
      return replica.execute(command).thenAccept(map -> {});
    }
    return ask(
            Envelope.newBuilder()
                .setAdmin(
                    AdminRequest.newBuilder()
                        .setCommand(AdminCommands.META)
                        .setPayload(ByteString.copyFrom(MetaCommandCodec.encode(command)))),
            timeout)
        .thenAccept(reply -> {});
  }

  private CompletableFuture<Envelope> ask(Envelope.Builder request, Duration timeout) {
    List<Candidate> candidates = candidates();
    if (candidates.isEmpty()) {
      return CompletableFuture.failedFuture(
          ShardException.refused(
              ShardException.Reason.UNAVAILABLE, "no other node of the meta group is known"));
    }
    Candidate first = candidates.getFirst();
    return peers
        .call(first.address(), first.node(), request, timeout)
        .whenComplete((reply, failure) -> learn(first, failure));
  }

  private record Candidate(HostPort address, Optional<NodeId> node) {}

  /** The supposed leader first; without one, everybody in turn. */
  private List<Candidate> candidates() {
    Set<Candidate> found = new LinkedHashSet<>();
    nodeMap
        .leader(ShardId.META)
        .filter(id -> !id.equals(self))
        .ifPresent(id ->
            nodeMap.clientAddress(id).ifPresent(a -> found.add(new Candidate(a, Optional.of(id)))));
    if (!found.isEmpty()) {
      return List.copyOf(found);
    }
    List<Candidate> others = new ArrayList<>();
    for (NodeId id : nodeMap.map().metaMembers().replicas()) {
      if (!id.equals(self)) {
        nodeMap.clientAddress(id).ifPresent(a -> others.add(new Candidate(a, Optional.of(id))));
      }
    }
    if (others.isEmpty()) {
      seeds.forEach(a -> others.add(new Candidate(a, Optional.empty())));
    }
    if (others.isEmpty()) {
      return List.of();
    }
    return List.of(others.get(Math.floorMod(turn.getAndIncrement(), others.size())));
  }

  private void learn(Candidate asked, @Nullable Throwable failure) {
    if (failure == null) {
      asked.node().ifPresent(id -> nodeMap.heard(ShardId.META, id));
      return;
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof PeerException e
        && (e.code() == ErrorCode.NOT_LEADER || e.code() == ErrorCode.UNAVAILABLE)) {
      asked.node().ifPresent(id -> nodeMap.notLeader(ShardId.META, id));
      e.leader().ifPresent(id -> nodeMap.heard(ShardId.META, id));
    }
  }
}
