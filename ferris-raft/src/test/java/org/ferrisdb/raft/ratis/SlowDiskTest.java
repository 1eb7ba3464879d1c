package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.GroupStatus.Role;
import org.ferrisdb.raft.LinkControl;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome;
import org.ferrisdb.raft.ProposalOutcome.Applied;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.RaftTransport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a leader makes of members that take their time, or never answer. */
@Timeout(90)
class SlowDiskTest {
  private static final RaftOptions OPTIONS =
      new RaftOptions(
          Duration.ofMillis(300), Duration.ofMillis(600), 64 << 10, 64 << 10, 0, 1L << 30);

  @TempDir Path root;

  private final GroupId group = new GroupId(UUID.randomUUID());
  private final List<RaftMember> members = new ArrayList<>();
  private final List<RatisHost> hosts = new ArrayList<>();

  @BeforeEach
  void threeNodes() throws IOException {
    for (int i = 1; i <= 3; i++) {
      members.add(member(i));
    }
    for (RaftMember self : members) {
      hosts.add(
          RatisHost.start(
              self,
              root.resolve(self.id().value()),
              OPTIONS,
              new RaftTransport("127.0.0.1", self.port(), null, LinkControl.OPEN),
              id -> new NoState(),
              (id, from, directory) -> RaftPosition.NONE));
    }
    hosts.forEach(host -> host.create(group, members));
  }

  @AfterEach
  void close() {
    hosts.parallelStream().forEach(RatisHost::close);
  }

  private static RaftMember member(int number) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new RaftMember(
          new NodeId(String.format("%016x", number)), "127.0.0.1", socket.getLocalPort());
    }
  }

  private RaftGroup at(RatisHost host) {
    return Objects.requireNonNull(host.group(group));
  }

  private RatisHost leader() {
    return await()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () ->
                hosts.stream()
                    .filter(host -> at(host).status().role() == Role.LEADER)
                    .findFirst()
                    .orElse(null),
            host -> host != null);
  }

  private static ByteBuffer entry() {
    return ByteBuffer.allocate(10);
  }

  @Test
  void a_leader_stays_one_while_the_disks_of_all_others_hang() throws Exception {
    RatisHost leader = leader();
    assertThat(at(leader).propose(entry()).get(10, TimeUnit.SECONDS)).isInstanceOf(Applied.class);
    long term = at(leader).status().term();
    List<RatisHost> others = hosts.stream().filter(host -> host != leader).toList();
    CompletableFuture<ProposalOutcome> waiting;
    // The log's writer syncs the directory before it syncs the file: now it hangs there.
    synchronized (others.get(0).replica(group).directories()) {
      synchronized (others.get(1).replica(group).directories()) {
        waiting = at(leader).propose(entry());
        // Longer than an append may take, several times longer than followers wait for a leader.
        await()
            .during(4, TimeUnit.SECONDS)
            .atMost(6, TimeUnit.SECONDS)
            .until(() -> {
              GroupStatus now = at(leader).status();
              return now.role() == Role.LEADER && now.term() == term;
            });
        assertThat(waiting).isNotDone();
      }
    }
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isInstanceOf(Applied.class);
    assertThat(at(leader).status().term()).isEqualTo(term);
  }

  @Test
  void a_change_of_members_ends_in_time_when_the_new_one_never_answers() throws Exception {
    RatisGroup leader = (RatisGroup) at(leader());
    List<RaftMember> next = new ArrayList<>(members);
    next.add(member(4));
    assertThatThrownBy(() ->
            leader.changeMembers(members, next, Duration.ofMillis(500)).get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TimeoutException.class)
        .hasMessageContaining("may still happen");
    // Ratis gives up later, and the group can be changed again.
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> {
          try {
            leader.changeMembers(members, members.subList(0, 2)).get(10, TimeUnit.SECONDS);
            return true;
          } catch (ExecutionException e) {
            return false;
          }
        });
  }

  @RepeatedTest(3)
  void a_change_of_members_ends_with_its_leader() throws Exception {
    RatisHost leader = leader();
    List<RaftMember> next = new ArrayList<>(members);
    next.add(member(4));
    CompletableFuture<Void> failing = at(leader).changeMembers(members, next);
    leader.replica(group).failed(new IOException("by the test"));
    assertThatThrownBy(() -> failing.get(1, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> at(leader).changeMembers(members, next).get(1, TimeUnit.SECONDS))
        .hasMessageContaining("failed");
    RatisHost second = leader();
    CompletableFuture<Void> moved = at(second).changeMembers(members, next);
    at(second).stepDown().get(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> moved.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
  }
}
