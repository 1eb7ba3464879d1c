package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.RaftException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.Elections;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.server.protocol.RaftServerProtocol;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.apache.ratis.thirdparty.io.netty.bootstrap.ServerBootstrap;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelFuture;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInitializer;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.SimpleChannelInboundHandler;
import org.apache.ratis.thirdparty.io.netty.channel.group.ChannelGroup;
import org.apache.ratis.thirdparty.io.netty.channel.group.DefaultChannelGroup;
import org.apache.ratis.thirdparty.io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import org.apache.ratis.thirdparty.io.netty.util.concurrent.GlobalEventExecutor;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ratis.Frames.Hello;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening end of a node's Raft port. A request runs on a virtual thread of its own, because
 * Ratis takes locks and writes its vote to disk while it handles one. An append of the leader that
 * the replica follows already does neither ({@link #expects}): it runs on the event loop that
 * brings it, which spares two changes of threads an entry and follower. A connection that does not
 * open with the right hello, or sends garbage, is closed.
 */
final class PeerServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerServer.class);

  /** More requests than this in flight on one connection: the peer is broken or hostile. */
  private static final int MAX_IN_FLIGHT = 4096;

  /** Far fewer than the elements that the log's queue holds. */
  private static final int ENTRIES_WITHOUT_WAITING = 64;

  private final RaftServer server;
  private final RpcContext context;
  private final EventLoopGroup loops;
  private final ExecutorService handlers;
  private final ChannelGroup accepted = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private @Nullable Channel listening;

  PeerServer(RaftServer server, RpcContext context, EventLoopGroup loops) {
    this.server = server;
    this.context = context;
    this.loops = loops;
    this.handlers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("raft-rpc-", 0).factory());
  }

  void start() throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(PeerSocket.Listener::new)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    accepted.add(ch);
                    ch.pipeline()
                        .addLast(
                            new LengthFieldBasedFrameDecoder(
                                context.settings().maxFrameBytes(),
                                0,
                                Frames.LENGTH_BYTES,
                                0,
                                Frames.LENGTH_BYTES),
                            new Inbound());
                  }
                });
    String host = context.transport().bindHost();
    int port = context.transport().bindPort();
    ChannelFuture bound = bootstrap.bind(host, port).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("can not listen on raft port " + host + ":" + port, bound.cause());
    }
    listening = bound.channel();
  }

  @Override
  public void close() {
    Channel open = listening;
    if (open != null) {
      var _ = open.close().awaitUninterruptibly();
    }
    var _ = accepted.close().awaitUninterruptibly();
    handlers.shutdownNow();
  }

  /** One accepted connection. */
  private final class Inbound extends SimpleChannelInboundHandler<ByteBuf> {
    private final AtomicInteger inFlight = new AtomicInteger();
    private @Nullable NodeId peer;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) throws IOException {
      NodeId from = peer;
      if (from == null) {
        peer = checked(Frames.readHello(in));
        return;
      }
      if (in.readableBytes() < 9 || in.readByte() != Frames.REQUEST) {
        throw new IOException("unexpected frame from node " + from);
      }
      if (!delivers(from, context.self().id())) {
        return;
      }
      long number = in.readLong();
      var request =
          RaftNettyServerRequestProto.parseFrom(CodedInputStream.newInstance(in.nioBuffer()));
      if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
        throw new IOException("more than " + MAX_IN_FLIGHT + " requests in flight from " + from);
      }
      if (!handleHere(ctx, from, number, request)) {
        handlers.execute(() -> begin(ctx, from, number, request));
      }
    }

    /** The common case, which waits for nothing, needs no thread of its own. */
    private boolean handleHere(
        ChannelHandlerContext ctx, NodeId from, long number, RaftNettyServerRequestProto request) {
      if (!request.hasAppendEntriesRequest()) {
        return false;
      }
      AppendEntriesRequestProto append = request.getAppendEntriesRequest();
      ReplicaStateMachine replica = context.replica(append.getServerRequest().getRaftGroupId());
      if (replica == null || !replica.requests().enterIfFree()) {
        return false;
      }
      try {
        if (!expects(replica, append)) {
          return false;
        }
        begin(ctx, from, number, request);
        return true;
      } finally {
        replica.requests().leave();
      }
    }

    private void begin(
        ChannelHandlerContext ctx, NodeId from, long number, RaftNettyServerRequestProto request) {
      var _ =
          handle(request)
              .whenComplete((reply, failure) -> answer(ctx, from, number, reply, failure));
    }

    private NodeId checked(Hello hello) throws IOException {
      if (!hello.to().equals(context.self().id())) {
        throw new IOException("connection meant for node " + hello.to() + ", whose disk is gone?");
      }
      var ours = context.transport().clusterId();
      if (ours != null && hello.clusterId() != null && !ours.equals(hello.clusterId())) {
        throw new IOException("node " + hello.from() + " is of cluster " + hello.clusterId());
      }
      return hello.from();
    }

    private void answer(
        ChannelHandlerContext ctx,
        NodeId to,
        long number,
        @Nullable RaftNettyServerReplyProto reply,
        @Nullable Throwable failure) {
      inFlight.decrementAndGet();
      if (!delivers(context.self().id(), to)) {
        return;
      }
      try {
        ((PeerSocket) ctx.channel())
            .send(
                reply != null
                    ? Frames.message(ctx.alloc(), Frames.REPLY, number, reply)
                    : Frames.failure(ctx.alloc(), number, String.valueOf(failure)));
      } catch (IOException e) {
        LOG.warn("can not serialize a reply to {}", to, e);
        var _ = ctx.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      NodeId from = peer;
      if (from != null) {
        context.connectionLost(from);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.info(
          "closing raft connection from {}: {}", ctx.channel().remoteAddress(), cause.toString());
      var _ = ctx.close();
    }
  }

  private boolean delivers(NodeId from, NodeId to) {
    return context.transport().links().delivers(from, to);
  }

  private CompletableFuture<RaftNettyServerReplyProto> handle(RaftNettyServerRequestProto request) {
    try {
      ReplicaStateMachine replica = context.replica(groupOf(request));
      if (replica != null && !replica.takesPart()) {
        // Ratis takes notifications of checkpoints while it is still reading its log and its vote,
        // and the two trip over each other. And it knows no end: a log that failed goes on taking
        // entries, with an error in the node's log for each.
        return CompletableFuture.failedFuture(
            new IOException("the replica is being opened, or has failed"));
      }
      return switch (request.getRaftNettyServerRequestCase()) {
        case APPENDENTRIESREQUEST ->
            append(request.getAppendEntriesRequest())
                .thenApply(reply ->
                    RaftNettyServerReplyProto.newBuilder().setAppendEntriesReply(reply).build());
        case REQUESTVOTEREQUEST ->
            CompletableFuture.completedFuture(
                RaftNettyServerReplyProto.newBuilder()
                    .setRequestVoteReply(vote(request.getRequestVoteRequest()))
                    .build());
        case INSTALLSNAPSHOTREQUEST ->
            CompletableFuture.completedFuture(
                RaftNettyServerReplyProto.newBuilder()
                    .setInstallSnapshotReply(install(request.getInstallSnapshotRequest()))
                    .build());
        case STARTLEADERELECTIONREQUEST ->
            CompletableFuture.completedFuture(
                RaftNettyServerReplyProto.newBuilder()
                    .setStartLeaderElectionReply(elect(request.getStartLeaderElectionRequest()))
                    .build());
        default ->
            CompletableFuture.failedFuture(new IOException("not a request between replicas"));
      };
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static RaftGroupIdProto groupOf(RaftNettyServerRequestProto request) {
    RaftRpcRequestProto header =
        switch (request.getRaftNettyServerRequestCase()) {
          case APPENDENTRIESREQUEST -> request.getAppendEntriesRequest().getServerRequest();
          case REQUESTVOTEREQUEST -> request.getRequestVoteRequest().getServerRequest();
          case INSTALLSNAPSHOTREQUEST -> request.getInstallSnapshotRequest().getServerRequest();
          case STARTLEADERELECTIONREQUEST ->
              request.getStartLeaderElectionRequest().getServerRequest();
          default -> RaftRpcRequestProto.getDefaultInstance();
        };
    return header.getRaftGroupId();
  }

  /**
   * Whether this append is handled without waiting for a disk: it comes from the leader that the
   * replica follows, in the term that is on disk already, is so short that the log's queue has room
   * for it, and names no members, whose addresses may have changed. In the replica's order of
   * requests, so that it does not become a candidate meanwhile ({@link LeaderSilence}); Ratis's own
   * lock may still be taken, for moments.
   */
  private static boolean expects(ReplicaStateMachine replica, AppendEntriesRequestProto append) {
    if (!isLight(append) || !replica.takesPart()) {
      return false;
    }
    try {
      DivisionInfo info = replica.division().getInfo();
      return info.isFollower()
          && info.getCurrentTerm() == append.getLeaderTerm()
          && RaftPeerId.valueOf(append.getServerRequest().getRequestorId())
              .equals(info.getLeaderId())
          && replica.vote().isKept(append.getLeaderTerm());
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the log takes it at once, and nobody's address can change by it. */
  static boolean isLight(AppendEntriesRequestProto append) {
    return append.getEntriesCount() <= ENTRIES_WITHOUT_WAITING
        && append.getEntriesList().stream().noneMatch(LogEntryProto::hasConfigurationEntry);
  }

  // ---- each kind of request, in the order of its replica. Without one Ratis alone answers. -----

  private CompletableFuture<AppendEntriesReplyProto> append(AppendEntriesRequestProto request)
      throws IOException {
    ReplicaStateMachine replica = context.replica(request.getServerRequest().getRaftGroupId());
    if (replica == null) {
      return server.appendEntriesAsync(request);
    }
    replica.heard(request.getLeaderTerm());
    if (request.getEntriesCount() > 0) {
      // Before the log sees them: whoever finds an entry in the log finds a time at or after its
      // receipt here. See Leadership.
      replica.entriesReceived();
    }
    return replica
        .requests()
        .append(
            request,
            () -> {
              DivisionInfo info = replica.division().getInfo();
              if (info.isCandidate() && request.getLeaderTerm() >= info.getCurrentTerm()) {
                // It is none any more. Ratis goes on when that has ended.
                replica.voteRequests().giveUp("there is a leader");
              }
              var answer =
                  ((RaftServerAsynchronousProtocol) replica.division()).appendEntriesAsync(request);
              replica.requireTerm(request.getLeaderTerm());
              return answer;
            });
  }

  private RequestVoteReplyProto vote(RequestVoteRequestProto request) throws IOException {
    ReplicaStateMachine replica = context.replica(request.getServerRequest().getRaftGroupId());
    if (replica == null) {
      return server.requestVote(request);
    }
    return replica
        .requests()
        .alone(() -> {
          try {
            RequestVoteReplyProto granted = Elections.grantedPreVote(replica.division(), request);
            if (granted != null) {
              return granted;
            }
            if (!request.getPreVote()
                && request.getCandidateTerm() > replica.division().getInfo().getCurrentTerm()) {
              // If this is a candidate, it is none any more. Ratis answers when that has ended.
              replica.voteRequests().giveUp("another candidate has a later term");
            }
            RequestVoteReplyProto reply = protocol(replica).requestVote(request);
            if (!request.getPreVote() && reply.getServerReply().getSuccess()) {
              replica.requireTerm(request.getCandidateTerm());
              replica.signs().voted();
            }
            return reply;
          } catch (RaftException e) {
            throw e; // it is no member, or not open
          } catch (IOException e) {
            // Ratis knows the new term and its disk does not; it would not try to write it again.
            replica.failed(e);
            throw e;
          }
        });
  }

  private InstallSnapshotReplyProto install(InstallSnapshotRequestProto request)
      throws IOException {
    ReplicaStateMachine replica = context.replica(request.getServerRequest().getRaftGroupId());
    if (replica == null) {
      return server.installSnapshot(request);
    }
    replica.heard(request.getLeaderTerm());
    return replica
        .requests()
        .aloneAndWritten(() -> {
          InstallSnapshotReplyProto reply =
              protocol(replica)
                  .installSnapshot(
                      withMembersOfTheLeader(
                          replica.checkpoints().adjust(request),
                          replica.division().getInfo().getCurrentTerm()));
          replica.requireTerm(request.getLeaderTerm());
          return reply;
        });
  }

  /**
   * Of who is no leader any more nothing is taken. Ratis takes the members that are named beside a
   * checkpoint even when it answers that it does not follow: a request that a network has held up
   * would give a replica members who have since been replaced, and these might elect it.
   */
  static InstallSnapshotRequestProto withMembersOfTheLeader(
      InstallSnapshotRequestProto request, long currentTerm) {
    return request.getLeaderTerm() < currentTerm
        ? request.toBuilder().clearLastRaftConfigurationLogEntryProto().build()
        : request;
  }

  private StartLeaderElectionReplyProto elect(StartLeaderElectionRequestProto request)
      throws IOException {
    ReplicaStateMachine replica = context.replica(request.getServerRequest().getRaftGroupId());
    return replica == null
        ? server.startLeaderElection(request)
        : replica.requests().alone(() -> protocol(replica).startLeaderElection(request));
  }

  private static RaftServerProtocol protocol(ReplicaStateMachine replica) throws IOException {
    return (RaftServerProtocol) replica.division();
  }
}
