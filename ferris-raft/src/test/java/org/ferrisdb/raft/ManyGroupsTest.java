package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node with many groups costs, and that it gives everything back. */
@Timeout(120)
class ManyGroupsTest {
  private static final int GROUPS = 33;

  @TempDir Path root;

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(p -> p.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  @Test
  void direct_memory_is_one_largest_entry_per_group_and_goes_when_groups_go() throws Exception {
    RaftOptions options =
        new RaftOptions(
            Duration.ofMillis(600), Duration.ofSeconds(1), 1 << 20, 8 << 20, 1000, 64L << 20);
    long before = directBytes();
    try (TestCluster cluster = TestCluster.start(root, 1, options)) {
      Node node = cluster.node(0);
      List<GroupId> groups = new ArrayList<>();
      for (int i = 0; i < GROUPS; i++) {
        GroupId group = new GroupId(UUID.randomUUID());
        groups.add(group);
        node.raft().create(group, cluster.members());
      }
      for (GroupId group : groups) {
        cluster.put(group, "k", "v");
      }
      long held = directBytes() - before;
      // A write buffer per group, of the largest entry; what else there is must not grow with them.
      long buffers = GROUPS * (options.maxEntryBytes() + (8L << 10));
      assertThat(held).isBetween((long) GROUPS * options.maxEntryBytes(), buffers + (24L << 20));
      int threads = raftThreads(node).size();
      assertThat(threads).as("threads of %d groups", GROUPS).isLessThan(12 * GROUPS);
      for (GroupId gone : groups.subList(0, 3)) {
        node.raft().remove(gone);
      }
      assertThat(node.raft().groups()).hasSize(GROUPS - 3);
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() ->
              assertThat(directBytes() - before)
                  .isLessThanOrEqualTo(held - 3L * options.maxEntryBytes()));
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(directBytes() - before).isLessThan(24L << 20));
  }

  private static Set<String> raftThreads(Node node) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.contains(node.id().value()) || name.startsWith("raft-"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void close_leaves_no_thread_behind() throws Exception {
    TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions());
    List<Node> nodes = List.copyOf(cluster.nodes());
    try {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "v");
      cluster.leader(group).group(group).compactLog().get(10, TimeUnit.SECONDS);
      assertThat(raftThreads(nodes.getFirst())).isNotEmpty();
    } finally {
      cluster.close();
    }
    for (Node node : nodes) {
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(raftThreads(node)).isEmpty());
    }
  }

  @Test
  void a_log_over_its_limit_is_compacted_by_itself() throws Exception {
    RaftOptions options =
        new RaftOptions(
            Duration.ofMillis(300), Duration.ofMillis(600), 64 << 10, 64 << 10, 0, 256L << 10);
    try (TestCluster cluster = TestCluster.start(root, 3, options)) {
      GroupId group = cluster.createGroup();
      // One node is down for good: it must not keep the others' logs from shrinking.
      cluster.put(group, "k", "v");
      Node leader = cluster.leader(group);
      cluster.nodes().stream().filter(n -> n != leader).findFirst().orElseThrow().stop();
      String value = "v".repeat(20_000);
      long written = 0;
      while (written < 2 << 20) {
        cluster.put(group, "k", value);
        written += value.length();
      }
      await()
          .atMost(TestCluster.PATIENCE)
          .untilAsserted(() ->
              assertThat(cluster.leader(group).group(group).status().logBytes())
                  .isPositive()
                  .isLessThan(512L << 10));
    }
  }
}
