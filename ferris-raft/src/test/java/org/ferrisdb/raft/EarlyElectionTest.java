package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader whose port refuses connections is replaced without waiting for the election timeout,
 * which is far longer here than these tests are patient.
 */
@Timeout(90)
class EarlyElectionTest {
  private static final RaftOptions PATIENT =
      new RaftOptions(
          Duration.ofMinutes(2), Duration.ofMinutes(3), 64 << 10, 64 << 10, 0, 1L << 30);

  @TempDir Path root;

  /** Elections that begin by timeout take minutes, so the first leader has short ones. */
  private TestCluster restartedPatiently(int groups, Set<GroupId> made) throws Exception {
    TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions());
    for (int i = 0; i < groups; i++) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "v");
      made.add(group);
    }
    return cluster;
  }

  @Test
  void a_leader_that_is_gone_is_replaced_at_once_in_all_its_groups() throws Exception {
    Set<GroupId> groups = new HashSet<>();
    try (TestCluster cluster = restartedPatiently(6, groups)) {
      Node lost = cluster.leader(groups.iterator().next());
      for (GroupId group : groups) {
        cluster.moveLeadership(group, lost);
      }
      cluster.others(lost).forEach(node -> cluster.restart(node, PATIENT));
      groups.forEach(group -> cluster.awaitFollowing(group, lost));

      lost.stop();

      Set<NodeId> leaders = new HashSet<>();
      for (GroupId group : groups) {
        leaders.add(cluster.leader(group).id());
        cluster.put(group, "k", "after");
      }
      assertThat(leaders).doesNotContain(lost.id());
    }
  }

  @Test
  void a_broken_connection_alone_deposes_nobody() throws Exception {
    Set<GroupId> groups = new HashSet<>();
    try (TestCluster cluster = restartedPatiently(1, groups)) {
      GroupId group = groups.iterator().next();
      Node leader = cluster.leader(group);
      long term = leader.group(group).status().term();
      cluster.awaitFollowing(group, leader);

      for (int round = 0; round < 20; round++) {
        for (Node follower : cluster.others(leader)) {
          openAsAndClose(leader, follower);
        }
        cluster.put(group, "k", "round " + round);
      }

      assertThat(cluster.leader(group).id()).isEqualTo(leader.id());
      assertThat(leader.group(group).status().term()).isEqualTo(term);
    }
  }

  /** A connection that calls itself the leader's, as drawn in Frames, and ends. */
  private static void openAsAndClose(Node leader, Node follower) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), follower.member.port())) {
      ByteBuffer hello =
          ByteBuffer.allocate(58)
              .putInt(54)
              .put((byte) 1)
              .put("FRFT".getBytes(StandardCharsets.US_ASCII))
              .put((byte) 1)
              .putLong(0)
              .putLong(0)
              .put(leader.id().value().getBytes(StandardCharsets.US_ASCII))
              .put(follower.id().value().getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(hello.array());
    }
  }
}
