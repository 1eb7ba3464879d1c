package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.ferrisdb.raft.GroupStatus.Role;
import org.ferrisdb.raft.ProposalOutcome.Applied;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader that is cut off while writes still reach it. Ratis's own reads and its own step-down
 * fail here (see RatisFaultsTest); our lease and our watch must not.
 */
@Timeout(90)
class IsolatedLeaderTest {
  private static final Duration LEASE = Duration.ofMillis(250);

  @TempDir Path root;

  /** A reader at one node that answers under a lease only, as a shard does. */
  private static final class LeasedReader {
    private final Node node;
    private final GroupId group;
    private final LeaderLease lease;

    LeasedReader(Node node, GroupId group) {
      this.node = node;
      this.group = group;
      Leadership leadership = node.machine(group).leaderships.getLast();
      this.lease =
          new LeaderLease(LEASE, 0.02, leadership, System.nanoTime(), System.currentTimeMillis());
    }

    /** Writes, renewing the lease when the write applies. */
    CompletableFuture<ProposalOutcome> write(String value) {
      long before = System.nanoTime();
      CompletableFuture<ProposalOutcome> outcome =
          node.group(group).propose(TestMachine.put("k", value));
      return outcome.whenComplete((result, failure) -> {
        if (result instanceof Applied) {
          lease.renew(before);
        }
      });
    }

    /** The value, or null if it may not answer. */
    String read() {
      String value = node.machine(group).get("k");
      boolean mayAnswer = lease.holds(System.nanoTime(), System.currentTimeMillis());
      return mayAnswer && value != null ? value : "";
    }
  }

  @Test
  void it_answers_nothing_stale_and_steps_down_under_writes() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "0");
      Node old = cluster.leader(group);
      LeasedReader reader = new LeasedReader(old, group);
      await()
          .atMost(TestCluster.PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> {
            reader.write("1").get(10, TimeUnit.SECONDS);
            return reader.read().equals("1");
          });
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong newValueAt = new AtomicLong(Long.MAX_VALUE);
      AtomicLong stale = new AtomicLong();
      AtomicLong answered = new AtomicLong();
      Thread reads =
          Thread.ofPlatform()
              .start(() -> {
                while (!done.get()) {
                  String value = reader.read();
                  if (value.isEmpty()) {
                    Thread.onSpinWait();
                    continue;
                  }
                  answered.incrementAndGet();
                  // newValueAt is set before the new leader's write is even proposed to be read
                  if (value.equals("1") && System.nanoTime() > newValueAt.get()) {
                    stale.incrementAndGet();
                  }
                }
              });
      Thread writes =
          Thread.ofPlatform()
              .start(() -> {
                while (!done.get()) {
                  var _ = old.group(group).propose(TestMachine.put("z", "w"));
                  LockSupport.parkNanos(20_000_000);
                }
              });
      long cutAt = System.nanoTime();
      cluster.isolate(old.id());
      Node next =
          await()
              .atMost(TestCluster.PATIENCE)
              .pollInterval(Duration.ofMillis(5))
              .until(
                  () ->
                      cluster.nodes().stream()
                          .filter(n -> n != old)
                          .filter(n -> n.group(group).status().role() == Role.LEADER)
                          .findFirst()
                          .orElse(null),
                  n -> n != null);
      // What it must wait before it serves reaches back to entries it received from the old leader.
      Leadership won =
          await().until(() -> next.machine(group).leaderships, l -> !l.isEmpty()).getLast();
      assertThat(won.lastEarlierEntryNanos()).isLessThan(System.nanoTime());
      LeaderLease nextLease =
          new LeaderLease(LEASE, 0.02, won, System.nanoTime(), System.currentTimeMillis());
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> System.nanoTime() - nextLease.serveFromNanos() >= 0);
      assertThat(next.group(group).propose(TestMachine.put("k", "2")).get(10, TimeUnit.SECONDS))
          .isInstanceOf(Applied.class);
      newValueAt.set(System.nanoTime());
      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> {
            assertThat(old.group(group).status().role()).isNotEqualTo(Role.LEADER);
            assertThat(old.machine(group).notices).contains("lost");
          });
      long steppedDown = System.nanoTime() - cutAt;
      done.set(true);
      reads.join();
      writes.join();
      assertThat(answered.get()).as("reads answered").isPositive();
      assertThat(stale.get()).as("stale reads").isZero();
      assertThat(Duration.ofNanos(steppedDown)).isLessThan(Duration.ofSeconds(5));
      cluster.heal();
      cluster.awaitValue(old, group, "k", "2");
    }
  }

  @Test
  void a_leader_that_hears_nobody_steps_down_though_it_is_heard() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "0");
      Node old = cluster.leader(group);
      List<Node> others = cluster.nodes().stream().filter(n -> n != old).toList();
      others.forEach(n -> cluster.cut(n.id(), old.id()));
      await()
          .atMost(TestCluster.PATIENCE)
          .until(
              () -> others.stream().anyMatch(n -> n.group(group).status().role() == Role.LEADER));
      // It hears of it in its own time: nobody who is cut off from it can wait for that.
      await()
          .atMost(TestCluster.PATIENCE)
          .until(() -> old.machine(group).notices.getLast().equals("lost"));
      cluster.heal();
      cluster.put(group, "k", "1");
      for (Node node : cluster.nodes()) {
        cluster.awaitValue(node, group, "k", "1");
      }
    }
  }

  @Test
  void leadership_is_handed_to_the_node_named() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "0");
      for (int round = 0; round < 4; round++) {
        Node from = cluster.leader(group);
        Node to = cluster.nodes().get((cluster.nodes().indexOf(from) + 1) % 3);
        cluster.put(group, "k", "r" + round);
        from.group(group)
            .transferLeadership(to.id(), Duration.ofSeconds(5))
            .get(10, TimeUnit.SECONDS);
        await().atMost(TestCluster.PATIENCE).until(() -> cluster.leader(group) == to);
        assertThat(from.machine(group).notices).endsWith("lost");
        await().until(() -> to.machine(group).notices.getLast().startsWith("gained"));
      }
    }
  }

  @Test
  void notices_alternate_and_their_terms_rise() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      for (int round = 0; round < 8; round++) {
        cluster.put(group, "k", "r" + round);
        cluster.leader(group).group(group).stepDown().get(10, TimeUnit.SECONDS);
      }
      cluster.put(group, "k", "end");
      for (Node node : cluster.nodes()) {
        List<String> notices = List.copyOf(node.machine(group).notices);
        for (int i = 0; i < notices.size(); i++) {
          assertThat(notices.get(i)).startsWith(i % 2 == 0 ? "gained" : "lost");
        }
        List<Long> terms = node.machine(group).leaderships.stream().map(Leadership::term).toList();
        assertThat(terms).isSorted().doesNotHaveDuplicates();
      }
    }
  }
}
