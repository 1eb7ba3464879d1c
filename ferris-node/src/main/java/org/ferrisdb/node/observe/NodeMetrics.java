package org.ferrisdb.node.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.server.FrontDoorListener;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.RequestStages;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.ShardStatus;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.meta.MetaReplica;
import org.jspecify.annotations.Nullable;

/** The node's meters. Thread-safe. */
public final class NodeMetrics implements FrontDoorListener, AutoCloseable {
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private record Kind(Envelope.BodyCase body, @Nullable ErrorCode error) {}

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final EngineMeters engines = new EngineMeters(registry);
  private final Map<Kind, Timer> requests = new ConcurrentHashMap<>();
  private final Map<ShardId, List<Meter>> ofShards = new HashMap<>();
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Counter malformed;
  private final NodeView node;

  /** Registers everything about the node; shards follow as they come. */
  public NodeMetrics(NodeView node) {
    this.node = node;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    gc.bindTo(registry);
    malformed =
        Counter.builder("ferris.connections.malformed")
            .description("Connections closed because of what they sent")
            .register(registry);
    registerFrontDoor();
    registerNode();
    engines.registerShared(node);
  }

  private void registerFrontDoor() {
    gauge("ferris.connections", "Open connections", n -> n.admission().connections());
    gauge("ferris.connections.limit", "Their limit", n -> n.admission().maxConnections());
    gauge(
        "ferris.inflight.bytes",
        "Bytes of unanswered requests and unsent answers",
        n -> n.admission().bytes());
    gauge(
        "ferris.ingress.bytes",
        "Bytes of frames that are not complete yet",
        n -> n.admission().bufferedBytes());
    gauge("ferris.inflight.bytes.limit", "Their limit", n -> n.admission().maxBytes());
    counter(
        "ferris.connections.refused",
        "Connections refused over the limit",
        n -> n.admission().refusedConnections());
    counter(
        "ferris.requests.refused",
        "Requests refused over ferris_inflight_bytes_limit",
        n -> n.admission().refusedRequests());
  }

  private void registerNode() {
    gauge("ferris.disk.free.bytes", "Free on data.dir", n -> n.disk().freeBytes());
    gauge("ferris.disk.reserve.bytes", "disk.reserve", n -> n.disk().reserve());
    gauge("ferris.disk.slow", "1: others are asked to lead", n -> n.disk().isSlow() ? 1 : 0);
    gauge("ferris.disk.low", "1: writes are refused", n -> n.disk().isLow() ? 1 : 0);
    gauge("ferris.ready", "1: serving", n -> n.notReady().isEmpty() ? 1 : 0);
    gauge(
        "ferris.map.version",
        "Version of the shard map known",
        n -> n.nodeMap().map(m -> m.map().version()).orElse(0L));
    gauge(
        "ferris.leaders",
        "Groups this node leads",
        n -> n.host().map(NodeMetrics::leading).orElse(0L));
    counter("ferris.replicas.reopened", "Replicas reopened after a failure", NodeView::reopened);
    counter("ferris.replicas.rebuilt", "Replicas rebuilt from their peers", NodeView::rebuilt);
    node.memory()
        .pools()
        .forEach((pool, bytes) ->
            Gauge.builder("ferris.memory.budget.bytes", () -> bytes)
                .tag("pool", pool)
                .description("What each pool may take")
                .register(registry));
  }

  private static long leading(ShardHost host) {
    return host.hosted().stream()
        .map(host::group)
        .filter(g -> g != null && g.status().role() == GroupStatus.Role.LEADER)
        .count();
  }

  private void gauge(String name, String description, ToDoubleFunction<NodeView> value) {
    Gauge.builder(name, node, value).description(description).register(registry);
  }

  private void counter(String name, String description, ToDoubleFunction<NodeView> value) {
    FunctionCounter.builder(name, node, value).description(description).register(registry);
  }

  @Override
  public void answered(
      Envelope request, @Nullable ErrorCode error, long nanos, RequestStages stages) {
    Kind kind = new Kind(request.getBodyCase(), error);
    Timer timer = requests.get(kind);
    if (timer == null) {
      timer = requests.computeIfAbsent(kind, this::timer);
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Kind kind) {
    return Timer.builder("ferris.requests")
        .description("Requests by operation and outcome, from decoding to answer")
        .tag("op", kind.body().name().toLowerCase(Locale.ROOT))
        .tag("outcome", kind.error() == null ? "ok" : kind.error().name().toLowerCase(Locale.ROOT))
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  @Override
  public void malformed(String peer, String why) {
    malformed.increment();
  }

  /** Everything in Prometheus's text format. */
  public synchronized String scrape() {
    node.host().ifPresent(this::followShards);
    return registry.scrape();
  }

  private void followShards(ShardHost host) {
    Set<ShardId> now = Set.copyOf(host.hosted());
    ofShards
        .entrySet()
        .removeIf(e -> {
          boolean gone = !now.contains(e.getKey());
          if (gone) {
            e.getValue().forEach(registry::remove);
          }
          return gone;
        });
    now.forEach(id -> ofShards.computeIfAbsent(id, i -> register(host, i)));
  }

  private List<Meter> register(ShardHost host, ShardId id) {
    List<Meter> meters = new ArrayList<>();
    raft(meters, host, id, "ferris.raft.log.bytes", "Bytes of the Raft log", GroupStatus::logBytes);
    raft(meters, host, id, "ferris.raft.term", "Term", GroupStatus::term);
    raft(meters, host, id, "ferris.raft.commit.index", "Committed", GroupStatus::commitIndex);
    raft(meters, host, id, "ferris.raft.applied.index", "Applied", GroupStatus::appliedIndex);
    raft(
        meters,
        host,
        id,
        "ferris.raft.leader",
        "1: this node leads the group",
        s -> s.role() == GroupStatus.Role.LEADER ? 1 : 0);
    raft(
        meters,
        host,
        id,
        "ferris.raft.failed",
        "1: the replica takes part in nothing",
        s -> s.role() == GroupStatus.Role.FAILED ? 1 : 0);
    if (id.equals(ShardId.META)) {
      oracle(meters, host);
    } else {
      shard(meters, host, id);
      meters.addAll(engines.register(host, id));
    }
    return meters;
  }

  private void oracle(List<Meter> meters, ShardHost host) {
    Tags none = Tags.empty();
    ToDoubleFunction<ShardHost> serving = meta(m -> m.serving() ? 1 : 0);
    meters.add(gauge("ferris.oracle.serving", none, "1: draws timestamps", host, serving));
    meters.add(
        gauge(
            "ferris.oracle.alarmed",
            none,
            "1: the wall clock jumped and is not believed",
            host,
            meta(m -> m.status().clockAlarm() ? 1 : 0)));
    meters.add(
        counter(
            "ferris.oracle.drawn", none, "Timestamps drawn", host, meta(m -> m.status().drawn())));
  }

  private static ToDoubleFunction<ShardHost> meta(ToDoubleFunction<MetaReplica> value) {
    return h -> {
      MetaReplica meta = h.meta();
      return meta == null ? 0 : value.applyAsDouble(meta);
    };
  }

  private void shard(List<Meter> meters, ShardHost host, ShardId id) {
    Tags tags = Tags.of("shard", id.toString());
    meters.add(
        gauge("ferris.shard.serving", tags, "1: answers", host, of(id, s -> s.serving() ? 1 : 0)));
    meters.add(
        gauge(
            "ferris.shard.lease.seconds",
            tags,
            "How long the lease still runs",
            host,
            of(id, s -> s.leaseMillisLeft() / 1e3)));
    meters.add(
        gauge(
            "ferris.shard.queued",
            tags,
            "Requests that wait for evaluation",
            host,
            of(id, ShardStatus::queued)));
    meters.add(
        gauge(
            "ferris.shard.inflight",
            tags,
            "Entries proposed and not applied",
            host,
            of(id, ShardStatus::inFlight)));
    meters.add(
        gauge(
            "ferris.shard.outcomes",
            tags,
            "Entries of the exactly-once table",
            host,
            of(id, ShardStatus::outcomes)));
    meters.add(
        counter(
            "ferris.shard.evaluated",
            tags,
            "Requests evaluated",
            host,
            of(id, ShardStatus::evaluated)));
    meters.add(
        counter(
            "ferris.shard.proposed",
            tags,
            "Entries proposed",
            host,
            of(id, ShardStatus::proposed)));
  }

  private static ToDoubleFunction<ShardHost> of(ShardId id, ToDoubleFunction<ShardStatus> value) {
    return h -> {
      ShardReplica shard = h.shard(id);
      return shard == null ? 0 : value.applyAsDouble(shard.status());
    };
  }

  private Gauge gauge(
      String name,
      Tags tags,
      String description,
      ShardHost host,
      ToDoubleFunction<ShardHost> value) {
    return Gauge.builder(name, host, value).tags(tags).description(description).register(registry);
  }

  private FunctionCounter counter(
      String name,
      Tags tags,
      String description,
      ShardHost host,
      ToDoubleFunction<ShardHost> value) {
    return FunctionCounter.builder(name, host, value)
        .tags(tags)
        .description(description)
        .register(registry);
  }

  private void raft(
      List<Meter> meters,
      ShardHost host,
      ShardId id,
      String name,
      String description,
      ToDoubleFunction<GroupStatus> value) {
    meters.add(
        gauge(
            name,
            Tags.of("shard", id.toString()),
            description,
            host,
            h -> {
              RaftGroup group = h.group(id);
              return group == null ? 0 : value.applyAsDouble(group.status());
            }));
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
