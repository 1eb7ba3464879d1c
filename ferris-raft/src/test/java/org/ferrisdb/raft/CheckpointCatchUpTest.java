package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Followers whose leader's log no longer reaches back to them. */
@Timeout(120)
class CheckpointCatchUpTest {
  private static final String VALUE = "x".repeat(8000);

  @TempDir Path root;

  /** Enough to fill some segments of 64 KiB, then everything but the last is purged. */
  private static void fillAndPurge(TestCluster cluster, GroupId group, String prefix)
      throws Exception {
    for (Node node : fill(cluster, group, prefix)) {
      awaitPurged(node, group);
    }
  }

  /** Returns the nodes that run, all of which have it. */
  private static List<Node> fill(TestCluster cluster, GroupId group, String prefix)
      throws Exception {
    for (int i = 0; i < 40; i++) {
      cluster.put(group, prefix + i, VALUE + i);
    }
    List<Node> running = cluster.nodes().stream().filter(n -> n.raft != null).toList();
    for (Node node : running) {
      cluster.awaitValue(node, group, prefix + 39, VALUE + 39);
    }
    return running;
  }

  /** Those that have stopped are waited for at first: it takes more than one attempt. */
  private static void awaitPurged(Node node, GroupId group) {
    await()
        .atMost(TestCluster.PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> {
          node.group(group).compactLog().get(10, TimeUnit.SECONDS);
          return firstSegment(node, group) > 5;
        });
  }

  private static long firstSegment(Node node, GroupId group) throws IOException {
    try (Stream<Path> files =
        Files.list(
            node.directory
                .resolve("raft")
                .resolve("logs")
                .resolve(group.toString())
                .resolve("current"))) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(f -> f.startsWith("log_"))
          .map(f -> f.replace("log_inprogress_", "").replace("log_", "").replaceAll("-.*", ""))
          .mapToLong(Long::parseLong)
          .min()
          .orElse(-1);
    }
  }

  @Test
  void a_follower_that_was_away_catches_up_by_checkpoint_and_goes_on_by_log() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "early", "1");
      Node leader = cluster.leader(group);
      Node late = cluster.nodes().stream().filter(n -> n != leader).findFirst().orElseThrow();
      cluster.awaitValue(late, group, "early", "1");
      late.stop();
      fillAndPurge(cluster, group, "a");
      late.start();
      cluster.awaitValue(late, group, "a39", VALUE + 39);
      assertThat(late.machine(group).installs).isEqualTo(1);
      // nothing is written now, so it confirms nothing, and yet needs no other
      await()
          .atMost(TestCluster.PATIENCE)
          .untilAsserted(() ->
              assertThat(cluster.leader(group).group(group).status().followers())
                  .hasSize(2)
                  .noneMatch(GroupStatus.FollowerProgress::needsCheckpoint));
      // from here on by log again
      cluster.put(group, "after", "2");
      cluster.awaitValue(late, group, "after", "2");
      assertThat(late.machine(group).installs).isEqualTo(1);
      assertThat(late.machine(group).contents())
          .isEqualTo(cluster.leader(group).machine(group).contents());
      // and after a restart it needs no other
      late.stop();
      late.start();
      cluster.put(group, "again", "3");
      cluster.awaitValue(late, group, "again", "3");
      assertThat(late.machine(group).installs).isZero();
    }
  }

  /** More entries than the checkpoint has, which nobody else ever saw. */
  @Test
  void a_deposed_leader_keeps_no_log_that_contradicts_the_checkpoint_it_gets() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "early", "1");
      Node deposed = cluster.leader(group);
      cluster.awaitFollowing(group, deposed);
      cluster.isolate(deposed.id());
      for (int i = 0; i < 150; i++) {
        var _ = deposed.group(group).propose(TestMachine.put("lost" + i, "x"));
      }
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() ->
              cluster.others(deposed).stream()
                  .anyMatch(n -> n.group(group).status().role() == GroupStatus.Role.LEADER));
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> deposed.group(group).status().role() != GroupStatus.Role.LEADER);
      for (int i = 0; i < 40; i++) {
        cluster.put(group, "a" + i, VALUE + i);
      }
      for (Node node : cluster.others(deposed)) {
        cluster.awaitValue(node, group, "a39", VALUE + 39);
        awaitPurged(node, group);
      }
      cluster.heal();

      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> deposed.group(group).status().role() == GroupStatus.Role.FAILED);
      deposed.raft().reopen(group);

      cluster.awaitValue(deposed, group, "a39", VALUE + 39);
      cluster.put(group, "after", "2");
      cluster.awaitValue(deposed, group, "after", "2");
      assertThat(deposed.machine(group).get("lost0")).isNull();
      assertThat(firstSegment(deposed, group)).isGreaterThan(20);
    }
  }

  @Test
  void an_empty_replica_joins_a_purged_group_and_then_votes() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      fillAndPurge(cluster, group, "a");
      List<RaftMember> before = cluster.members();
      Node dead =
          cluster.nodes().stream()
              .filter(n -> n != cluster.leader(group))
              .findFirst()
              .orElseThrow();
      dead.stop();
      Node fresh = cluster.addNode();
      fresh.start();
      fresh.raft().join(group);
      List<RaftMember> next =
          Stream.concat(
                  before.stream().filter(m -> !m.id().equals(dead.id())), Stream.of(fresh.member))
              .toList();
      cluster.leader(group).group(group).changeMembers(before, next).get(30, TimeUnit.SECONDS);
      cluster.awaitValue(fresh, group, "a39", VALUE + 39);
      assertThat(fresh.machine(group).installs).isEqualTo(1);
      cluster.put(group, "b", "1");
      cluster.awaitValue(fresh, group, "b", "1");
      // It counts as a voter: with one of the two old ones gone, it makes the majority.
      Node leader = cluster.leader(group);
      cluster.nodes().stream()
          .filter(n -> n != leader && n != fresh && n != dead)
          .findFirst()
          .orElseThrow()
          .stop();
      cluster.put(group, "c", "2");
      cluster.awaitValue(fresh, group, "c", "2");
      assertThat(leader.group(group).status().members()).containsExactlyInAnyOrderElementsOf(next);
    }
  }

  @Test
  void the_leader_dies_while_a_follower_waits_for_its_checkpoint() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "early", "1");
      Node leader = cluster.leader(group);
      Node late = cluster.nodes().stream().filter(n -> n != leader).findFirst().orElseThrow();
      late.stop();
      fillAndPurge(cluster, group, "a");
      cluster.holdFetches();
      late.start();
      await().atMost(TestCluster.PATIENCE).until(() -> cluster.fetchesWaiting() > 0);
      cluster.leader(group).stop();
      cluster.releaseFetches();
      // Two of three are up, one of them behind: nobody serves until it has caught up.
      cluster.put(group, "b", "2");
      cluster.awaitValue(late, group, "b", "2");
      cluster.nodes().stream().filter(n -> n.raft == null).forEach(Node::start);
      cluster.put(group, "c", "3");
      for (Node node : cluster.nodes()) {
        cluster.awaitValue(node, group, "c", "3");
        assertThat(node.machine(group).get("a7")).isNotNull();
      }
    }
  }

  /**
   * The one that died had purged its log, the one that follows it has not: it needs no checkpoint
   * for the follower, which takes nothing before it was asked how its own went.
   */
  @Test
  void the_leader_that_sent_for_a_checkpoint_dies_and_the_next_has_the_whole_log()
      throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      for (int i = 0; i < 5; i++) {
        cluster.put(group, "early", "" + i);
      }
      Node leader = cluster.leader(group);
      Node late = cluster.others(leader).getFirst();
      Node whole = cluster.others(leader).getLast();
      cluster.awaitValue(late, group, "early", "4");
      late.stop();
      for (int i = 0; i < 40; i++) {
        cluster.put(group, "a" + i, VALUE + i);
      }
      cluster.awaitValue(whole, group, "a39", VALUE + 39);
      awaitPurged(leader, group);
      assertThat(firstSegment(whole, group)).isZero();
      assertThat(cluster.leader(group)).isSameAs(leader);
      cluster.holdFetches();
      late.start();
      await().atMost(TestCluster.PATIENCE).until(() -> cluster.fetchesWaiting() > 0);
      assertThat(leader.group(group).status().followers())
          .filteredOn(GroupStatus.FollowerProgress::needsCheckpoint)
          .extracting(GroupStatus.FollowerProgress::id)
          .containsExactly(late.id());
      leader.stop();
      cluster.releaseFetches();

      cluster.put(group, "b", "2");
      cluster.awaitValue(late, group, "b", "2");
      assertThat(late.machine(group).get("a7")).isNotNull();
    }
  }

  @Test
  void a_replica_whose_state_is_gone_and_whose_log_is_purged_is_lost_and_does_not_vote()
      throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "early", "1");
      fillAndPurge(cluster, group, "a");
      Node victim = cluster.leader(group);
      victim.stop();
      Files.delete(victim.directory.resolve("state").resolve(group.toString()).resolve("state"));
      victim.start();
      assertThat(victim.raft().lostGroups()).containsExactly(group);
      assertThat(victim.raft().statelessGroups()).containsExactly(group);
      assertThat(victim.group(group).status().role()).isEqualTo(GroupStatus.Role.FAILED);
      cluster.put(group, "b", "2");
      // Without a state it is as lost as before; with one from another replica it goes on.
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> victim.raft().reopen(group));
      assertThat(victim.raft().statelessGroups()).containsExactly(group);
      Path fetched = victim.directory.resolve("fetched");
      RaftPosition restored = cluster.leader(group).machine(group).checkpoint(fetched);
      Files.move(
          fetched.resolve("state"),
          victim.directory.resolve("state").resolve(group.toString()).resolve("state"));
      victim.raft().reopen(group);
      assertThat(victim.group(group).status().term()).isGreaterThanOrEqualTo(restored.term());
      assertThat(victim.raft().lostGroups()).isEmpty();
      cluster.put(group, "c", "3");
      cluster.awaitValue(victim, group, "c", "3");
      assertThat(victim.machine(group).get("a7")).isNotNull();
    }
  }

  /**
   * A large state takes longer to fetch than the others take to write what a log is cut to: the log
   * waits for whoever fetches, who needs no second checkpoint.
   */
  @Test
  void a_follower_catches_up_though_much_is_written_while_it_fetches() throws Exception {
    RaftOptions small = TestCluster.smallOptions();
    RaftOptions options =
        new RaftOptions(
            small.electionTimeoutMin(),
            small.electionTimeoutMax(),
            small.maxEntryBytes(),
            small.segmentBytes(),
            0,
            256 << 10);
    try (TestCluster cluster = TestCluster.start(root, 3, options)) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "early", "1");
      Node late = cluster.others(cluster.leader(group)).getFirst();
      late.stop();
      fillAndPurge(cluster, group, "a");
      cluster.slowFetches();
      late.start();
      await().atMost(TestCluster.PATIENCE).until(() -> cluster.fetchesWaiting() > 0);
      long begin = firstSegment(cluster.leader(group), group);
      for (int i = 0; i < 100; i++) {
        cluster.put(group, "b" + i, VALUE + i);
      }
      Node leader = cluster.leader(group);
      leader.group(group).compactLog().get(10, TimeUnit.SECONDS);
      assertThat(firstSegment(leader, group)).isLessThanOrEqualTo(begin + 60);
      cluster.releaseFetches();
      cluster.awaitValue(late, group, "b99", VALUE + 99);
      assertThat(late.machine(group).installs).isEqualTo(1);
      // and lets go of the log when it is no longer needed
      cluster.releaseLogs();
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> {
            leader.group(group).compactLog().get(10, TimeUnit.SECONDS);
            return firstSegment(leader, group) > begin + 80;
          });
    }
  }

  @Test
  void a_fetch_that_fails_is_repeated() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "early", "1");
      Node leader = cluster.leader(group);
      Node late = cluster.nodes().stream().filter(n -> n != leader).findFirst().orElseThrow();
      late.stop();
      fillAndPurge(cluster, group, "a");
      cluster.failFetches(3);
      late.start();
      cluster.awaitValue(late, group, "a39", VALUE + 39);
      assertThat(late.machine(group).installs).isEqualTo(1);
    }
  }

  @Test
  void a_follower_that_was_away_shortly_needs_no_checkpoint() throws Exception {
    RaftOptions small = TestCluster.smallOptions();
    RaftOptions keeping =
        new RaftOptions(
            small.electionTimeoutMin(),
            small.electionTimeoutMax(),
            small.maxEntryBytes(),
            small.segmentBytes(),
            10_000,
            4L << 20);
    try (TestCluster cluster = TestCluster.start(root, 3, keeping)) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "early", "1");
      Node leader = cluster.leader(group);
      Node late = cluster.nodes().stream().filter(n -> n != leader).findFirst().orElseThrow();
      cluster.awaitValue(late, group, "early", "1");
      late.stop();
      for (Node node : fill(cluster, group, "a")) {
        node.group(group).compactLog().get(10, TimeUnit.SECONDS);
      }
      late.start();
      cluster.awaitValue(late, group, "a39", VALUE + 39);
      assertThat(late.machine(group).installs).isZero();
    }
  }
}
