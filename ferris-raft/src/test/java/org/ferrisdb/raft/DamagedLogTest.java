package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs as power cuts, bad disks and careless people leave them. */
@Timeout(90)
class DamagedLogTest {
  private static final String VALUE = "x".repeat(5000);

  @TempDir Path root;

  private static Path directory(Node node, GroupId group) {
    return node.directory.resolve("raft").resolve("logs").resolve(group.toString());
  }

  private static Path openSegment(Node node, GroupId group) throws IOException {
    try (Stream<Path> files = Files.list(directory(node, group).resolve("current"))) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("log_inprogress_"))
          .findFirst()
          .orElseThrow();
    }
  }

  private TestCluster stoppedWithTwoEntries(GroupId[] group) throws Exception {
    TestCluster cluster = TestCluster.start(root, 1, TestCluster.smallOptions());
    group[0] = cluster.createGroup();
    cluster.put(group[0], "a", VALUE);
    cluster.put(group[0], "b", VALUE);
    cluster.node(0).stop();
    return cluster;
  }

  @Test
  void a_torn_last_record_is_cut_off_and_the_rest_kept() throws Exception {
    GroupId[] group = new GroupId[1];
    try (TestCluster cluster = stoppedWithTwoEntries(group)) {
      Node node = cluster.node(0);
      Path segment = openSegment(node, group[0]);
      byte[] whole = Files.readAllBytes(segment);
      // The last record's second half never reached the disk; behind it, what was preallocated.
      byte[] torn = Arrays.copyOf(whole, whole.length + (64 << 10));
      Arrays.fill(torn, whole.length - 2500, torn.length, (byte) 0);
      Files.write(segment, torn);
      node.start();
      cluster.put(group[0], "c", "1");
      assertThat(node.machine(group[0]).get("a")).isEqualTo(VALUE);
      assertThat(node.machine(group[0]).get("b")).isNull();
    }
  }

  @Test
  void a_flipped_bit_is_never_repaired_by_dropping_what_follows() throws Exception {
    GroupId[] group = new GroupId[1];
    try (TestCluster cluster = stoppedWithTwoEntries(group)) {
      Node node = cluster.node(0);
      GroupId healthy = new GroupId(UUID.randomUUID());
      Path segment = openSegment(node, group[0]);
      byte[] whole = Files.readAllBytes(segment);
      for (int position : List.of(1000, whole.length - 2500, whole.length - 1)) {
        byte[] damaged = whole.clone();
        damaged[position] ^= 4;
        Files.write(segment, damaged);
        node.start();
        // This group is out of service, the node is not.
        assertThat(node.group(group[0]).status().role()).isEqualTo(GroupStatus.Role.FAILED);
        assertThat(node.raft().lostGroups()).containsExactly(group[0]);
        assertThat(node.raft().statelessGroups()).isEmpty();
        node.raft().create(healthy, cluster.members());
        cluster.put(healthy, "k", "v");
        node.stop();
        assertThat(Files.readAllBytes(segment)).isEqualTo(damaged);
      }
      Files.write(segment, whole);
      node.start();
      cluster.put(group[0], "c", "1");
      assertThat(node.machine(group[0]).get("b")).isEqualTo(VALUE);
    }
  }

  /** Of a directory the kernel gives no bytes, as it gives none of a sector that is worn out. */
  @Test
  void a_log_that_the_disk_does_not_give_is_not_given_up_at_once() throws Exception {
    GroupId[] group = new GroupId[1];
    try (TestCluster cluster = stoppedWithTwoEntries(group)) {
      Node node = cluster.node(0);
      Path segment = openSegment(node, group[0]);
      byte[] whole = Files.readAllBytes(segment);
      Files.delete(segment);
      Files.createDirectory(segment);
      node.start();
      assertThat(node.group(group[0]).status().role()).isEqualTo(GroupStatus.Role.FAILED);
      assertThat(node.raft().lostGroups()).isEmpty();
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> node.raft().reopen(group[0]));
      assertThat(node.raft().lostGroups()).isEmpty();
      Files.delete(segment);
      Files.write(segment, whole);
      node.raft().reopen(group[0]);
      cluster.put(group[0], "c", "1");
      assertThat(node.machine(group[0]).get("b")).isEqualTo(VALUE);
    }
  }

  @Test
  void a_directory_that_is_gone_is_lost_and_not_a_new_voter() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "a", "1");
      Node victim = cluster.node(1);
      victim.stop();
      try (Stream<Path> files = Files.walk(directory(victim, group))) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
      victim.start();
      assertThat(victim.raft().lostGroups()).containsExactly(group);
      assertThat(victim.group(group).status().role()).isEqualTo(GroupStatus.Role.FAILED);
      assertThat(directory(victim, group)).doesNotExist();
      assertThatIllegalStateException().isThrownBy(() -> victim.raft().reopen(group));
      // The remedy: out of the members, removed here, and in again as an empty replica.
      List<RaftMember> all = cluster.members();
      List<RaftMember> without = all.stream().filter(m -> !m.id().equals(victim.id())).toList();
      RaftGroup leader = cluster.leader(group).group(group);
      leader.changeMembers(all, without).get();
      assertThat(leader.status().members()).containsExactlyInAnyOrderElementsOf(without);
      long term = leader.status().term();
      assertThatIllegalStateException().isThrownBy(() -> victim.raft().rejoin(group, term));
      victim.raft().remove(group);
      assertThat(victim.raft().lostGroups()).isEmpty();
      victim.raft().rejoin(group, term);
      assertThat(vote(victim, group)).contains("term=" + term).contains("votedFor=");
      cluster.leader(group).group(group).changeMembers(without, all).get();
      cluster.awaitValue(victim, group, "a", "1");
      // It is worth something: with one of the others gone there is still a majority.
      cluster.nodes().stream().filter(n -> n != victim).findFirst().orElseThrow().stop();
      cluster.put(group, "b", "2");
      cluster.awaitValue(victim, group, "b", "2");
    }
  }

  @Test
  void a_rejoined_replica_is_born_in_a_term_and_remembers_it() throws Exception {
    try (TestCluster cluster = TestCluster.start(root, 1, TestCluster.smallOptions())) {
      Node node = cluster.node(0);
      GroupId group = new GroupId(UUID.randomUUID());
      node.raft().rejoin(group, 77);
      assertThat(node.group(group).status().term()).isEqualTo(77);
      node.stop();
      node.start();
      assertThat(node.raft().lostGroups()).isEmpty();
      assertThat(node.group(group).status().term()).isEqualTo(77);
      assertThat(vote(node, group)).contains("term=77");
    }
  }

  @Test
  void an_empty_vote_file_is_restored_from_its_copy_and_lost_without_one() throws Exception {
    GroupId[] group = new GroupId[1];
    try (TestCluster cluster = stoppedWithTwoEntries(group)) {
      Node node = cluster.node(0);
      Path current = directory(node, group[0]).resolve("current");
      Files.write(current.resolve("raft-meta"), new byte[0]);
      node.start();
      assertThat(node.raft().lostGroups()).isEmpty();
      cluster.put(group[0], "c", "1");
      node.stop();
      Files.write(current.resolve("raft-meta"), new byte[0]);
      Files.write(current.resolve("vote"), new byte[0]);
      node.start();
      assertThat(node.raft().lostGroups()).containsExactly(group[0]);
    }
  }

  private static String vote(Node node, GroupId group) throws IOException {
    return Files.readString(directory(node, group).resolve("current").resolve("raft-meta"));
  }
}
