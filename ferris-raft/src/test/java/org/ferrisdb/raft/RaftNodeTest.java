package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.raft.ProposalOutcome.Applied;
import org.ferrisdb.raft.ProposalOutcome.NotProposed;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class RaftNodeTest {
  @TempDir Path root;

  @Test
  void what_is_proposed_is_applied_in_order_on_every_node() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      Node leader = cluster.leader(group);
      List<CompletableFuture<ProposalOutcome>> proposals = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        proposals.add(leader.group(group).propose(TestMachine.put("k" + i % 50, "v" + i)));
      }
      long last = 0;
      for (CompletableFuture<ProposalOutcome> proposal : proposals) {
        ProposalOutcome outcome = proposal.get(10, TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(Applied.class);
        long index = ((Applied) outcome).position().index();
        assertThat(index).isGreaterThan(last);
        last = index;
      }
      for (Node node : cluster.nodes()) {
        cluster.awaitValue(node, group, "k49", "v199");
        assertThat(node.machine(group).size()).isEqualTo(50);
      }
    }
  }

  @Test
  void a_follower_refuses_and_names_the_leader() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "a", "1");
      Node leader = cluster.leader(group);
      Node follower = cluster.nodes().stream().filter(n -> n != leader).findFirst().orElseThrow();
      cluster.awaitValue(follower, group, "a", "1");
      ProposalOutcome outcome =
          follower.group(group).propose(TestMachine.put("a", "2")).get(10, TimeUnit.SECONDS);
      assertThat(outcome)
          .isInstanceOfSatisfying(
              NotProposed.class, refused -> assertThat(refused.leader()).isEqualTo(leader.id()));
    }
  }

  @Test
  void all_nodes_restart_and_nothing_is_lost() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      for (int i = 0; i < 100; i++) {
        cluster.put(group, "k" + i, "v" + i);
      }
      cluster.leader(group).group(group).compactLog().get(10, TimeUnit.SECONDS);
      cluster.put(group, "after", "flush");
      cluster.nodes().forEach(Node::stop);
      cluster.nodes().forEach(Node::start);
      cluster.put(group, "after", "restart");
      for (Node node : cluster.nodes()) {
        cluster.awaitValue(node, group, "after", "restart");
        assertThat(node.machine(group).size()).isEqualTo(101);
        assertThat(node.machine(group).get("k77")).isEqualTo("v77");
      }
    }
  }

  /** Ratis alone would refuse every write for as long as it waits for the dead one. */
  @Test
  void leadership_is_not_offered_to_a_dead_member_and_writes_go_on() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "a", "1");
      Node leader = cluster.leader(group);
      Node dead = cluster.others(leader).getFirst();
      dead.stop();
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() ->
              leader.group(group).status().followers().stream()
                  .anyMatch(f -> f.id().equals(dead.id()) && f.silentMillis() > 300));
      CompletableFuture<Void> transfer =
          leader.group(group).transferLeadership(dead.id(), Duration.ofSeconds(30));
      assertThat(transfer).isCompletedExceptionally();
      assertThat(transfer.exceptionNow()).hasMessageContaining("has not answered for");
      assertThat(
              leader
                  .group(group)
                  .propose(TestMachine.put("a", "2"))
                  .get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .isInstanceOf(Applied.class);
    }
  }
}
