package org.ferrisdb.node.service;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.LeaderHint;
import org.ferrisdb.client.wire.MapReply;
import org.ferrisdb.client.wire.MapRequest;
import org.ferrisdb.client.wire.ScanRequest;
import org.ferrisdb.client.wire.StatusReply;
import org.ferrisdb.client.wire.TimestampReply;
import org.ferrisdb.client.wire.TimestampRequest;
import org.ferrisdb.client.wire.WriteRequest;
import org.ferrisdb.node.server.Peer;
import org.ferrisdb.node.server.Protos;
import org.ferrisdb.node.server.RequestException;
import org.ferrisdb.node.server.RequestHandler;
import org.ferrisdb.shard.RequestStages;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaReplica;
import org.ferrisdb.shard.oracle.BatchingTimestampSource;
import org.jspecify.annotations.Nullable;

/** Takes every request to whoever answers it. Called on event loops; nothing here waits. */
public final class RequestRouter implements RequestHandler {
  /** A page of a scan: larger wishes are cut, so that one answer stays well below a frame. */
  static final int MAX_PAGE_BYTES = 2 << 20;

  static final int MAX_PAGE_ENTRIES = 50_000;
  private static final int DEFAULT_PAGE_BYTES = 256 << 10;
  private static final int DEFAULT_PAGE_ENTRIES = 1_000;
  private static final int MAX_GET_KEYS = 10_000;
  private static final int MAX_TIMESTAMPS = 1_000_000;

  /** Whoever asks for a detour waits no longer than this for one attempt. */
  private static final Duration DETOUR_PATIENCE =
      BatchingTimestampSource.Options.defaults().attempt();

  private final Supplier<@Nullable ClusterServices> cluster;
  private final Supplier<String> notYet;
  private final Supplier<CompletableFuture<String>> status;
  private final Supplier<String> clusterId;
  private final NodeRequests nodes;

  /**
   * @param cluster what answers, null before the node knows its cluster
   * @param notYet what the node is waiting for until then
   * @param clusterId the cluster's id, empty until known
   * @param status the node's status as JSON; may take a while
   * @param nodes answers other nodes
   */
  public RequestRouter(
      Supplier<@Nullable ClusterServices> cluster,
      Supplier<String> notYet,
      Supplier<String> clusterId,
      Supplier<CompletableFuture<String>> status,
      NodeRequests nodes) {
    this.cluster = cluster;
    this.notYet = notYet;
    this.clusterId = clusterId;
    this.status = status;
    this.nodes = nodes;
  }

  @Override
  public CompletableFuture<Envelope.Builder> handle(
      Envelope request, Peer peer, RequestStages stages) {
    return switch (request.getBodyCase()) {
      case WRITE -> write(request.getWrite(), stages);
      case GET -> get(request, stages);
      case SCAN -> scan(request.getScan(), stages);
      case MAP -> CompletableFuture.completedFuture(map(request.getMap(), peer.network()));
      case TIMESTAMP -> timestamp(request.getTimestamp(), stages);
      case STATUS ->
          status
              .get()
              .thenApply(json ->
                  Envelope.newBuilder().setStatusReply(StatusReply.newBuilder().setJson(json)));
      case JOIN, FORM, CHECKPOINT_OPEN, CHECKPOINT_READ, CHECKPOINT_CLOSE, ADMIN ->
          nodes.handle(request, peer);
      case HELLO,
          HELLO_REPLY,
          ERROR,
          WRITE_REPLY,
          GET_REPLY,
          SCAN_REPLY,
          MAP_REPLY,
          TIMESTAMP_REPLY,
          STATUS_REPLY,
          JOIN_REPLY,
          FORM_REPLY,
          CHECKPOINT_OPEN_REPLY,
          CHECKPOINT_READ_REPLY,
          CHECKPOINT_CLOSE_REPLY,
          ADMIN_REPLY ->
          throw RequestException.refused(
              ErrorCode.INVALID, "a " + request.getBodyCase() + " is no request", "");
      case BODY_NOT_SET ->
          throw RequestException.refused(
              ErrorCode.UNSUPPORTED,
              "a message this release does not know",
              "use a client of this release");
    };
  }

  private ClusterServices services() {
    ClusterServices services = cluster.get();
    if (services == null) {
      throw RequestException.refused(
          ErrorCode.UNAVAILABLE, "the node is starting: " + notYet.get(), "see the node's /status");
    }
    return services;
  }

  private CompletableFuture<Envelope.Builder> write(WriteRequest request, RequestStages stages) {
    ClusterServices services = services();
    ShardReplica shard = shard(services, request.getShardId());
    if (services.disk().isLow()) {
      throw diskFull(services, new ShardId(request.getShardId()));
    }
    return shard
        .write(ShardProtos.write(request), stages)
        .thenApply(outcome ->
            Envelope.newBuilder()
                .setWriteReply(ShardProtos.reply(outcome, services.timestamps().newest())));
  }

  /**
   * Where this node does not lead (any more), the leader is the one to say whether its disk is
   * full.
   */
  private static ShardException diskFull(ClusterServices services, ShardId id) {
    ShardReplica shard = services.host().shard(id);
    if (shard != null && !shard.status().leading()) {
      return elsewhere(services, id);
    }
    return ShardException.refused(
        ShardException.Reason.DISK_FULL,
        "less than disk.reserve = "
            + services.disk().reserve()
            + " bytes are free ("
            + services.disk().freeBytes()
            + ")");
  }

  private CompletableFuture<Envelope.Builder> get(Envelope request, RequestStages stages) {
    ClusterServices services = services();
    if (request.getGet().getKeysCount() > MAX_GET_KEYS) {
      throw RequestException.refused(
          ErrorCode.LIMIT_EXCEEDED,
          request.getGet().getKeysCount() + " keys in one request, at most " + MAX_GET_KEYS,
          "ask for fewer at a time");
    }
    return shard(services, request.getGet().getShardId())
        .get(ShardProtos.get(request.getGet()), stages)
        .thenApply(result -> Envelope.newBuilder().setGetReply(ShardProtos.reply(result)));
  }

  private CompletableFuture<Envelope.Builder> scan(ScanRequest request, RequestStages stages) {
    ClusterServices services = services();
    int entries = within(request.getMaxEntries(), DEFAULT_PAGE_ENTRIES, MAX_PAGE_ENTRIES);
    int bytes = within(request.getMaxBytes(), DEFAULT_PAGE_BYTES, MAX_PAGE_BYTES);
    return shard(services, request.getShardId())
        .scan(ShardProtos.scan(request, entries, bytes), stages)
        .thenApply(page -> Envelope.newBuilder().setScanReply(ShardProtos.reply(page)));
  }

  static int within(int wish, int otherwise, int max) {
    return wish <= 0 ? otherwise : Math.min(wish, max);
  }

  private static ShardReplica shard(ClusterServices services, long number) {
    ShardId id = new ShardId(number);
    ShardReplica shard = services.host().shard(id);
    if (shard == null) {
      throw elsewhere(services, id);
    }
    return shard;
  }

  private static ShardException elsewhere(ClusterServices services, ShardId id) {
    ShardDescriptor descriptor = services.nodeMap().descriptor(id);
    if (descriptor == null || id.equals(ShardId.META)) {
      return ShardException.refused(
          ShardException.Reason.WRONG_EPOCH, "this node knows of no shard " + id);
    }
    return new ShardException(
        ShardException.Reason.NOT_LEADER,
        ShardException.Applied.NO,
        "this node does not lead " + id,
        services.nodeMap().leader(id),
        List.of(descriptor));
  }

  private Envelope.Builder map(MapRequest request, String network) {
    ClusterServices services = services();
    ShardMap map = services.nodeMap().map();
    MapReply.Builder reply =
        MapReply.newBuilder().setVersion(map.version()).setClusterId(clusterId.get());
    if (map.version() > request.getKnownVersion()) {
      map.shards().forEach(d -> reply.addShards(Protos.toProto(d)));
      map.nodes().forEach(n -> reply.addNodes(Protos.toProto(n, network)));
    }
    addLeader(reply, services, ShardId.META);
    map.shards().forEach(d -> addLeader(reply, services, d.id()));
    return Envelope.newBuilder().setMapReply(reply);
  }

  private static void addLeader(MapReply.Builder reply, ClusterServices services, ShardId id) {
    services
        .nodeMap()
        .leader(id)
        .ifPresent(leader ->
            reply.addLeaders(
                LeaderHint.newBuilder().setShardId(id.value()).setNodeId(leader.value())));
  }

  private CompletableFuture<Envelope.Builder> timestamp(
      TimestampRequest request, RequestStages stages) {
    ClusterServices services = services();
    int count = request.getCount();
    if (count < 1 || count > MAX_TIMESTAMPS) {
      throw RequestException.refused(
          ErrorCode.INVALID, count + " timestamps", "ask for 1 to " + MAX_TIMESTAMPS);
    }
    stages.enter(Stage.TIMESTAMP, System.nanoTime());
    CompletableFuture<Long> first;
    if (request.getDetour()) {
      first = services.meta().draw(count, System.nanoTime() + DETOUR_PATIENCE.toNanos());
    } else if (request.getForward()) {
      first = services.timestamps().draw(count);
    } else {
      MetaReplica meta = services.host().meta();
      if (meta == null) {
        throw new ShardException(
            ShardException.Reason.NOT_LEADER,
            ShardException.Applied.NO,
            "this node is not of the meta group",
            Optional.empty(),
            List.of());
      }
      first = meta.drawTimestamps(count);
    }
    return first.thenApply(
        t -> Envelope.newBuilder().setTimestampReply(TimestampReply.newBuilder().setFirst(t)));
  }
}
