package org.ferrisdb.client;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.FrameCodec;
import org.ferrisdb.client.wire.HelloReply;
import org.jspecify.annotations.Nullable;

/** A node of a {@link FakeCluster}: a real server on loopback that misbehaves on demand. */
final class FakeNode implements AutoCloseable {
  /** One request as it came in, and the ways to answer it. */
  final class Received {
    final Envelope request;
    private final Channel channel;

    Received(Envelope request, Channel channel) {
      this.request = request;
      this.channel = channel;
    }

    /** Answers as a correct node would. */
    void answer() {
      reply(cluster.answer(FakeNode.this, request));
    }

    void reply(Envelope.Builder body) {
      var _ = channel.writeAndFlush(body.setId(request.getId()).build());
    }

    void raw(byte[] bytes) {
      var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    void disconnect() {
      var _ = channel.close();
    }
  }

  final String id;
  final CopyOnWriteArrayList<Received> received = new CopyOnWriteArrayList<>();
  private final FakeCluster cluster;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
  private final int port;
  private @Nullable Channel listener;

  /** Whether "not leader" says who is. */
  volatile boolean hints = true;

  volatile String clusterId = FakeCluster.ID;
  volatile long oracleNow;
  volatile boolean greets = true;
  volatile long greetsAfterMillis;
  volatile int maxInFlight = 1_000_000;

  /** Sees every request first; what it returns true for is not answered by the node itself. */
  volatile Predicate<Received> script = request -> false;

  FakeNode(FakeCluster cluster, String id) {
    this.cluster = cluster;
    this.id = id;
    this.port = listen(0);
  }

  private int listen(int at) {
    Channel open =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    FrameCodec.install(channel.pipeline(), FrameCodec.DEFAULT_MAX_FRAME_BYTES);
                    channel.pipeline().addLast(new Handler());
                  }
                })
            .bind("127.0.0.1", at)
            .syncUninterruptibly()
            .channel();
    listener = open;
    return ((InetSocketAddress) open.localAddress()).getPort();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  int connections() {
    return connections.size();
  }

  /** Requests of one kind, pings left out. */
  long count(Envelope.BodyCase kind) {
    return received.stream().filter(r -> r.request.getBodyCase() == kind).count();
  }

  /** As with kill -9: the port refuses, every connection is reset. */
  void kill() {
    Channel open = listener;
    if (open != null) {
      open.close().syncUninterruptibly();
      listener = null;
    }
    for (Channel connection : connections) {
      connection.close().syncUninterruptibly();
    }
  }

  /** Listens again at the same port. */
  void revive() {
    listen(port);
  }

  /** As with kill -STOP: connections stay open, nothing is read or answered. */
  void pause() {
    greets = false;
    for (Channel connection : connections) {
      connection.config().setAutoRead(false);
      // Takes effect by a task on the loop: a request sent before it has run would still be read.
      connection.eventLoop().submit(() -> {}).syncUninterruptibly();
    }
  }

  /** As with kill -CONT: what has piled up is read. */
  void resume() {
    greets = true;
    connections.forEach(connection -> connection.config().setAutoRead(true));
  }

  @Override
  public void close() {
    kill();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Handler extends SimpleChannelInboundHandler<Envelope> {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      connections.add(ctx.channel());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      connections.remove(ctx.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }

    private void introduce(ChannelHandlerContext ctx, Envelope request) {
      var _ =
          ctx.writeAndFlush(
              Envelope.newBuilder()
                  .setId(request.getId())
                  .setHelloReply(
                      HelloReply.newBuilder()
                          .setProtocolVersion(1)
                          .setClusterId(clusterId)
                          .setNodeId(id)
                          .setNodeName(id)
                          .setOracleNow(oracleNow)
                          .setMaxFrameBytes(FrameCodec.DEFAULT_MAX_FRAME_BYTES)
                          .setMaxInFlight(maxInFlight))
                  .build());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Envelope request) {
      if (request.hasHello()) {
        if (greets) {
          var _ =
              ctx.executor()
                  .schedule(
                      () -> introduce(ctx, request), greetsAfterMillis, TimeUnit.MILLISECONDS);
        }
        return;
      }
      Received request1 = new Received(request, ctx.channel());
      received.add(request1);
      if (!script.test(request1)) {
        request1.answer();
      }
    }
  }
}
