package org.ferrisdb.node.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.shard.RequestStages;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardStatus;
import org.ferrisdb.storage.EngineStats;
import org.ferrisdb.storage.ValueStats;
import org.ferrisdb.storage.metrics.LatencyStats;
import org.ferrisdb.storage.metrics.ReadStats;
import org.ferrisdb.storage.metrics.WorkStats;
import org.junit.jupiter.api.Test;

final class SlowLogTest {
  private static ShardStatus status(
      boolean serving, boolean leading, int queued, int inFlight, String failure, int immutable) {
    EngineStats engine =
        new EngineStats(
            0,
            immutable,
            List.of(),
            List.of(),
            ValueStats.NONE,
            0,
            0,
            0,
            List.of(),
            new WorkStats(0, 0, 0, 0, 0, 0),
            new ReadStats(0, 0, 0, 0),
            new LatencyStats(0, 0, 0, 0, 0),
            "");
    return new ShardStatus(
        null, serving, leading, 0, queued, inFlight, 0, 100, 0, 0, failure, engine);
  }

  @Test
  void whatIsUnusualIsReadFromTheShardsState() {
    assertThat(SlowLog.state(status(true, true, 0, 2, "", 0), 100, null))
        .isEqualTo("replication: entries wait for a majority");
    assertThat(SlowLog.state(status(true, true, 5_000, 2, "", 0), 100, null))
        .isEqualTo("queue: 5000 requests wait for evaluation");
    assertThat(SlowLog.state(status(true, true, 0, 2, "", 3), 100, null))
        .isEqualTo("storage: memtables wait for their flush");
    assertThat(SlowLog.state(status(true, true, 0, 0, "", 0), 9_100, null))
        .isEqualTo("apply: 9000 entries behind");
    assertThat(SlowLog.state(status(false, true, 0, 0, "", 0), 100, null))
        .isEqualTo("the leader waits for its lease: no majority answers, or it is new");
    assertThat(SlowLog.state(status(false, false, 0, 0, "", 0), 100, null))
        .isEqualTo("leadership moved");
    assertThat(SlowLog.state(status(true, true, 0, 0, "", 0), 100, ErrorCode.UNAVAILABLE))
        .isEqualTo("the oracle did not answer");
    assertThat(SlowLog.state(status(false, false, 0, 0, "disk full", 0), 100, null))
        .isEqualTo("the replica failed: disk full");
  }

  @Test
  void theLineSaysWhereTheTimeWent() {
    long start = 5_000_000_000L;
    RequestStages stages = new RequestStages(start);
    stages.enter(Stage.MAILBOX, start + 20_000);
    stages.enter(Stage.TIMESTAMP, start + 700_000_000, Stage.LEASE, start, start + 690_000_000);
    stages.enter(Stage.EVALUATION, start + 702_000_000);
    stages.enter(Stage.REPLICATION, start + 702_010_000);

    assertThat(SlowLog.slowest(stages, start + 900_000_000)).isEqualTo(Stage.LEASE);
    assertThat(SlowLog.describe(stages, start + 900_000_000))
        .isEqualTo("mailbox 10.0 ms, lease 690.0 ms, timestamp 2.0 ms, replication 198.0 ms");
    // Still under way: its deadline has passed while it waits for a majority.
    assertThat(SlowLog.slowest(stages, start + 10_000_000_000L)).isEqualTo(Stage.REPLICATION);
  }

  @Test
  void whatNeverReachedAShardSpentItsTimeAtTheFrontDoor() {
    RequestStages stages = new RequestStages(-10);

    assertThat(SlowLog.slowest(stages, 2_000_000_000L)).isEqualTo(Stage.FRONT_DOOR);
    assertThat(SlowLog.describe(stages, 2_000_000_000L)).isEqualTo("front door 2000.0 ms");
    assertThat(SlowLog.describe(stages, 0)).isEmpty();
  }
}
