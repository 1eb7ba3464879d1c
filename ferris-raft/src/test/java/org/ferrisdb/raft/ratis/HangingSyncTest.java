package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.ProtoUtils;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus.Role;
import org.ferrisdb.raft.LinkControl;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.RaftTransport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A follower, really of Ratis's, whose disk hangs while its leader sends the same entries twice.
 * The test is the leader.
 */
@Timeout(60)
class HangingSyncTest {
  @TempDir Path root;

  private static RaftMember member(int number) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new RaftMember(
          new NodeId(String.format("%016x", number)), "127.0.0.1", socket.getLocalPort());
    }
  }

  private static AppendEntriesRequestProto append(
      GroupId group, RaftMember leader, RaftMember follower, int call) {
    AppendEntriesRequestProto.Builder request =
        AppendEntriesRequestProto.newBuilder()
            .setServerRequest(
                RaftRpcRequestProto.newBuilder()
                    .setRequestorId(ByteString.copyFromUtf8(leader.id().value()))
                    .setReplyId(ByteString.copyFromUtf8(follower.id().value()))
                    .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(Members.group(group)))
                    .setCallId(call))
            .setLeaderTerm(1)
            .setLeaderCommit(-1);
    for (int index = 0; index < 3; index++) {
      request.addEntries(
          LogEntryProto.newBuilder()
              .setTerm(1)
              .setIndex(index)
              .setStateMachineLogEntry(
                  StateMachineLogEntryProto.newBuilder()
                      .setLogData(ByteString.copyFromUtf8("entry " + index))));
    }
    return request.build();
  }

  @Test
  void entries_sent_twice_are_not_acknowledged_before_they_are_on_disk() throws Exception {
    RaftMember self = member(1);
    RaftMember leader = member(2);
    try (RatisHost host =
        RatisHost.start(
            self,
            root,
            RaftOptions.defaults(),
            new RaftTransport("127.0.0.1", self.port(), null, LinkControl.OPEN),
            id -> new NoState(),
            (id, from, directory) -> RaftPosition.NONE)) {
      GroupId group = new GroupId(UUID.randomUUID());
      host.create(group, List.of(self, leader, member(3)));
      ReplicaStateMachine replica = host.replica(group);
      RaftServerAsynchronousProtocol ratis = (RaftServerAsynchronousProtocol) replica.division();
      List<CompletableFuture<AppendEntriesReplyProto>> answers = new ArrayList<>();
      // The log's writer syncs the directory before it syncs the file: now it hangs there.
      synchronized (replica.directories()) {
        for (int call = 0; call < 3; call++) {
          AppendEntriesRequestProto request = append(group, leader, self, call);
          answers.add(replica.requests().append(request, () -> ratis.appendEntriesAsync(request)));
        }
        CompletableFuture<AppendEntriesReplyProto> fromRatisAlone =
            ratis.appendEntriesAsync(append(group, leader, self, 9));
        assertThat(fromRatisAlone.get(5, TimeUnit.SECONDS).getResult())
            .as("the fault of Ratis 3.3.0; when it is gone, look at what can go here")
            .isEqualTo(AppendResult.SUCCESS);
        assertThat(replica.division().getRaftLog().getFlushIndex()).isNegative();
        await()
            .during(200, TimeUnit.MILLISECONDS)
            .until(() -> answers.stream().noneMatch(CompletableFuture::isDone));
      }
      for (CompletableFuture<AppendEntriesReplyProto> answer : answers) {
        AppendEntriesReplyProto reply = answer.get(10, TimeUnit.SECONDS);
        assertThat(reply.getResult()).isEqualTo(AppendResult.SUCCESS);
        assertThat(reply.getMatchIndex()).isEqualTo(2);
      }
      assertThat(replica.division().getRaftLog().getFlushIndex()).isEqualTo(2);
    }
  }

  /** Ratis sees to that; the heartbeats beside an append are for its leader's sake. */
  @Test
  void a_follower_starts_no_election_while_an_append_is_under_way() throws Exception {
    RaftMember self = member(1);
    RaftMember leader = member(2);
    RaftOptions options =
        new RaftOptions(
            Duration.ofMillis(200), Duration.ofMillis(400), 64 << 10, 64 << 10, 0, 1L << 30);
    try (RatisHost host =
        RatisHost.start(
            self,
            root,
            options,
            new RaftTransport("127.0.0.1", self.port(), null, LinkControl.OPEN),
            id -> new NoState(),
            (id, from, directory) -> RaftPosition.NONE)) {
      GroupId id = new GroupId(UUID.randomUUID());
      RaftGroup group = host.create(id, List.of(self, leader, member(3)));
      ReplicaStateMachine replica = host.replica(id);
      RaftServerAsynchronousProtocol ratis = (RaftServerAsynchronousProtocol) replica.division();
      synchronized (replica.directories()) {
        AppendEntriesRequestProto request = append(id, leader, self, 1);
        var _ = replica.requests().append(request, () -> ratis.appendEntriesAsync(request));
        await().until(() -> group.status().role() == Role.FOLLOWER);
        await()
            .during(2, TimeUnit.SECONDS)
            .until(() -> group.status().role() == Role.FOLLOWER && group.status().term() == 1);
      }
      // The candidate may be one for moments only; that it gave its leader up stays.
      await().until(() -> group.status().leader() == null);
    }
  }
}
