package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.Elections;
import org.apache.ratis.server.impl.FollowerTimer;
import org.apache.ratis.server.protocol.RaftServerProtocol;
import org.apache.ratis.server.protocol.TermIndex;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.LinkControl;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftNode;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.RaftTransport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A follower without peers, patient for minutes, that is asked for pre-votes. */
@Timeout(60)
class PreVoteTest {
  private static final NodeId SELF = new NodeId("00000000000000aa");
  private static final NodeId CANDIDATE = new NodeId("00000000000000bb");
  private static final NodeId OTHER = new NodeId("00000000000000cc");
  private static final long SILENCE_MILLIS = 300;
  private static final RaftOptions PATIENT =
      new RaftOptions(Duration.ofMinutes(4), Duration.ofMinutes(5), 64 << 10, 1 << 20, 0, 1L << 30);

  @TempDir Path root;

  private RaftNode start() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    return RaftNode.start(
        new RaftMember(SELF, "127.0.0.1", port),
        root,
        PATIENT,
        new RaftTransport("127.0.0.1", port, null, LinkControl.OPEN),
        group -> new NoState(),
        (group, from, directory) -> RaftPosition.NONE);
  }

  private static RaftServer.Division follower(RaftNode node) {
    GroupId group = new GroupId(new UUID(3, 4));
    RaftMember self = new RaftMember(SELF, "127.0.0.1", 1);
    RatisGroup replica =
        (RatisGroup)
            node.create(
                group,
                List.of(
                    self,
                    new RaftMember(CANDIDATE, "127.0.0.1", 1),
                    new RaftMember(OTHER, "127.0.0.1", 1)));
    return Objects.requireNonNull(replica.current()).division();
  }

  private static RequestVoteRequestProto preVote(RaftServer.Division division, NodeId candidate) {
    return RequestVoteRequestProto.newBuilder()
        .setServerRequest(
            RaftRpcRequestProto.newBuilder()
                .setRequestorId(RaftPeerId.valueOf(candidate.value()).toByteString())
                .setReplyId(division.getId().toByteString())
                .setRaftGroupId(
                    RaftGroupIdProto.newBuilder()
                        .setId(Members.group(new GroupId(new UUID(3, 4))).toByteString()))
                .setCallId(7))
        .setCandidateTerm(1)
        .setCandidateLastEntry(TermIndex.valueOf(0, 0).toProto())
        .setPreVote(true)
        .build();
  }

  /** How long the follower's timer has been running, as Ratis sees it. */
  private static long silentMillis(RaftServer.Division division) {
    return FollowerTimer.silentMillis(division);
  }

  private static void awaitSilence(RaftServer.Division division) {
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> silentMillis(division) > SILENCE_MILLIS);
  }

  @Test
  void granting_one_is_no_sign_of_life_of_a_leader() throws Exception {
    try (RaftNode node = start()) {
      RaftServer.Division division = follower(node);
      awaitSilence(division);

      RequestVoteReplyProto reply =
          Objects.requireNonNull(
              Elections.grantedPreVote(division, preVote(division, CANDIDATE)), "not granted");

      assertThat(reply.getServerReply().getSuccess()).isTrue();
      assertThat(reply.getServerReply().getCallId()).isEqualTo(7);
      assertThat(silentMillis(division)).isGreaterThan(SILENCE_MILLIS);
      assertThat(division.getInfo().getCurrentTerm()).isZero();
    }
  }

  @Test
  void it_is_granted_as_often_as_it_is_asked_for_and_to_whoever_asks() throws Exception {
    try (RaftNode node = start()) {
      RaftServer.Division division = follower(node);
      for (int round = 0; round < 10; round++) {
        NodeId candidate = round % 3 == 2 ? OTHER : CANDIDATE;
        assertThat(Elections.grantedPreVote(division, preVote(division, candidate))).isNotNull();
      }
    }
  }

  @Test
  void what_is_refused_is_left_to_ratis_to_refuse() throws Exception {
    try (RaftNode node = start()) {
      RaftServer.Division division = follower(node);
      NodeId stranger = new NodeId("00000000000000dd");
      assertThat(Elections.grantedPreVote(division, preVote(division, stranger))).isNull();
      RequestVoteRequestProto vote =
          preVote(division, CANDIDATE).toBuilder().setPreVote(false).build();
      assertThat(Elections.grantedPreVote(division, vote)).isNull();
    }
  }

  /** Why all this is here; when it fails, Ratis has mended it, and {@link Elections} can go. */
  @Test
  void ratis_itself_takes_a_granted_one_for_a_sign_of_life() throws Exception {
    try (RaftNode node = start()) {
      RaftServer.Division division = follower(node);
      awaitSilence(division);

      RequestVoteReplyProto reply =
          ((RaftServerProtocol) division).requestVote(preVote(division, CANDIDATE));

      assertThat(reply.getServerReply().getSuccess()).isTrue();
      assertThat(silentMillis(division)).isLessThan(SILENCE_MILLIS);
    }
  }
}
