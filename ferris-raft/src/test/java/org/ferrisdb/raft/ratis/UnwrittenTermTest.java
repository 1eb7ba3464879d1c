package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.util.ProtoUtils;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus.Role;
import org.ferrisdb.raft.LinkControl;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome.Applied;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.RaftTransport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A replica, really of Ratis's, that can not write its term or its vote: a directory is in the way
 * of the file. The test is its peers, over the wire.
 */
@Timeout(60)
class UnwrittenTermTest {
  /** Long enough for the replica to start no election of its own. */
  private static final Duration PATIENT = Duration.ofSeconds(20);

  @TempDir Path root;

  private final GroupId group = new GroupId(UUID.randomUUID());
  private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
  private RaftMember self;
  private RaftMember other;
  private RaftMember third;

  @SuppressWarnings("NullAway.Init") // each test begins with start()
  private RatisHost host;

  @SuppressWarnings("NullAway.Init")
  private PeerChannel channel;

  /** The test as a node; it has no replica. */
  private record Peer(RaftMember self, RaftTransport transport, RatisSettings settings)
      implements RpcContext {
    @Override
    public @Nullable ReplicaStateMachine replica(RaftGroupIdProto id) {
      return null;
    }

    @Override
    public void connectionLost(NodeId peer) {}
  }

  @BeforeEach
  void members() throws IOException {
    self = member(1);
    other = member(2);
    third = member(3);
  }

  private static RaftMember member(int number) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new RaftMember(
          new NodeId(String.format("%016x", number)), "127.0.0.1", socket.getLocalPort());
    }
  }

  private void start(Duration electionTimeout) throws IOException {
    RaftOptions options =
        new RaftOptions(
            electionTimeout, electionTimeout.multipliedBy(2), 64 << 10, 64 << 10, 0, 1L << 30);
    host =
        RatisHost.start(
            self,
            root,
            options,
            new RaftTransport("127.0.0.1", self.port(), null, LinkControl.OPEN),
            id -> new NoState(),
            (id, from, directory) -> RaftPosition.NONE);
    channel =
        new PeerChannel(
            new Peer(
                other,
                new RaftTransport("127.0.0.1", other.port(), null, LinkControl.OPEN),
                new RatisSettings(options)),
            self.id(),
            self.host(),
            self.port(),
            loops);
  }

  @AfterEach
  void stop() {
    channel.close();
    host.close();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private RaftGroup group() {
    return Objects.requireNonNull(host.group(group));
  }

  private Path file(String name) {
    return root.resolve("logs").resolve(group.toString()).resolve("current").resolve(name);
  }

  private RaftRpcRequestProto.Builder header() {
    return RaftRpcRequestProto.newBuilder()
        .setRequestorId(ByteString.copyFromUtf8(other.id().value()))
        .setReplyId(ByteString.copyFromUtf8(self.id().value()))
        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(Members.group(group)));
  }

  private RaftNettyServerReplyProto send(RaftNettyServerRequestProto.Builder request)
      throws IOException {
    return channel.call(request.build(), Duration.ofSeconds(10));
  }

  private boolean heartbeat(long term) throws IOException {
    return send(RaftNettyServerRequestProto.newBuilder()
                .setAppendEntriesRequest(
                    AppendEntriesRequestProto.newBuilder()
                        .setServerRequest(header())
                        .setLeaderTerm(term)
                        .setLeaderCommit(-1)))
            .getAppendEntriesReply()
            .getResult()
        == AppendResult.SUCCESS;
  }

  private boolean askForVote(long term) throws IOException {
    return send(RaftNettyServerRequestProto.newBuilder()
            .setRequestVoteRequest(
                RequestVoteRequestProto.newBuilder()
                    .setServerRequest(header())
                    .setCandidateTerm(term)
                    .setCandidateLastEntry(
                        TermIndexProto.newBuilder().setTerm(term - 1).setIndex(100))))
        .getRequestVoteReply()
        .getServerReply()
        .getSuccess();
  }

  private void awaitFailedAndClosed() {
    ReplicaStateMachine replica = host.replica(group);
    await().until(() -> group().status().role() == Role.FAILED);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> !replica.division().getInfo().getLifeCycleState().isRunning());
  }

  @Test
  void a_leader_whose_term_is_not_on_disk_gets_no_answer_ever() throws Exception {
    start(PATIENT);
    host.create(group, List.of(self, other, third));
    assertThat(heartbeat(1)).isTrue();
    Path inTheWay = Files.createDirectory(file("raft-meta.tmp"));
    // Ratis refuses the first one only.
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> heartbeat(2)).isInstanceOf(IOException.class);
    }
    awaitFailedAndClosed();
    Files.delete(inTheWay);
    host.reopen(group);
    assertThat(heartbeat(2)).isTrue();
  }

  @Test
  void a_vote_that_is_not_in_the_copy_is_not_given() throws Exception {
    start(PATIENT);
    host.create(group, List.of(self, other, third));
    assertThat(askForVote(1)).isTrue();
    Path inTheWay = Files.createDirectory(file(DurableVote.FILE + ".new"));
    assertThatThrownBy(() -> askForVote(2)).isInstanceOf(IOException.class);
    awaitFailedAndClosed();
    Files.delete(inTheWay);
    host.reopen(group);
    assertThat(askForVote(2)).isTrue();
    assertThat(askForVote(2)).as("asked again").isTrue();
  }

  @Test
  void an_emptied_vote_is_repaired_from_the_copy_and_nothing_given_is_forgotten() throws Exception {
    start(PATIENT);
    host.create(group, List.of(self, other, third));
    assertThat(askForVote(7)).isTrue();
    host.close();
    Files.write(file("raft-meta"), new byte[0]);
    Path inTheWay = Files.createDirectory(file("raft-meta.new"));
    start(PATIENT);
    assertThat(group().status().role()).as("not repaired yet").isEqualTo(Role.FAILED);
    assertThatThrownBy(() -> askForVote(8)).isInstanceOf(IOException.class);
    Files.delete(inTheWay);
    host.reopen(group);
    assertThat(group().status().term()).isEqualTo(7);
    RaftMember before = other;
    other = third;
    assertThat(askForVote(7)).as("a second vote in term 7").isFalse();
    other = before;
    assertThat(askForVote(7)).isTrue();
  }

  @Test
  void a_candidate_that_can_not_vote_for_itself_fails_and_leads_once_it_can() throws Exception {
    start(Duration.ofMillis(150));
    host.create(group, List.of(self));
    await().until(() -> group().status().role() == Role.LEADER);
    Path inTheWay = Files.createDirectory(file("raft-meta.tmp"));
    group().stepDown().get(10, TimeUnit.SECONDS);
    awaitFailedAndClosed();
    Files.delete(inTheWay);
    host.reopen(group);
    await().until(() -> group().status().role() == Role.LEADER);
    assertThat(group().propose(ByteBuffer.allocate(1)).get()).isInstanceOf(Applied.class);
  }

  @Test
  void a_candidate_asks_nobody_before_its_own_vote_is_in_the_copy() throws Exception {
    start(Duration.ofMillis(150));
    host.create(group, List.of(self));
    await().until(() -> group().status().role() == Role.LEADER);
    long term = group().status().term();
    Files.createDirectory(file(DurableVote.FILE + ".new"));
    RequestVoteRequestProto request =
        RequestVoteRequestProto.newBuilder()
            .setServerRequest(header())
            .setCandidateTerm(term + 1)
            .build();
    assertThatThrownBy(() -> host.server().getServerRpc().requestVote(request))
        .hasMessageContaining("term " + (term + 1));
    awaitFailedAndClosed();
  }

  @Test
  void a_birth_that_did_not_get_far_is_begun_anew() throws Exception {
    start(Duration.ofMillis(150));
    // What a full disk leaves of Ratis's first file, before the group counts as open.
    Files.createDirectories(file("raft-meta").getParent());
    Files.write(file("raft-meta"), new byte[0]);
    host.create(group, List.of(self));
    await().until(() -> group().status().role() == Role.LEADER);
  }

  // ---- the members, which Ratis writes in the same way ---------------------------------------

  private LogEntryProto membersOnDisk() throws IOException {
    return LogEntryProto.parseFrom(Files.readAllBytes(file(MembersFile.FILE)));
  }

  @Test
  void members_that_ratis_can_not_write_are_written_or_the_replica_fails() throws Exception {
    start(Duration.ofMillis(150));
    host.create(group, List.of(self));
    await().until(() -> group().status().role() == Role.LEADER);
    await().until(() -> Files.exists(file(MembersFile.FILE)));
    long first = membersOnDisk().getIndex();
    Path inRatisWay = Files.createDirectory(file(MembersFile.FILE + ".tmp"));
    group().stepDown().get(10, TimeUnit.SECONDS); // the next leadership begins with a configuration
    await().until(() -> membersOnDisk().getIndex() > first);
    Path inOurs = Files.createDirectory(file(MembersFile.FILE + ".new"));
    group().stepDown().get(10, TimeUnit.SECONDS);
    awaitFailedAndClosed();
    Files.delete(inRatisWay);
    Files.delete(inOurs);
    Files.write(file(MembersFile.FILE), new byte[0]); // as a full disk would have left it
    host.reopen(group);
    await().until(() -> group().status().role() == Role.LEADER);
    await().until(() -> membersOnDisk().hasConfigurationEntry());
    assertThat(membersOnDisk().getConfigurationEntry().getPeersCount()).isOne();
  }

  @Test
  void nothing_is_purged_while_the_members_are_only_in_the_log() throws Exception {
    start(Duration.ofMillis(150));
    host.create(group, List.of(self));
    await().until(() -> group().status().role() == Role.LEADER);
    await().until(() -> Files.exists(file(MembersFile.FILE)));
    Files.write(file(MembersFile.FILE), new byte[0]);
    assertThatThrownBy(() -> host.replica(group).takeSnapshot()).hasMessageContaining("unreadable");
    group().stepDown().get(10, TimeUnit.SECONDS);
    await().until(() -> membersOnDisk().hasConfigurationEntry());
    host.replica(group).takeSnapshot();
  }
}
