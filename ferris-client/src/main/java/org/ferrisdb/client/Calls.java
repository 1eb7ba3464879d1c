package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.LeaderHint;
import org.ferrisdb.client.wire.MapReply;
import org.ferrisdb.client.wire.NodeProto;
import org.ferrisdb.client.wire.ShardDescriptorProto;

/**
 * Makes and starts the calls: what the synchronous and the asynchronous API share. Thread-safe.
 *
 * <p>{@code patient} says that a thread is going to wait for the result, see {@link Call#patient}.
 */
final class Calls {
  private static final long STATUS_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

  final ClientCore core;
  final long timeoutNanos;
  final boolean patient;

  Calls(ClientCore core, long timeoutNanos, boolean patient) {
    this.core = core;
    this.timeoutNanos = timeoutNanos;
    this.patient = patient;
  }

  CompletableFuture<Version> put(Bytes key, Bytes value) {
    return blind("put", key, Batch.builder().put(key, value).build());
  }

  CompletableFuture<Version> delete(Bytes key) {
    return blind("delete", key, Batch.builder().delete(key).build());
  }

  private CompletableFuture<Version> blind(String name, Bytes key, Batch batch) {
    return started(new WriteCall.Blind(name, key, batch, core.now(), timeoutNanos, patient));
  }

  CompletableFuture<WriteResult> putIfAbsent(Bytes key, Bytes value) {
    Batch batch = Batch.builder().ifAbsent(key).put(key, value).build();
    return conditional("putIfAbsent " + key, batch);
  }

  CompletableFuture<WriteResult> compareAndSet(Bytes key, Bytes expected, Bytes value) {
    Batch batch = Batch.builder().ifValue(key, expected).put(key, value).build();
    return conditional("compareAndSet " + key, batch);
  }

  CompletableFuture<WriteResult> compareAndSet(Bytes key, Version expected, Bytes value) {
    Batch batch = Batch.builder().ifVersion(key, expected).put(key, value).build();
    return conditional("compareAndSet " + key, batch);
  }

  CompletableFuture<WriteResult> batch(Batch batch) {
    return conditional("batch of " + batch.size() + " from " + batch.keys.get(0), batch);
  }

  private CompletableFuture<WriteResult> conditional(String what, Batch batch) {
    return started(new WriteCall.Conditional(what, batch, core.now(), timeoutNanos, patient));
  }

  CompletableFuture<Optional<Entry>> get(Bytes key, long timestamp) {
    return started(
        new ReadCalls.GetCall<>(
            List.of(key),
            timestamp,
            entries -> entries.isEmpty() ? Optional.empty() : Optional.of(entries.get(0)),
            core.now(),
            timeoutNanos,
            patient));
  }

  CompletableFuture<List<Entry>> getTogether(List<Bytes> keys, long timestamp, long timeout) {
    return started(
        new ReadCalls.GetCall<>(keys, timestamp, entries -> entries, core.now(), timeout, patient));
  }

  CompletableFuture<Map<Bytes, Entry>> getAll(Collection<Bytes> keys, long timestamp) {
    return new GetAll(this, keys, timestamp).start();
  }

  CompletableFuture<Version> timestamp(long timeout) {
    return started(
        new AnyCalls.TimestampCall(core.now(), timeout, patient, core.oracle()::observe));
  }

  /** One page of what is left of a scan; {@code timestamp} 0 reads now. */
  CompletableFuture<ScanPage> page(ScanSpec spec, KeyRange rest, long timestamp, int maxEntries) {
    return started(
        new ReadCalls.ScanCall(
            spec,
            rest,
            timestamp,
            maxEntries,
            spec.pageBytes(),
            core.now(),
            timeoutNanos,
            patient));
  }

  /** The page at the scan's cursor, or its first. */
  CompletableFuture<ScanPage> page(ScanSpec spec) {
    Optional<KeyRange> rest =
        spec.after().map(at -> ScanPlan.rest(spec.range(), at)).orElse(Optional.of(spec.range()));
    if (rest.isEmpty() || spec.limit() == 0) {
      Version at = spec.readAt().orElse(new Version(0));
      return CompletableFuture.completedFuture(new ScanPage(at, List.of(), Optional.empty()));
    }
    int entries = (int) Math.min(spec.pageSize(), spec.limit());
    return page(spec, rest.get(), spec.readAt().map(Version::value).orElse(0L), entries);
  }

  ScanSpec scan(KeyRange range) {
    FerrisOptions options = core.options();
    return new ScanSpec(
        range,
        false,
        Long.MAX_VALUE,
        false,
        options.pageSize(),
        options.pageBytes(),
        Optional.empty(),
        Optional.empty());
  }

  CompletableFuture<ClusterInfo> clusterInfo() {
    return unwrapped(
        started(new AnyCalls.MapCall(core.now(), timeoutNanos, 0, patient))
            .thenApply(Calls::clusterInfo));
  }

  CompletableFuture<List<ClusterInfo.NodeStatus>> nodeStatuses() {
    return unwrapped(clusterInfo().thenCompose(this::askEach));
  }

  private CompletableFuture<List<ClusterInfo.NodeStatus>> askEach(ClusterInfo info) {
    List<CompletableFuture<ClusterInfo.NodeStatus>> asked = new ArrayList<>();
    for (ClusterInfo.Node node : info.nodes()) {
      long timeout = Math.min(timeoutNanos, STATUS_TIMEOUT_NANOS);
      AnyCalls.StatusCall call =
          new AnyCalls.StatusCall(node.address(), core.now(), timeout, patient);
      asked.add(
          started(call)
              .handle((json, failure) -> status(node, Optional.ofNullable(json), failure)));
    }
    return CompletableFuture.allOf(asked.toArray(new CompletableFuture<?>[0]))
        .thenApply(all -> asked.stream().map(CompletableFuture::join).toList());
  }

  private static ClusterInfo.NodeStatus status(
      ClusterInfo.Node node,
      Optional<String> json,
      @org.jspecify.annotations.Nullable Throwable failure) {
    return new ClusterInfo.NodeStatus(
        node, json, Optional.ofNullable(failure).map(f -> String.valueOf(f.getMessage())));
  }

  private static ClusterInfo clusterInfo(MapReply map) {
    Map<Long, String> leaders = new LinkedHashMap<>();
    for (LeaderHint hint : map.getLeadersList()) {
      leaders.put(hint.getShardId(), hint.getNodeId());
    }
    List<ClusterInfo.Shard> shards = new ArrayList<>();
    for (ShardDescriptorProto shard : map.getShardsList()) {
      shards.add(shard(shard, Optional.ofNullable(leaders.get(shard.getShardId()))));
    }
    shards.sort((a, b) -> a.range().start().compareTo(b.range().start()));
    List<ClusterInfo.Node> nodes = new ArrayList<>();
    for (NodeProto node : map.getNodesList()) {
      nodes.add(
          new ClusterInfo.Node(
              node.getNodeId(),
              node.getName(),
              node.getClientAddress(),
              node.getHttpAddress(),
              node.getState()));
    }
    return new ClusterInfo(
        map.getClusterId(), map.getVersion(), shards, nodes, Optional.ofNullable(leaders.get(0L)));
  }

  private static ClusterInfo.Shard shard(ShardDescriptorProto shard, Optional<String> leader) {
    Bytes end = ReadCalls.bytes(shard.getEnd());
    KeyRange range =
        new KeyRange(
            ReadCalls.bytes(shard.getStart()), end.isEmpty() ? Optional.empty() : Optional.of(end));
    return new ClusterInfo.Shard(
        shard.getShardId(), shard.getEpoch(), range, shard.getReplicaNodeIdsList(), leader);
  }

  private <T> CompletableFuture<T> started(Call<T> call) {
    core.submit(call);
    return call;
  }

  /** The same future, failing with the cause itself and not with a wrapper around it. */
  static <T> CompletableFuture<T> unwrapped(CompletableFuture<T> chained) {
    CompletableFuture<T> plain = new CompletableFuture<>();
    var unused =
        chained.whenComplete((value, failure) -> {
          if (failure == null) {
            plain.complete(value);
          } else {
            plain.completeExceptionally(cause(failure));
          }
        });
    return plain;
  }

  static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
