package org.ferrisdb.node.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.EngineStats;
import org.ferrisdb.storage.ResourceStats;
import org.ferrisdb.storage.metrics.LatencyStats;
import org.ferrisdb.storage.metrics.StallReason;
import org.ferrisdb.storage.metrics.StallStats;

/**
 * The meters of storage: those of a shard's engine, and those of what all engines share. Syncs of
 * WALs are among the latter: a shard's engine has no WAL, its log is the Raft group's, so in a node
 * they stay at 0 as long as none of its engines has one.
 */
final class EngineMeters {
  private static final int LEVELS = 7;

  private final MeterRegistry registry;

  EngineMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Registers what the node's engines share. */
  void registerShared(NodeView node) {
    shared(node, "ferris.storage.memtables.bytes", "In all memtables", s -> s.memtableBytes());
    shared(node, "ferris.storage.cache.bytes", "Blocks in the cache", s -> s.blockCacheBytes());
    shared(
        node,
        "ferris.storage.tables.open",
        "Tables and value files that are open",
        s -> s.openTables());
    sharedCount(
        node, "ferris.storage.cache.hits", "Blocks found in the cache", s -> s.blockCacheHits());
    sharedCount(
        node,
        "ferris.storage.cache.misses",
        "Blocks read because they were not in the cache",
        s -> s.blockCacheMisses());
    sharedCount(
        node,
        "ferris.storage.cache.evictions",
        "Blocks that left the cache for others",
        s -> s.blockCacheEvictions());
    registerWalSyncs(node);
  }

  private void registerWalSyncs(NodeView node) {
    FunctionTimer.builder(
            "ferris.storage.wal.sync",
            node,
            n -> n.storage().walSync().count(),
            n -> n.storage().walSync().nanos(),
            TimeUnit.NANOSECONDS)
        .description("Writing and syncing a group of batches to an engine's WAL")
        .register(registry);
    walSyncUpTo(node, "0.5", LatencyStats::p50Nanos);
    walSyncUpTo(node, "0.99", LatencyStats::p99Nanos);
    walSyncUpTo(node, "1", LatencyStats::longestNanos);
  }

  private void walSyncUpTo(NodeView node, String share, ToDoubleFunction<LatencyStats> nanos) {
    TimeGauge.builder(
            "ferris.storage.wal.sync.within",
            node,
            TimeUnit.NANOSECONDS,
            n -> nanos.applyAsDouble(n.storage().walSync()))
        .tag("share", share)
        .description("How long that share of the syncs took at most, to a factor of two")
        .register(registry);
  }

  private void shared(
      NodeView node, String name, String description, ToDoubleFunction<ResourceStats> value) {
    Gauge.builder(name, node, n -> value.applyAsDouble(n.storage()))
        .description(description)
        .register(registry);
  }

  private void sharedCount(
      NodeView node, String name, String description, ToDoubleFunction<ResourceStats> value) {
    FunctionCounter.builder(name, node, n -> value.applyAsDouble(n.storage()))
        .description(description)
        .register(registry);
  }

  /** Registers those of a shard; the caller removes them with it. */
  List<Meter> register(ShardHost host, ShardId id) {
    OfShard shard = new OfShard(host, id, Tags.of("shard", id.toString()), new ArrayList<>());
    shape(shard);
    work(shard);
    reads(shard);
    for (StallReason reason : StallReason.values()) {
      stalls(shard, reason);
    }
    return shard.meters();
  }

  private void shape(OfShard shard) {
    gauge(shard, "ferris.lsm.memtable.bytes", "Bytes in memtables", EngineStats::memtableBytes);
    gauge(
        shard,
        "ferris.lsm.space.amplification",
        "Bytes of tables for each of the deepest level",
        EngineStats::spaceAmplification);
    gauge(shard, "ferris.lsm.values.files", "Value files", e -> e.values().files());
    gauge(shard, "ferris.lsm.values.bytes", "Bytes of value files", e -> e.values().bytes());
    gauge(
        shard,
        "ferris.lsm.values.used.bytes",
        "Bytes of value files that tables refer to",
        e -> e.values().usedBytes());
    for (int level = 0; level < LEVELS; level++) {
      int l = level;
      OfShard at = shard.and("level", Integer.toString(level));
      gauge(at, "ferris.lsm.tables", "Tables", e -> at(e.levelTables(), l));
      gauge(at, "ferris.lsm.bytes", "Bytes in tables", e -> at(e.levelBytes(), l));
    }
  }

  private void work(OfShard shard) {
    counter(shard, "ferris.lsm.flushes", "Memtables flushed", EngineStats::flushes);
    counter(shard, "ferris.lsm.compactions", "Compactions", EngineStats::compactions);
    counter(
        shard,
        "ferris.lsm.written.bytes",
        "Bytes of keys and values written to the engine",
        e -> e.work().userBytes());
    counter(
        shard,
        "ferris.lsm.flushed.bytes",
        "Bytes of tables that flushes wrote",
        e -> e.work().flushedBytes());
    counter(
        shard, "ferris.lsm.flush.seconds", "Time spent flushing", e -> e.work().flushNanos() / 1e9);
    counter(
        shard,
        "ferris.lsm.compaction.read.bytes",
        "Bytes of tables that compactions read",
        e -> e.work().compactedReadBytes());
    counter(
        shard,
        "ferris.lsm.compacted.bytes",
        "Bytes of tables that compactions wrote",
        e -> e.work().compactedBytes());
    counter(
        shard,
        "ferris.lsm.compaction.seconds",
        "Time spent compacting",
        e -> e.work().compactionNanos() / 1e9);
    gauge(
        shard,
        "ferris.lsm.write.amplification",
        "Bytes written to tables for each of a user's, since start",
        e -> e.work().writeAmplification());
  }

  private void reads(OfShard shard) {
    counter(shard, "ferris.lsm.gets", "Keys looked up", e -> e.reads().gets());
    counter(
        shard,
        "ferris.lsm.get.tables",
        "Tables asked for them, by their filters first",
        e -> e.reads().tables());
    counter(
        shard,
        "ferris.lsm.filter.negatives",
        "Tables that a filter spared a look-up",
        e -> e.reads().filterNegatives());
    counter(
        shard,
        "ferris.lsm.filter.false.positives",
        "Tables looked into for nothing",
        e -> e.reads().filterFalsePositives());
    gauge(
        shard,
        "ferris.lsm.read.amplification",
        "Tables looked into for a look-up, since start",
        e -> e.reads().readAmplification());
  }

  private void stalls(OfShard shard, StallReason reason) {
    OfShard of = shard.and("reason", reason.name().toLowerCase(Locale.ROOT));
    counter(
        of,
        "ferris.lsm.stall.seconds",
        "Time writers have waited for flush or compaction",
        e -> stall(e, reason).nanos() / 1e9);
    counter(of, "ferris.lsm.stalls", "How often they have", e -> stall(e, reason).count());
  }

  private static StallStats stall(EngineStats engine, StallReason reason) {
    return engine.stalls().stream()
        .filter(s -> s.reason() == reason)
        .findFirst()
        .orElse(new StallStats(reason, 0, 0));
  }

  private static double at(List<? extends Number> list, int index) {
    return index < list.size() ? list.get(index).doubleValue() : 0;
  }

  private record OfShard(ShardHost host, ShardId id, Tags tags, List<Meter> meters) {
    OfShard and(String tag, String value) {
      return new OfShard(host, id, tags.and(tag, value), meters);
    }

    ToDoubleFunction<ShardHost> read(ToDoubleFunction<EngineStats> value) {
      return h -> {
        ShardReplica shard = h.shard(id);
        EngineStats engine = shard == null ? null : shard.status().engine();
        return engine == null ? 0 : value.applyAsDouble(engine);
      };
    }
  }

  private void gauge(
      OfShard of, String name, String description, ToDoubleFunction<EngineStats> value) {
    of.meters()
        .add(
            Gauge.builder(name, of.host(), of.read(value))
                .tags(of.tags())
                .description(description)
                .register(registry));
  }

  private void counter(
      OfShard of, String name, String description, ToDoubleFunction<EngineStats> value) {
    of.meters()
        .add(
            FunctionCounter.builder(name, of.host(), of.read(value))
                .tags(of.tags())
                .description(description)
                .register(registry));
  }
}
