package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * No entry waits for a heartbeat: heartbeats are far apart here, and one of three nodes is down, so
 * that an entry whose signal got lost on its way to the other one would hold everything up.
 */
@Timeout(90)
class PromptReplicationTest {
  /** A heartbeat goes out after half of the shorter time. */
  private static final RaftOptions RARE_HEARTBEATS =
      new RaftOptions(
          Duration.ofMinutes(4), Duration.ofMinutes(5), 64 << 10, 64 << 10, 0, 1L << 30);

  private static final int ENTRIES = 5_000;

  @TempDir Path root;

  @Test
  void entries_go_out_when_they_come() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      Node first = cluster.leader(group);
      Node leader = cluster.others(first).getFirst();
      // A leader's heartbeats and a follower's patience are each of its own options.
      cluster.restart(leader, RARE_HEARTBEATS);
      cluster.awaitFollowing(group, first);
      cluster.others(first).getLast().stop();
      cluster.moveLeadership(group, leader);
      cluster.restart(first, RARE_HEARTBEATS);
      cluster.put(group, "k", "together again");
      // Two at a time: the second comes at any moment of the first one's way.
      Deque<CompletableFuture<ProposalOutcome>> out = new ArrayDeque<>();
      for (int i = 0; i < ENTRIES; i++) {
        out.add(leader.group(group).propose(TestMachine.put("k", "v" + i)));
        if (out.size() == 2) {
          assertThat(out.remove().get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
              .isInstanceOf(ProposalOutcome.Applied.class);
        }
      }
      assertThat(cluster.leader(group).id()).isEqualTo(leader.id());
    }
  }
}
