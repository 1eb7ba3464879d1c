package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerRequestProto;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedInputStream;
import org.apache.ratis.thirdparty.io.netty.bootstrap.Bootstrap;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelFuture;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInitializer;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.SimpleChannelInboundHandler;
import org.apache.ratis.thirdparty.io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import org.ferrisdb.raft.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * This node's connection to one peer, shared by all groups. Opened by the first request, and again
 * by the next one after it broke; every request in flight then fails. Thread-safe.
 */
final class PeerChannel implements AutoCloseable {
  /** After a failed attempt to connect, requests fail at once for this long. */
  private static final long RETRY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final RpcContext context;
  private final NodeId peer;
  private final String host;
  private final int port;
  private final PeerAddress address;
  private final EventLoopGroup loops;
  private final AtomicLong numbers = new AtomicLong();

  private final Object connecting = new Object();
  private volatile @Nullable Connection current;
  private volatile boolean closed;
  private long failedAtNanos;
  private @Nullable IOException lastFailure;

  PeerChannel(RpcContext context, NodeId peer, String host, int port, EventLoopGroup loops) {
    this.context = context;
    this.peer = peer;
    this.host = host;
    this.port = port;
    this.address = new PeerAddress(host, port, name -> InetAddress.getAllByName(name)[0]);
    this.loops = loops;
  }

  boolean isAt(String otherHost, int otherPort) {
    return host.equals(otherHost) && port == otherPort;
  }

  /**
   * Sends a request and waits for its reply; on a thread that may wait.
   *
   * @throws IOException if the peer can not be reached, refuses, or does not answer in time
   */
  RaftNettyServerReplyProto call(RaftNettyServerRequestProto request, Duration timeout)
      throws IOException {
    CompletableFuture<RaftNettyServerReplyProto> reply = send(connection(), request);
    try {
      return reply.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("waiting for " + this);
      interrupted.initCause(e);
      throw interrupted;
    } catch (ExecutionException e) {
      throw new IOException("request to " + this + " failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer from " + this + " in " + timeout.toMillis() + " ms", e);
    } finally {
      reply.cancel(false); // forgets it, unless it has come
    }
  }

  /**
   * Sends a request if there is a connection, and waits for nothing.
   *
   * @return its reply, which completes on an event loop, at the latest when the connection breaks;
   *     to give it up is to complete it; null if there is no connection
   */
  @Nullable CompletableFuture<RaftNettyServerReplyProto> send(RaftNettyServerRequestProto request)
      throws IOException {
    Connection open = current;
    return open == null || open.broken ? null : send(open, request);
  }

  private CompletableFuture<RaftNettyServerReplyProto> send(
      Connection connection, RaftNettyServerRequestProto request) throws IOException {
    long number = numbers.incrementAndGet();
    CompletableFuture<RaftNettyServerReplyProto> reply = new CompletableFuture<>();
    connection.waiting.put(number, reply);
    var _ = reply.whenComplete((answer, failure) -> connection.waiting.remove(number));
    if (connection.broken) {
      reply.completeExceptionally(new IOException("connection to " + this + " broke"));
    } else if (context.transport().links().delivers(context.self().id(), peer)) {
      try {
        connection.send(
            Frames.message(connection.channel.alloc(), Frames.REQUEST, number, request));
      } catch (IOException | RuntimeException e) {
        reply.completeExceptionally(e);
        throw e;
      }
    }
    return reply;
  }

  private Connection connection() throws IOException {
    Connection open = current;
    if (open != null && !open.broken) {
      return open;
    }
    synchronized (connecting) {
      open = current;
      if (open != null && !open.broken) {
        return open;
      }
      if (closed) {
        throw new IOException("closed");
      }
      IOException failure = lastFailure;
      if (failure != null && System.nanoTime() - failedAtNanos < RETRY_PAUSE_NANOS) {
        throw new IOException(failure.getMessage(), failure);
      }
      try {
        Connection made = connect();
        current = made;
        lastFailure = null;
        return made;
      } catch (IOException e) {
        lastFailure = e;
        failedAtNanos = System.nanoTime();
        throw e;
      }
    }
  }

  private Connection connect() throws IOException {
    Connection made = new Connection();
    // Not by the bootstrap, which would look the name up on an event loop that all peers share.
    InetSocketAddress target = address.resolve(context.settings().connectTimeout());
    ChannelFuture connect =
        new Bootstrap()
            .group(loops)
            .channelFactory(PeerSocket::new)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(context.settings().connectTimeout().toMillis()))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    ch.pipeline()
                        .addLast(
                            new LengthFieldBasedFrameDecoder(
                                context.settings().maxFrameBytes(),
                                0,
                                Frames.LENGTH_BYTES,
                                0,
                                Frames.LENGTH_BYTES),
                            made);
                  }
                })
            .connect(target)
            .awaitUninterruptibly();
    if (!connect.isSuccess()) {
      throw new IOException("can not reach " + this, connect.cause());
    }
    made.channel = (PeerSocket) connect.channel();
    made.send(
        Frames.hello(
            made.channel.alloc(),
            new Frames.Hello(context.transport().clusterId(), context.self().id(), peer)));
    return made;
  }

  @Override
  public void close() {
    closed = true;
    synchronized (connecting) {
      Connection open = current;
      if (open != null) {
        open.fail(new IOException("closed"));
      }
    }
  }

  @Override
  public String toString() {
    return "node " + peer + " at " + host + ":" + port;
  }

  /** One TCP connection, also the handler of what comes back on it. */
  private final class Connection extends SimpleChannelInboundHandler<ByteBuf> {
    private final Map<Long, CompletableFuture<RaftNettyServerReplyProto>> waiting =
        new ConcurrentHashMap<>();
    private volatile boolean broken;

    @SuppressWarnings("NullAway.Init") // set right after connecting, before anyone sees this object
    private PeerSocket channel;

    void send(ByteBuf frame) {
      channel.send(frame);
    }

    /** Marks it broken first: a caller either sees that, or is in the map and is failed here. */
    void fail(Throwable cause) {
      broken = true;
      var _ = channel.close();
      waiting.values().forEach(reply -> reply.completeExceptionally(cause));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) throws IOException {
      if (!context.transport().links().delivers(peer, context.self().id())) {
        return;
      }
      byte kind = in.readByte();
      CompletableFuture<RaftNettyServerReplyProto> reply = waiting.remove(in.readLong());
      if (reply == null) {
        return; // its caller has given up
      }
      switch (kind) {
        case Frames.REPLY ->
            reply.complete(
                RaftNettyServerReplyProto.parseFrom(CodedInputStream.newInstance(in.nioBuffer())));
        case Frames.FAILURE ->
            reply.completeExceptionally(
                new IOException("it says: " + in.toString(StandardCharsets.UTF_8)));
        default -> throw new IOException("unknown kind of frame " + kind);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      channel = (PeerSocket) ctx.channel();
      fail(new IOException("connection to " + PeerChannel.this + " closed"));
      if (!closed) {
        context.connectionLost(peer);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      channel = (PeerSocket) ctx.channel();
      fail(cause);
    }
  }
}
