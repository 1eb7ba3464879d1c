package org.ferrisdb.node.observe;

import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.server.FrontDoorListener;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.RequestStages;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.ShardStatus;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.EngineStats;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs requests that took long: shard, where the time went stage by stage, the stage that took most
 * of it, and what state the shard is in now, which often says why; so many a second at most, with
 * the number of those left out. Thread-safe.
 */
public final class SlowLog implements FrontDoorListener {
  private static final Logger LOG = LoggerFactory.getLogger("ferris.slow");
  private static final Stage[] STAGES = Stage.values();
  private static final int PER_SECOND = 5;
  private static final int LONG_QUEUE = 1_000;

  private final NodeView node;
  private final FrontDoorListener next;
  private final long thresholdNanos;
  private final AtomicLong second = new AtomicLong();
  private final AtomicLong inSecond = new AtomicLong();
  private final AtomicLong leftOut = new AtomicLong();

  /**
   * @param node whose shards
   * @param threshold what is slow
   * @param next hears everything as well
   */
  public SlowLog(NodeView node, Duration threshold, FrontDoorListener next) {
    this.node = node;
    this.thresholdNanos = threshold.toNanos();
    this.next = next;
  }

  @Override
  public void answered(
      Envelope request, @Nullable ErrorCode error, long nanos, RequestStages stages) {
    next.answered(request, error, nanos, stages);
    if (nanos < thresholdNanos) {
      return;
    }
    long nanoTime = System.nanoTime();
    long now = nanoTime / 1_000_000_000;
    if (second.getAndSet(now) != now) {
      inSecond.set(0);
    }
    if (inSecond.incrementAndGet() > PER_SECOND) {
      leftOut.incrementAndGet();
      return;
    }
    long shard = Operations.shard(request);
    LOG.atWarn()
        .addKeyValue("op", Operations.name(request))
        .addKeyValue("shard", shard < 0 ? "none" : new ShardId(shard))
        .addKeyValue("millis", nanos / 1_000_000)
        .addKeyValue("outcome", error == null ? "ok" : error.name().toLowerCase(Locale.ROOT))
        .addKeyValue("slowest", slowest(stages, nanoTime).words())
        .addKeyValue("stages", describe(stages, nanoTime))
        .addKeyValue("state", state(shard, error))
        .addKeyValue("leftOut", leftOut.getAndSet(0))
        .log("slow operation");
  }

  @Override
  public void malformed(String peer, String why) {
    next.malformed(peer, why);
    LOG.atInfo().addKeyValue("peer", peer).log("connection refused: {}", why);
  }

  /** The stage that took most of the time. */
  static Stage slowest(RequestStages stages, long now) {
    Stage slowest = Stage.FRONT_DOOR;
    for (Stage stage : STAGES) {
      if (stages.nanos(stage, now) > stages.nanos(slowest, now)) {
        slowest = stage;
      }
    }
    return slowest;
  }

  /** "mailbox 1.2 ms, replication 640.0 ms": what took a twentieth of a millisecond or more. */
  static String describe(RequestStages stages, long now) {
    StringJoiner words = new StringJoiner(", ");
    for (Stage stage : STAGES) {
      long nanos = stages.nanos(stage, now);
      if (nanos >= 50_000) {
        words.add(String.format(Locale.ROOT, "%s %.1f ms", stage.words(), nanos / 1e6));
      }
    }
    return words.toString();
  }

  private String state(long number, @Nullable ErrorCode error) {
    ShardHost host = node.host().orElse(null);
    if (host == null) {
      return "the node belongs to no cluster yet";
    }
    if (number < 0) {
      return "no shard involved";
    }
    ShardId id = new ShardId(number);
    ShardReplica shard = host.shard(id);
    RaftGroup group = host.group(id);
    if (shard == null || group == null) {
      return "the shard is not on this node";
    }
    return state(shard.status(), group.status().commitIndex(), error);
  }

  /** What is unusual about a shard in this state, and may have made a request slow. */
  static String state(ShardStatus s, long commitIndex, @Nullable ErrorCode error) {
    EngineStats engine = s.engine();
    if (!s.failure().isEmpty()) {
      return "the replica failed: " + s.failure();
    }
    if (!s.leading()) {
      return "leadership moved";
    }
    if (!s.serving()) {
      return "the leader waits for its lease: no majority answers, or it is new";
    }
    if (engine != null && engine.immutableMemtables() > 1) {
      return "storage: memtables wait for their flush";
    }
    if (s.queued() > LONG_QUEUE) {
      return "queue: " + s.queued() + " requests wait for evaluation";
    }
    if (commitIndex - s.appliedIndex() > LONG_QUEUE) {
      return "apply: " + (commitIndex - s.appliedIndex()) + " entries behind";
    }
    if (error == ErrorCode.UNAVAILABLE) {
      return "the oracle did not answer";
    }
    return s.inFlight() > 0 ? "replication: entries wait for a majority" : "nothing unusual now";
  }
}
