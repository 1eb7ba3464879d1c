package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.ferrisdb.raft.GroupStatus.Role;
import org.ferrisdb.raft.ProposalOutcome.Applied;
import org.ferrisdb.raft.ProposalOutcome.NotProposed;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A replica whose log can not be written, on a node that lives on. */
@Timeout(120)
class FailedLogTest {
  @TempDir Path root;

  /** A thread of Ratis's ends with an exception when its leader's log has failed. */
  @BeforeAll
  static void expectThreadsToDie() {
    Awaitility.doNotCatchUncaughtExceptionsByDefault();
  }

  @AfterAll
  static void expectThemNoMore() {
    Awaitility.reset();
  }

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
    await().until(() -> before.closed); // so it asks nobody for votes
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
      victim.raft().reopen(group);
      cluster.put(group, "d", "4");
      cluster.awaitValue(victim, group, "d", "4");
      assertThat(victim.machine(group).get("c")).isEqualTo("3");
    } finally {
      run("umount", "-l", small.toString());
    }
  }

  /** Ratis then moves an empty file over its vote: see docs/decisions/0004. */
  @Test
  void a_disk_that_was_full_while_votes_were_given_heals() throws Exception {
    Path small = Files.createDirectories(root.resolve("small"));
    assumeThat(run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small.toString()))
        .as("may mount a small file system")
        .isZero();
    try (TestCluster cluster = TestCluster.start(root, 2, TestCluster.smallOptions())) {
      Node victim = cluster.addNode(small);
      victim.start();
      GroupId group = cluster.createGroup();
      awaitNothingToWrite(cluster, group, victim);
      long term = victim.group(group).status().term();
      Path ballast = small.resolve("ballast");
      fill(ballast);
      // What a write under way then has given back since: a vote would fit into one page.
      Path rest = small.resolve("rest");
      fill(rest);
      // It is asked for its vote and asks nobody: a candidate that can not write its own lives on
      // for
      // a while, and the page of the file that was emptied is enough for the next vote it gives.
      cluster.others(victim).forEach(n -> cluster.mend(n.id(), victim.id()));
      cluster.leader(group).group(group).stepDown().get(10, TimeUnit.SECONDS);
      Path vote = current(victim, group).resolve("raft-meta");
      await("the fault of Ratis 3.3.0; if it is gone, simplify")
          .atMost(TestCluster.PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> Files.size(vote) == 0);
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> victim.group(group).status().role() == Role.FAILED);
      cluster.heal();
      cluster.put(group, "c", "3");
      Files.delete(ballast);
      Files.delete(rest);
      victim.raft().reopen(group);
      assertThat(victim.group(group).status().term()).isGreaterThanOrEqualTo(term);
      cluster.put(group, "d", "4");
      cluster.awaitValue(victim, group, "d", "4");
      assertThat(victim.machine(group).get("c")).isEqualTo("3");
      // And its votes count again.
      Node other =
          cluster.nodes().stream()
              .filter(n -> n != victim && n.group(group).status().role() != Role.LEADER)
              .findFirst()
              .orElseThrow();
      cluster.isolate(other.id());
      cluster.put(group, "e", "5");
    } finally {
      run("umount", "-l", small.toString());
    }
  }

  /**
   * Cuts the follower off, with all it has been sent on its disk, and waits until it knows no
   * leader any more: what comes next is a later term. Otherwise an election (this machine is slow,
   * or the follower just led) has the follower vote while the disk has room, and the first entry of
   * that term, which begins a new segment, or the copy of that vote, finds it full: the replica has
   * failed as well, and the file with the vote is whole.
   */
  private static void awaitNothingToWrite(TestCluster cluster, GroupId group, Node follower) {
    await()
        .atMost(TestCluster.PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          cluster.heal();
          cluster.moveLeadership(group, cluster.others(follower).getFirst());
          RaftPosition last = cluster.put(group, "b", "2");
          await().until(() -> follower.machine(group).applied().index() >= last.index());
          cluster.isolate(follower.id());
          await().until(() -> follower.group(group).status().leader() == null);
          LogEnd log = follower.group(group).logEnd();
          return log.lastIndex() == log.syncedIndex()
              && follower.machine(group).applied().term() == follower.group(group).status().term();
        });
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

  /** Where there is nobody else to lead, Ratis's leader stays one, and tells nobody anything. */
  @Test
  void proposals_end_with_the_log_in_a_group_of_one() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 1, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "a", "1");
      Node node = cluster.node(0);
      Path current = current(node, group);
      Path away = current.resolveSibling("away");
      Files.move(current, away);
      List<CompletableFuture<ProposalOutcome>> outcomes = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        outcomes.add(node.group(group).propose(TestMachine.put("k" + i, "v")));
      }
      for (CompletableFuture<ProposalOutcome> outcome : outcomes) {
        assertThat(outcome.get(10, TimeUnit.SECONDS)).isNotInstanceOf(Applied.class);
      }
      assertThat(outcomes.getFirst().get()).isInstanceOf(ProposalOutcome.Unknown.class);
      await()
          .until(() ->
              node.group(group).propose(TestMachine.put("k", "v")).get() instanceof NotProposed);
      Files.move(away, current);
      node.raft().reopen(group);
      cluster.put(group, "b", "2");
    }
  }

  @Test
  void every_proposal_is_answered_when_its_replica_is_closed_under_it() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 1, TestCluster.smallOptions())) {
      GroupId reopened = cluster.createGroup();
      GroupId removed = cluster.createGroup();
      GroupId closed = cluster.createGroup();
      Node node = cluster.node(0);
      RaftNode raft = node.raft();
      List<Runnable> ends =
          List.of(
              () -> raft.reopen(reopened),
              () -> raft.reopen(reopened),
              () -> raft.remove(removed),
              raft::close);
      List<GroupId> groups = List.of(reopened, reopened, removed, closed);
      for (int i = 0; i < ends.size(); i++) {
        cluster.put(groups.get(i), "a", "1");
        RaftGroup group = node.group(groups.get(i));
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<ProposalOutcome>> outcomes = new CopyOnWriteArrayList<>();
        Thread proposer =
            Thread.ofPlatform()
                .start(() -> {
                  while (!stop.get()) {
                    outcomes.add(group.propose(TestMachine.put("k", "v")));
                    LockSupport.parkNanos(100_000);
                  }
                });
        await().until(() -> outcomes.size() > 20);
        ends.get(i).run();
        stop.set(true);
        proposer.join();
        for (CompletableFuture<ProposalOutcome> outcome : outcomes) {
          assertThat(outcome.get(10, TimeUnit.SECONDS)).isNotNull();
        }
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
