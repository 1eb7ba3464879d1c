package org.ferrisdb.node.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.shard.ShardStatus;
import org.ferrisdb.storage.EngineStats;
import org.junit.jupiter.api.Test;

final class SlowLogTest {
  private static ShardStatus status(
      boolean serving, boolean leading, int queued, int inFlight, String failure, int immutable) {
    EngineStats engine = new EngineStats(0, immutable, List.of(), List.of(), 0, 0, 0, "");
    return new ShardStatus(
        null, serving, leading, 0, queued, inFlight, 0, 100, 0, 0, failure, engine);
  }

  @Test
  void theCauseOfASlowRequestIsReadFromTheShardsState() {
    assertThat(SlowLog.cause(status(true, true, 0, 2, "", 0), 100, null))
        .isEqualTo("replication: entries wait for a majority");
    assertThat(SlowLog.cause(status(true, true, 5_000, 2, "", 0), 100, null))
        .isEqualTo("queue: 5000 requests wait for evaluation");
    assertThat(SlowLog.cause(status(true, true, 0, 2, "", 3), 100, null))
        .isEqualTo("storage: memtables wait for their flush");
    assertThat(SlowLog.cause(status(true, true, 0, 0, "", 0), 9_100, null))
        .isEqualTo("apply: 9000 entries behind");
    assertThat(SlowLog.cause(status(false, true, 0, 0, "", 0), 100, null))
        .isEqualTo("the leader waits for its lease: no majority answers, or it is new");
    assertThat(SlowLog.cause(status(false, false, 0, 0, "", 0), 100, null))
        .isEqualTo("leadership moved");
    assertThat(SlowLog.cause(status(true, true, 0, 0, "", 0), 100, ErrorCode.UNAVAILABLE))
        .isEqualTo("the oracle did not answer");
    assertThat(SlowLog.cause(status(false, false, 0, 0, "disk full", 0), 100, null))
        .isEqualTo("the replica failed: disk full");
  }
}
