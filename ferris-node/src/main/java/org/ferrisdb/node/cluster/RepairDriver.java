package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.node.cluster.RepairDecision.Action;
import org.ferrisdb.raft.CheckpointFetcher;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.Rebuildable;
import org.ferrisdb.shard.log.StepAside;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaCommand;
import org.ferrisdb.shard.placement.ReplacementPlanner;

/**
 * Rebuilds this node's damaged replicas from their peers: carries out {@link RepairDecision}, with
 * growing pauses after what failed. {@link #tick} is one thread's.
 */
final class RepairDriver {
  private static final Duration META_TIMEOUT = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int MAX_DOUBLINGS = 5;

  /** Each holds a worker thread for as long as a checkpoint takes; the others serve peers. */
  private static final int MAX_AT_ONCE = 2;

  private record Attempts(int failed, long notBeforeNanos) {}

  private final NodeId self;
  private final ShardHost host;
  private final NodeMap nodeMap;
  private final MetaClient meta;
  private final CheckpointFetcher fetcher;
  private final DiskGuard disk;
  private final Path directory;
  private final Executor workers;
  private final Map<ShardId, Attempts> attempts = new ConcurrentHashMap<>();
  private final Map<ShardId, Action> underWay = new ConcurrentHashMap<>();
  private final Map<ShardId, String> said = new HashMap<>();
  private final AtomicLong rebuilt = new AtomicLong();

  /**
   * @param directory for checkpoints on their way; on the file system of the states
   * @param workers for what blocks on files
   */
  RepairDriver(
      NodeId self,
      ShardHost host,
      NodeMap nodeMap,
      MetaClient meta,
      CheckpointFetcher fetcher,
      DiskGuard disk,
      Path directory,
      Executor workers) {
    this.self = self;
    this.host = host;
    this.nodeMap = nodeMap;
    this.meta = meta;
    this.fetcher = fetcher;
    this.disk = disk;
    this.directory = directory;
    this.workers = workers;
  }

  void tick(long now) {
    ShardMap map = nodeMap.map();
    for (ShardId shard : candidates(map)) {
      if (underWay.containsKey(shard)) {
        continue;
      }
      Action action =
          RepairDecision.next(
              shard,
              self,
              map,
              host.damage(shard, RepairDecision.belongsHere(shard, self, map)),
              host.marks().rejoined(shard));
      if (action instanceof Action.Nothing) {
        attempts.remove(shard);
        said.remove(shard);
        continue;
      }
      Attempts before = attempts.get(shard);
      if (before != null && now - before.notBeforeNanos() < 0) {
        continue;
      }
      if (action instanceof Action.Tell || (!disk.isLow() && underWay.size() < MAX_AT_ONCE)) {
        begin(shard, action);
      }
    }
  }

  /** Replicas here, and those that should be. */
  private Set<ShardId> candidates(ShardMap map) {
    Set<ShardId> shards = new TreeSet<>(host.hosted());
    shards.addAll(ShardHost.wanted(map, self));
    return shards;
  }

  private void begin(ShardId shard, Action action) {
    underWay.put(shard, action);
    if (!action.toString().equals(said.put(shard, action.toString()))) {
      Logs.CLUSTER
          .atWarn()
          .addKeyValue("shard", shard)
          .addKeyValue("action", action)
          .log("this node's replica is damaged, it is being rebuilt");
    }
    switch (action) {
      case Action.Nothing nothing -> underWay.remove(shard);
      case Action.Tell tell -> tell(shard, tell.command());
      case Action.Rejoin rejoin -> workers.execute(() -> attempt(shard, () -> rejoin(rejoin)));
      case Action.Rebuild rebuild -> workers.execute(() -> attempt(shard, () -> rebuild(shard)));
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private void attempt(ShardId shard, Work work) {
    try {
      work.run();
      ended(shard, "");
    } catch (IOException | RuntimeException e) {
      ended(shard, e.toString());
    }
  }

  /** After a success the next step comes soon, if there is one. */
  private void ended(ShardId shard, String failure) {
    int failed = 0;
    if (!failure.isEmpty()) {
      Attempts before = attempts.get(shard);
      failed = before == null ? 1 : before.failed() + 1;
      Logs.CLUSTER
          .atInfo()
          .addKeyValue("shard", shard)
          .log("not rebuilt yet, will try again: {}", failure);
    }
    long pause = PAUSE_NANOS << Math.min(failed, MAX_DOUBLINGS);
    attempts.put(shard, new Attempts(failed, System.nanoTime() + pause));
    underWay.remove(shard);
  }

  private void tell(ShardId shard, MetaCommand command) {
    var _ =
        meta.execute(command, META_TIMEOUT)
            .whenComplete((done, failure) ->
                // Also what was done takes a moment to come back with the map.
                ended(shard, failure == null ? "" : String.valueOf(failure.getMessage())));
  }

  private void rejoin(Action.Rejoin action) throws IOException {
    ReplicaRepair repair = action.repair();
    host.rejoin(repair);
    rebuilt.incrementAndGet();
    Logs.CLUSTER.atInfo().addKeyValue("repair", repair).log("an empty replica waits to be added");
  }

  private void rebuild(ShardId shard) throws IOException {
    Rebuildable replica = host.machine(shard);
    String corruption = replica == null ? null : replica.corruption();
    if (replica != null && corruption != null) {
      replica.markDamaged(corruption);
    }
    stepAside(shard);
    NodeRecord from = source(shard);
    Path target = directory.resolve(shard.toString());
    Directories.deleteTree(host.files(), target);
    host.files().createDirectories(directory);
    try {
      fetcher.fetch(host.ids().of(shard), ReplacementPlanner.member(from), target);
      host.rebuild(shard, target);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      Directories.deleteTree(host.files(), target);
    }
    rebuilt.incrementAndGet();
    Logs.CLUSTER
        .atInfo()
        .addKeyValue("shard", shard)
        .addKeyValue("from", from.name())
        .log("replica rebuilt");
  }

  /** Closing a leader's replica costs the group an election; handing over does not. */
  private void stepAside(ShardId shard) throws IOException {
    RaftGroup group = host.group(shard);
    Attempts before = attempts.get(shard);
    boolean patient = before == null || before.failed() < MAX_DOUBLINGS;
    if (patient && group != null && group.status().role() == GroupStatus.Role.LEADER) {
      StepAside.from(group);
      throw new IOException("another replica is to lead first");
    }
  }

  /** The leader first; if that does not work out, the others in turn. */
  private NodeRecord source(ShardId shard) throws IOException {
    ShardMap map = nodeMap.map();
    Set<NodeId> ids = new LinkedHashSet<>();
    nodeMap.leader(shard).ifPresent(ids::add);
    map.shard(shard).ifPresent(d -> ids.addAll(d.replicas()));
    ids.remove(self);
    List<NodeRecord> sources = new ArrayList<>();
    ids.forEach(id -> map.node(id).ifPresent(sources::add));
    if (sources.isEmpty()) {
      throw new IOException("no other replica is known");
    }
    Attempts before = attempts.get(shard);
    return sources.get((before == null ? 0 : before.failed()) % sources.size());
  }

  /** Replicas rebuilt since start. */
  long rebuilt() {
    return rebuilt.get();
  }
}
