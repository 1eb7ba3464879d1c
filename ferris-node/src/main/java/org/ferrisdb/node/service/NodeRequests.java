package org.ferrisdb.node.service;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.ferrisdb.client.wire.AdminReply;
import org.ferrisdb.client.wire.AdminRequest;
import org.ferrisdb.client.wire.CheckpointCloseReply;
import org.ferrisdb.client.wire.CheckpointOpenReply;
import org.ferrisdb.client.wire.CheckpointOpenRequest;
import org.ferrisdb.client.wire.CheckpointReadRequest;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.node.cluster.AdminCommands;
import org.ferrisdb.node.cluster.AdminCommands.ShardCommand;
import org.ferrisdb.node.cluster.Formation;
import org.ferrisdb.node.cluster.Membership;
import org.ferrisdb.node.cluster.NodeReport;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.server.Peer;
import org.ferrisdb.node.server.RequestException;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.LogHold;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.shard.Rebuildable;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.StateDigest;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMapCodec;
import org.ferrisdb.shard.meta.MetaCommandCodec;
import org.ferrisdb.shard.meta.MetaReplica;
import org.ferrisdb.shard.placement.ReplacementPlanner;
import org.ferrisdb.shard.placement.ReplacementPlanner.GroupView;
import org.ferrisdb.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Answers other nodes: who this is, plans, checkpoints, commands. What touches files runs on worker
 * threads.
 */
public final class NodeRequests {
  private static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(5);

  private final Supplier<NodeRecord> self;
  private final Membership membership;
  private final Supplier<@Nullable Formation> formation;
  private final Supplier<@Nullable ClusterServices> cluster;
  private final UnaryOperator<ByteString> activity;
  private final Executor workers;

  /**
   * @param self this node
   * @param membership what its disk says
   * @param formation takes plans offered
   * @param cluster what answers once the cluster is known
   * @param activity answers {@link AdminCommands#ACTIVITY}
   * @param workers platform threads for files
   */
  public NodeRequests(
      Supplier<NodeRecord> self,
      Membership membership,
      Supplier<@Nullable Formation> formation,
      Supplier<@Nullable ClusterServices> cluster,
      UnaryOperator<ByteString> activity,
      Executor workers) {
    this.self = self;
    this.membership = membership;
    this.formation = formation;
    this.cluster = cluster;
    this.activity = activity;
    this.workers = workers;
  }

  CompletableFuture<Envelope.Builder> handle(Envelope request, Peer peer) {
    return switch (request.getBodyCase()) {
      case JOIN -> CompletableFuture.completedFuture(whoIsThis());
      case FORM -> form(request);
      case CHECKPOINT_OPEN -> openCheckpoint(request.getCheckpointOpen());
      case CHECKPOINT_READ -> readCheckpoint(request.getCheckpointRead());
      case CHECKPOINT_CLOSE -> closeCheckpoint(request.getCheckpointClose().getHandle());
      case ADMIN ->
          admin(request.getAdmin())
              .thenApply(payload ->
                  Envelope.newBuilder().setAdminReply(AdminReply.newBuilder().setPayload(payload)));
      default -> throw new IllegalArgumentException(request.getBodyCase() + " of " + peer.name());
    };
  }

  private Envelope.Builder whoIsThis() {
    return Envelope.newBuilder()
        .setJoinReply(
            Formation.whoIsThis(self.get(), membership.cluster(), membership.plan().orElse(null)));
  }

  private CompletableFuture<Envelope.Builder> form(Envelope request) {
    Formation f = formation.get();
    if (f == null) {
      throw RequestException.refused(ErrorCode.UNAVAILABLE, "the node is starting", "try again");
    }
    try {
      return f.offer(request.getForm()).thenApply(r -> Envelope.newBuilder().setFormReply(r));
    } catch (IllegalArgumentException e) {
      throw RequestException.refused(ErrorCode.INVALID, "bad plan: " + e.getMessage(), "");
    }
  }

  private ClusterServices services() {
    ClusterServices services = cluster.get();
    if (services == null) {
      throw RequestException.refused(ErrorCode.UNAVAILABLE, "the node is starting", "try again");
    }
    return services;
  }

  private CompletableFuture<Envelope.Builder> openCheckpoint(CheckpointOpenRequest r) {
    ClusterServices services = services();
    CompletableFuture<CheckpointOpenReply> reply =
        r.getHandle() == 0
            ? openCheckpoint(services, r.getGroupId())
            : services.checkpoints().pending(r.getHandle());
    return reply.thenApply(open -> Envelope.newBuilder().setCheckpointOpenReply(open));
  }

  private static CompletableFuture<CheckpointOpenReply> openCheckpoint(
      ClusterServices services, String groupId) {
    ShardId shard;
    try {
      shard = services.host().ids().shardOf(new GroupId(UUID.fromString(groupId)));
    } catch (IllegalArgumentException e) {
      throw RequestException.refused(ErrorCode.INVALID, String.valueOf(e.getMessage()), "");
    }
    ReplicatedStateMachine machine = services.host().machine(shard);
    if (machine == null) {
      throw RequestException.refused(
          ErrorCode.UNAVAILABLE, "no replica of " + shard + " here", "ask its leader");
    }
    RaftGroup group = services.host().group(shard);
    return services.checkpoints().open(machine, group == null ? LogHold.NONE : group.holdLog());
  }

  private CompletableFuture<Envelope.Builder> readCheckpoint(CheckpointReadRequest r) {
    ClusterServices services = services();
    return work(() ->
        Envelope.newBuilder()
            .setCheckpointReadReply(
                services
                    .checkpoints()
                    .read(r.getHandle(), r.getFile(), r.getOffset(), r.getLength())));
  }

  private CompletableFuture<Envelope.Builder> closeCheckpoint(long handle) {
    ClusterServices services = services();
    return work(() -> {
      services.checkpoints().close(handle);
      return Envelope.newBuilder()
          .setCheckpointCloseReply(CheckpointCloseReply.getDefaultInstance());
    });
  }

  private CompletableFuture<ByteString> admin(AdminRequest request) {
    if (request.getCommand().equals(AdminCommands.PLAN)) {
      return CompletableFuture.completedFuture(
          membership
              .plan()
              .map(plan -> Formation.toProto(plan).toByteString())
              .orElseThrow(
                  () -> RequestException.refused(ErrorCode.UNAVAILABLE, "no plan here", "")));
    }
    if (request.getCommand().equals(AdminCommands.ACTIVITY)) {
      return work(() -> activity.apply(request.getPayload()));
    }
    ClusterServices services = services();
    return switch (request.getCommand()) {
      case AdminCommands.META -> meta(services, request);
      case AdminCommands.MAP ->
          CompletableFuture.completedFuture(
              ByteString.copyFrom(ShardMapCodec.encode(services.nodeMap().map())));
      case NodeReport.COMMAND -> CompletableFuture.completedFuture(report(services).encode());
      case AdminCommands.JOIN_GROUP -> {
        ShardCommand command = AdminCommands.shardCommand(request);
        if (!command.nodeId().equals(self.get().id())) {
          throw RequestException.refused(ErrorCode.INVALID, "this is node " + self.get().id(), "");
        }
        yield work(() -> {
          services.host().join(command.shardId());
          return ByteString.EMPTY;
        });
      }
      case AdminCommands.MEMBERSHIP ->
          CompletableFuture.completedFuture(
              membership(services, AdminCommands.shardCommand(request)).encode());
      case AdminCommands.TRANSFER -> transfer(services, AdminCommands.shardCommand(request));
      case AdminCommands.DIGEST -> digest(services, AdminCommands.shardCommand(request));
      default ->
          throw RequestException.refused(
              ErrorCode.UNSUPPORTED, "admin command '" + request.getCommand() + "'", "");
    };
  }

  private static CompletableFuture<ByteString> meta(
      ClusterServices services, AdminRequest request) {
    MetaReplica replica = services.host().meta();
    if (replica == null) {
      throw ShardException.refused(
          ShardException.Reason.NOT_LEADER, "this node is not of the meta group");
    }
    return replica
        .execute(MetaCommandCodec.decode(request.getPayload().toByteArray()))
        .thenApply(map -> ByteString.EMPTY);
  }

  private NodeReport report(ClusterServices services) {
    ShardHost host = services.host();
    Map<Long, String> leaders = new TreeMap<>();
    for (ShardId shard : host.hosted()) {
      RaftGroup group = host.group(shard);
      if (group != null) {
        var leader = group.status().leader();
        if (leader != null) {
          leaders.put(shard.value(), leader.value());
        }
      }
    }
    NodeId me = self.get().id();
    List<Long> broken =
        services.nodeMap().map().shards().stream()
            .filter(d -> d.replicas().contains(me))
            .map(ShardDescriptor::id)
            .filter(id -> host.isBroken(id, me))
            .map(ShardId::value)
            .collect(Collectors.toCollection(ArrayList::new));
    if (services.nodeMap().map().metaMembers().replicas().contains(me)
        && host.isBroken(ShardId.META, me)) {
      broken.add(ShardId.META.value());
    }
    return new NodeReport(
        services.nodeMap().map().version(),
        !services.disk().isLow(),
        services.disk().isSlow(),
        leaders,
        broken);
  }

  private static AdminCommands.Membership membership(
      ClusterServices services, ShardCommand command) {
    RaftGroup group = services.host().group(command.shardId());
    GroupStatus status = group == null ? null : group.status();
    if (status == null || status.role() != GroupStatus.Role.LEADER) {
      throw ShardException.refused(
          ShardException.Reason.NOT_LEADER, "this node does not lead " + command.shardId());
    }
    GroupView view =
        new GroupView(command.shardId(), status.term(), status.members(), java.util.Set.of());
    return new AdminCommands.Membership(
        ReplacementPlanner.isStranger(services.nodeMap().map(), view, command.nodeId()),
        status.term());
  }

  private CompletableFuture<ByteString> transfer(ClusterServices services, ShardCommand command) {
    RaftGroup group = services.host().group(command.shardId());
    if (group == null) {
      throw RequestException.refused(
          ErrorCode.NOT_LEADER, "no replica of " + command.shardId() + " here", "");
    }
    CompletableFuture<ByteString> done = new CompletableFuture<>();
    workers.execute(() -> {
      var _ =
          group
              .transferLeadership(command.nodeId(), TRANSFER_TIMEOUT)
              .whenComplete((nothing, failure) -> {
                if (failure == null) {
                  done.complete(ByteString.EMPTY);
                } else {
                  done.completeExceptionally(failure);
                }
              });
    });
    return done;
  }

  /** Reads the whole replica, on one of the few threads for slow requests. */
  private CompletableFuture<ByteString> digest(ClusterServices services, ShardCommand command) {
    Rebuildable replica = services.host().machine(command.shardId());
    if (replica == null) {
      throw RequestException.refused(
          ErrorCode.UNAVAILABLE, "no replica of " + command.shardId() + " here", "ask its nodes");
    }
    return work(() -> {
      try {
        StateDigest state = replica.stateDigest();
        return new AdminCommands.ReplicaState(state.appliedIndex(), state.digest()).encode();
      } catch (IllegalStateException | StorageException e) {
        throw RequestException.refused(
            ErrorCode.UNAVAILABLE,
            "the replica of " + command.shardId() + " can not be read: " + e.getMessage(),
            "see its node's status");
      }
    });
  }

  private <T> CompletableFuture<T> work(Callable<T> task) {
    CompletableFuture<T> future = new CompletableFuture<>();
    workers.execute(() -> {
      try {
        future.complete(task.call());
      } catch (IOException e) {
        future.completeExceptionally(new CompletionException(new UncheckedIOException(e)));
      } catch (Exception e) {
        future.completeExceptionally(e);
      }
    });
    return future;
  }
}
