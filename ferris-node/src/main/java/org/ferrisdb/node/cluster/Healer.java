package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.meta.MetaReplica;

/**
 * Reopens replicas that failed (a full disk, most often) once the disk has room, with growing
 * pauses between attempts. {@link #tick} is one thread's.
 */
final class Healer {
  private static final long FIRST_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(30).toNanos();

  private record Patient(long pauseNanos, long notBeforeNanos) {}

  private final ShardHost host;
  private final DiskGuard disk;
  private final Executor workers;
  private final Map<ShardId, Patient> patients = new HashMap<>();
  private final Map<ShardId, Boolean> underWay = new ConcurrentHashMap<>();
  private final AtomicLong reopened = new AtomicLong();

  Healer(ShardHost host, DiskGuard disk, Executor workers) {
    this.host = host;
    this.disk = disk;
    this.workers = workers;
  }

  void tick(long now) {
    for (ShardId shard : host.hosted()) {
      if (underWay.containsKey(shard) || host.damage(shard, false) != Damage.NONE) {
        continue; // what is damaged is RepairDriver's
      }
      if (!hasFailed(shard)) {
        patients.remove(shard);
        continue;
      }
      Patient patient = patients.get(shard);
      if (patient == null) {
        patients.put(shard, new Patient(FIRST_PAUSE_NANOS, now + FIRST_PAUSE_NANOS));
        Logs.CLUSTER.atWarn().addKeyValue("shard", shard).log("replica failed: {}", why(shard));
        continue;
      }
      if (disk.isLow() || now - patient.notBeforeNanos() < 0) {
        continue;
      }
      long pause = Math.min(2 * patient.pauseNanos(), LONGEST_PAUSE_NANOS);
      patients.put(shard, new Patient(pause, now + pause));
      underWay.put(shard, true);
      workers.execute(() -> reopen(shard));
    }
  }

  /** Replicas reopened since start. */
  long reopened() {
    return reopened.get();
  }

  private void reopen(ShardId shard) {
    try {
      host.reopen(shard);
      reopened.incrementAndGet();
      Logs.CLUSTER.atInfo().addKeyValue("shard", shard).log("replica reopened");
    } catch (RuntimeException e) {
      Logs.CLUSTER
          .atWarn()
          .addKeyValue("shard", shard)
          .setCause(e)
          .log("replica can not be reopened yet");
    } finally {
      underWay.remove(shard);
    }
  }

  private boolean hasFailed(ShardId shard) {
    RaftGroup group = host.group(shard);
    return group != null && group.status().role() == GroupStatus.Role.FAILED;
  }

  private String why(ShardId shard) {
    MetaReplica meta = host.meta();
    if (shard.equals(ShardId.META) && meta != null) {
      return meta.status().failure();
    }
    ShardReplica replica = host.shard(shard);
    return replica == null ? "its log failed" : replica.status().failure();
  }
}
