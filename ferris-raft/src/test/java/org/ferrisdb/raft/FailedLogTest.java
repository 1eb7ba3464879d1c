package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.ferrisdb.raft.GroupStatus.Role;
import org.ferrisdb.raft.ProposalOutcome.Applied;
import org.ferrisdb.raft.ProposalOutcome.NotProposed;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A replica whose log can not be written, on a node that lives on. */
@Timeout(120)
class FailedLogTest {
  @TempDir Path root;

  private static Path current(Node node, GroupId group) {
    return node.directory
        .resolve("raft")
        .resolve("logs")
        .resolve(group.toString())
        .resolve("current");
  }

  @Test
  void the_leaders_log_fails_another_leads_and_the_replica_is_reopened() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "a", "1");
      failAndReopen(cluster, group, cluster.leader(group));
    }
  }

  @Test
  void a_followers_log_fails_the_others_go_on_and_the_replica_is_reopened() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "a", "1");
      Node leader = cluster.leader(group);
      failAndReopen(
          cluster,
          group,
          cluster.nodes().stream().filter(n -> n != leader).findFirst().orElseThrow());
    }
  }

  /** Takes the log's directory away, which fails the next flush, and gives it back. */
  private static void failAndReopen(TestCluster cluster, GroupId group, Node victim)
      throws Exception {
    TestMachine before = victim.machine(group);
    Path current = current(victim, group);
    Path away = current.resolveSibling("away");
    Files.move(current, away);
    cluster.put(group, "b", "2");
    await()
        .atMost(TestCluster.PATIENCE)
        .until(() -> victim.group(group).status().role() == Role.FAILED);
    await().until(() -> before.notices.contains("failed"));
    assertThat(victim.group(group).propose(TestMachine.put("x", "y")).get(5, TimeUnit.SECONDS))
        .isInstanceOf(NotProposed.class);
    cluster.put(group, "c", "3");
    Files.move(away, current);
    RaftGroup same = victim.group(group);
    assertThat(victim.raft().reopen(group)).isSameAs(same);
    assertThat(before.closed).isTrue();
    cluster.put(group, "d", "4");
    cluster.awaitValue(victim, group, "d", "4");
    assertThat(victim.machine(group).contents())
        .containsEntry("a", "1")
        .containsEntry("b", "2")
        .containsEntry("c", "3");
    assertThat(same.status().role()).isNotEqualTo(Role.FAILED);
    // It votes and leads again.
    cluster.leader(group).group(group).stepDown().get(10, TimeUnit.SECONDS);
    cluster.put(group, "e", "5");
  }

  @Test
  void a_disk_that_was_full_heals() throws Exception {
    Path small = Files.createDirectories(root.resolve("small"));
    assumeThat(run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small.toString()))
        .as("may mount a small file system")
        .isZero();
    try (TestCluster cluster = TestCluster.start(root, 2, TestCluster.smallOptions())) {
      Node victim = cluster.addNode(small);
      victim.start();
      GroupId group = cluster.createGroup();
      cluster.put(group, "a", "1");
      cluster.awaitValue(victim, group, "a", "1");
      Path ballast = small.resolve("ballast");
      String value = "v".repeat(20_000);
      fill(ballast);
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> {
            cluster.put(group, "b", value);
            return victim.group(group).status().role() == Role.FAILED;
          });
      cluster.put(group, "c", "3");
      Files.delete(ballast);
      try {
        victim.raft().reopen(group);
      } catch (UncheckedIOException e) {
        // Ratis 3.3.0 moves an empty raft-meta over the good one when the disk fills up while it
        // writes its vote. Which vote that was nobody can tell, so the replica must stay closed:
        // see docs/decisions/0004.
        assertThat(e).hasRootCauseMessage("'term' not found in properties: {}");
        cluster.put(group, "d", "4");
        assertThat(victim.group(group).status().role()).isEqualTo(Role.FAILED);
        return;
      }
      cluster.put(group, "d", "4");
      cluster.awaitValue(victim, group, "d", "4");
      assertThat(victim.machine(group).get("c")).isEqualTo("3");
    } finally {
      run("umount", "-l", small.toString());
    }
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[4096];
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  void a_proposal_is_never_called_not_proposed_when_it_may_be_in_the_log() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "0");
      Node old = cluster.leader(group);
      cluster.isolate(old.id());
      var inLog = old.group(group).propose(TestMachine.put("k", "maybe"));
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> old.group(group).status().role() != Role.LEADER);
      assertThat(inLog.get(10, TimeUnit.SECONDS)).isInstanceOf(ProposalOutcome.Unknown.class);
      assertThat(old.group(group).propose(TestMachine.put("k", "no")).get(10, TimeUnit.SECONDS))
          .isInstanceOf(NotProposed.class);
      cluster.heal();
      cluster.put(group, "k", "1");
      assertThat(cluster.leader(group).group(group).propose(TestMachine.put("z", "1")).get())
          .isInstanceOf(Applied.class);
      try (Stream<Node> nodes = cluster.nodes().stream()) {
        nodes.forEach(n -> cluster.awaitValue(n, group, "k", "1"));
      }
    }
  }

  @Test
  void an_entry_too_large_is_refused_before_it_is_proposed() throws Exception {
    RaftOptions options = TestCluster.smallOptions();
    try (TestCluster cluster = TestCluster.start(root, 1, options)) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "v".repeat(options.maxEntryBytes() - 2));
      assertThat(
              cluster
                  .node(0)
                  .group(group)
                  .propose(TestMachine.put("k", "v".repeat(options.maxEntryBytes() - 1)))
                  .get())
          .isInstanceOfSatisfying(
              NotProposed.class, refused -> assertThat(refused.reason()).contains("limit"));
    }
  }
}
