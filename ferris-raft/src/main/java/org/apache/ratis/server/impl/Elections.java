package org.apache.ratis.server.impl;

import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.LeaderElection.Phase;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;

/**
 * A replica's part in elections, where Ratis has no other door to it than its own package.
 * Thread-safe; each call takes the replica's monitor, which Ratis may hold while it writes a vote.
 */
public final class Elections {
  private Elections() {}

  /**
   * Answers a pre-vote as Ratis would, and changes nothing by it. In Ratis (3.3.0, {@code
   * RaftServerImpl.requestVote}) granting one counts as having heard of a leader. A node whose
   * requests arrive and that gets no answers, say a leader that has become deaf and given up, asks
   * again and again; every grant put off the election of a node that could win it, for as long as
   * the grants went on.
   *
   * <p>Nothing else hangs on that timer: a pre-vote promises nothing, and the election that follows
   * one is heard of in the usual way by a vote. So a candidate is never made to wait because it was
   * granted a pre-vote before and lost the reply, not even where two of three nodes are left and
   * the one voter must grant it. (Refusing those who ask too often was thought of first: it would
   * block just that candidate.)
   *
   * @return the reply that grants it; null if it is not granted, and Ratis is to say why
   */
  public static @Nullable RequestVoteReplyProto grantedPreVote(
      RaftServer.Division division, RequestVoteRequestProto request) {
    if (!(division instanceof RaftServerImpl server) || !request.getPreVote()) {
      return null;
    }
    RaftRpcRequestProto header = request.getServerRequest();
    RaftPeerId candidate = RaftPeerId.valueOf(header.getRequestorId());
    synchronized (server) {
      if (!server.getInfo().getLifeCycleState().isRunning()) {
        return null;
      }
      VoteContext context = new VoteContext(server, Phase.PRE_VOTE, candidate);
      RaftPeer recognized = context.recognizeCandidate(request.getCandidateTerm());
      if (!context.decideVote(recognized, TermIndex.valueOf(request.getCandidateLastEntry()))) {
        return null;
      }
      ServerState state = server.getState();
      return ServerProtoUtils.toRequestVoteReplyProto(
          candidate,
          server.getMemberId(),
          true,
          state.getCurrentTerm(),
          false,
          state.getLastEntry(),
          header.getCallId());
    }
  }

  /**
   * Whether the replica is a follower that may stand for election: it runs, has a vote, and no
   * append or checkpoint of its leader is under way.
   */
  public static boolean mayStand(RaftServer.Division division) {
    return division instanceof RaftServerImpl server
        && server.getInfo().isFollower()
        && server.getInfo().getLifeCycleState().isRunning()
        && server.getRaftConf().containsInConf(server.getId())
        && server.getRole().getFollowerState().map(f -> f.getOutstandingOp() == 0).orElse(false);
  }

  /**
   * Makes a follower a candidate. The caller holds the division's monitor and has looked at its
   * role under it.
   *
   * @param skipPreVote whether it begins with a new term at once
   */
  public static void stand(RaftServer.Division division, boolean skipPreVote) {
    ((RaftServerImpl) division).changeToCandidate(skipPreVote);
  }

  /**
   * A leader's request that a follower stand for election.
   *
   * @param lastEntry the follower refuses if its own last entry is before this
   */
  public static StartLeaderElectionRequestProto requestToStand(
      RaftServer.Division leader, RaftPeerId follower, TermIndex lastEntry) {
    return ServerProtoUtils.toStartLeaderElectionRequestProto(
        leader.getMemberId(), follower, lastEntry);
  }
}
