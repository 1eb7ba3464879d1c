package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.DefaultThreadFactory;
import org.ferrisdb.raft.RaftMember;
import org.jspecify.annotations.Nullable;

/** The transport of one node, both directions. Thread-safe. */
final class PeerRpc implements RaftServerRpc {
  private final RpcType type;
  private final RpcContext context;
  private final EventLoopGroup loops;
  private final PeerServer inbound;
  private final Map<RaftPeerId, PeerChannel> peers = new ConcurrentHashMap<>();

  PeerRpc(RaftServer server, RpcType type, RpcContext context) {
    this.type = type;
    this.context = context;
    this.loops =
        new NioEventLoopGroup(2, new DefaultThreadFactory("raft-io-" + context.self().id(), true));
    this.inbound = new PeerServer(server, context, loops);
  }

  @Override
  public RpcType getRpcType() {
    return type;
  }

  @Override
  public void start() throws IOException {
    inbound.start();
  }

  @Override
  public void close() {
    inbound.close();
    peers.values().forEach(PeerChannel::close);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /** What this node calls itself to others, which is not where it binds. */
  @Override
  public InetSocketAddress getInetSocketAddress() {
    RaftMember self = context.self();
    return new InetSocketAddress(self.host(), self.port());
  }

  /**
   * A later address of a peer replaces an earlier one: configurations come in the order of the log.
   */
  @Override
  public void addRaftPeers(Collection<RaftPeer> added) {
    for (RaftPeer peer : added) {
      RaftMember member = Members.of(peer);
      if (member.id().equals(context.self().id())) {
        continue;
      }
      peers.compute(
          peer.getId(),
          (id, known) -> {
            if (known != null && known.isAt(member.host(), member.port())) {
              return known;
            }
            if (known != null) {
              known.close();
            }
            return new PeerChannel(context, member.id(), member.host(), member.port(), loops);
          });
    }
  }

  /** Runs something that never waits, again and again, until it is cancelled. */
  Future<?> every(long millis, Runnable task) {
    return loops.next().scheduleAtFixedRate(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Nothing to do: a broken connection is opened anew by the next request. */
  @Override
  public void handleException(RaftPeerId serverId, Exception e, boolean reconnect) {}

  @Override
  public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
    ReplicaStateMachine replica = context.replica(request.getServerRequest().getRaftGroupId());
    if (replica != null) {
      Throwable failure = replica.failure();
      if (failure != null) {
        throw new IOException("no candidate any more, the replica failed", failure);
      }
      if (!request.getPreVote()) {
        replica.requireTerm(request.getCandidateTerm()); // it is the candidate's vote for itself
      }
    }
    if (replica == null) {
      return askForVote(request);
    }
    RatisSettings settings = context.settings();
    VoteRequests votes = replica.voteRequests();
    RaftPeerId peer = RaftPeerId.valueOf(request.getServerRequest().getReplyId());
    return request.getPreVote()
        ? votes.askBefore(peer, () -> askForVote(request), settings::preVoteTimeout)
        : votes.ask(() -> askForVote(request), settings.requestTimeout());
  }

  private RequestVoteReplyProto askForVote(RequestVoteRequestProto request) throws IOException {
    return call(
            request.getServerRequest(),
            RaftNettyServerRequestProto.newBuilder().setRequestVoteRequest(request))
        .getRequestVoteReply();
  }

  @Override
  public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request)
      throws IOException {
    return call(
            request.getServerRequest(),
            RaftNettyServerRequestProto.newBuilder().setAppendEntriesRequest(request))
        .getAppendEntriesReply();
  }

  /**
   * Sends an append and waits for nothing; see {@link PeerChannel#send}.
   *
   * @return its reply; null if there is no connection to the follower
   */
  @Nullable CompletableFuture<RaftNettyServerReplyProto> send(AppendEntriesRequestProto request)
      throws IOException {
    PeerChannel channel = peers.get(RaftPeerId.valueOf(request.getServerRequest().getReplyId()));
    return channel == null
        ? null
        : channel.send(
            RaftNettyServerRequestProto.newBuilder().setAppendEntriesRequest(request).build());
  }

  /** How long to wait for the answer to a request of so many bytes. */
  Duration timeout(AppendEntriesRequestProto request) {
    return context.settings().requestTimeout(request.getSerializedSize());
  }

  @Override
  public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request)
      throws IOException {
    return call(
            request.getServerRequest(),
            RaftNettyServerRequestProto.newBuilder().setInstallSnapshotRequest(request))
        .getInstallSnapshotReply();
  }

  @Override
  public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
      throws IOException {
    return call(
            request.getServerRequest(),
            RaftNettyServerRequestProto.newBuilder().setStartLeaderElectionRequest(request))
        .getStartLeaderElectionReply();
  }

  private RaftNettyServerReplyProto call(
      RaftRpcRequestProto header, RaftNettyServerRequestProto.Builder request) throws IOException {
    RaftPeerId to = RaftPeerId.valueOf(header.getReplyId());
    PeerChannel channel = peers.get(to);
    if (channel == null) {
      throw new IOException("no address known of node " + to);
    }
    RaftNettyServerRequestProto built = request.build();
    return channel.call(built, context.settings().requestTimeout(built.getSerializedSize()));
  }
}
