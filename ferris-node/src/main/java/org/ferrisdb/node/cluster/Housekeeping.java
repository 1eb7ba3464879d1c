package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.raft.LogEnd;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.map.ShardId;

/**
 * What a node does beside serving, a few times a second, one thing after the other on one thread. A
 * failure of one duty is logged and does not keep the others from being done.
 */
public final class Housekeeping {
  private static final long TICK_MILLIS = 250;
  private static final long WARN_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final DiskGuard disk;
  private final Healer healer;
  private final RepairDriver repairs;
  private final StrayCollector strays;
  private final Registrar registrar;
  private final PeerMonitor monitor;
  private final ReplacementDriver replacements;
  private final LeaderDriver leaders;
  private final CheckpointServer checkpoints;
  private final ShardHost host;
  private long ticks;
  private long warnedNanos;

  Housekeeping(
      DiskGuard disk,
      Healer healer,
      RepairDriver repairs,
      StrayCollector strays,
      Registrar registrar,
      PeerMonitor monitor,
      ReplacementDriver replacements,
      LeaderDriver leaders,
      CheckpointServer checkpoints,
      ShardHost host) {
    this.disk = disk;
    this.healer = healer;
    this.repairs = repairs;
    this.strays = strays;
    this.registrar = registrar;
    this.monitor = monitor;
    this.replacements = replacements;
    this.leaders = leaders;
    this.checkpoints = checkpoints;
    this.host = host;
    this.warnedNanos = System.nanoTime() - WARN_AGAIN_NANOS;
  }

  /** Begins; ends when the executor is shut down. */
  public void start(ScheduledExecutorService thread) {
    var _ = thread.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    long now = System.nanoTime();
    duty("disk", this::watchDisk);
    duty("healer", () -> healer.tick(now));
    duty("registrar", () -> registrar.tick(now));
    if (ticks % 2 == 0) {
      duty("monitor", monitor::tick);
    }
    if (ticks % 4 == 0) {
      duty("repairs", () -> repairs.tick(now));
      duty("replacements", replacements::tick);
    }
    if (ticks % 8 == 0) {
      duty("leaders", leaders::tick);
      duty("strays", () -> strays.tick(now));
      duty("checkpoints", checkpoints::expire);
    }
    ticks++;
  }

  private void watchDisk() {
    boolean might = disk.mayLead();
    disk.check();
    disk.checkPace(logEnds(), System.nanoTime());
    if (!disk.mayLead() && (might || ticks % 20 == 0)) {
      Handover.start(host, monitor::mayLead, Duration.ofSeconds(5));
    }
  }

  private Map<ShardId, LogEnd> logEnds() {
    Map<ShardId, LogEnd> ends = new HashMap<>();
    for (ShardId shard : host.hosted()) {
      RaftGroup group = host.group(shard);
      if (group != null) {
        ends.put(shard, group.logEnd());
      }
    }
    return ends;
  }

  private void duty(String name, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      long now = System.nanoTime();
      if (now - warnedNanos >= WARN_AGAIN_NANOS) {
        warnedNanos = now;
        Logs.CLUSTER.atWarn().addKeyValue("duty", name).setCause(e).log("duty failed");
      }
    }
  }

  /** Replicas being moved, for the status. */
  public java.util.List<String> replacementsUnderWay() {
    return replacements.underWay();
  }

  /** Replicas reopened since start. */
  public long reopened() {
    return healer.reopened();
  }

  /** Replicas rebuilt from their peers since start. */
  public long rebuilt() {
    return repairs.rebuilt();
  }

  /** What is wrong with this node's registration, empty if nothing. */
  public String registrationRefusal() {
    return registrar.refusal();
  }
}
