package org.ferrisdb.node.cluster;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.FrameCodec;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.node.server.EventLoops;
import org.ferrisdb.raft.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * One connection to another node's front door. Calls may be made from any thread; the state is its
 * event loop's. It never reconnects: once closed, {@link PeerClient} makes another.
 */
final class PeerConnection {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int MAX_CALLS = 4_096;

  private record Call(
      Envelope.Builder request, Duration timeout, CompletableFuture<Envelope> future) {}

  private final HostPort address;
  private final Hello hello;
  private final Optional<NodeId> expected;
  private final EventLoop loop;
  private final ArrayDeque<Call> beforeHello = new ArrayDeque<>();
  private final LongObjectHashMap<CompletableFuture<Envelope>> unanswered =
      new LongObjectHashMap<>();
  private final CompletableFuture<HelloReply> greeted = new CompletableFuture<>();
  private volatile boolean closed;
  private @Nullable Channel channel;
  private boolean open;
  private long lastId;

  PeerConnection(EventLoops loops, HostPort address, Hello hello, Optional<NodeId> expected) {
    this.address = address;
    this.hello = hello;
    this.expected = expected;
    this.loop = loops.group().next();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(loops.clientChannel())
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    FrameCodec.install(ch.pipeline(), FrameCodec.DEFAULT_MAX_FRAME_BYTES);
                    ch.pipeline().addLast(new Replies());
                  }
                });
    connect(bootstrap);
    var _ =
        loop.schedule(
            () -> {
              if (!open) {
                fail("no hello within " + 2 * CONNECT_MILLIS + " ms");
              }
            },
            2 * CONNECT_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /**
   * Looks the name up first, on a thread of its own: the system's resolver takes many seconds for
   * the name of a container that is gone, and the event loop is that of all other connections.
   */
  private void connect(Bootstrap bootstrap) {
    InetAddress numeric;
    try {
      numeric = InetAddress.ofLiteral(address.host());
    } catch (IllegalArgumentException e) {
      Thread.ofPlatform()
          .daemon()
          .name("lookup-" + address.host())
          .start(() -> {
            try {
              InetAddress found = InetAddress.getAllByName(address.host())[0];
              loop.execute(() -> connect(bootstrap, found));
            } catch (UnknownHostException unknown) {
              loop.execute(() -> fail("unknown host"));
            } catch (RejectedExecutionException closing) {
              // The node stops.
            }
          });
      return;
    }
    connect(bootstrap, numeric);
  }

  private void connect(Bootstrap bootstrap, InetAddress host) {
    if (closed) {
      return;
    }
    bootstrap
        .connect(host, address.port())
        .addListener(connected -> {
          if (!connected.isSuccess()) {
            fail("can not connect: " + connected.cause().getMessage());
          }
        });
  }

  boolean isClosed() {
    return closed;
  }

  /** What the node said of itself. */
  CompletableFuture<HelloReply> greeted() {
    return greeted;
  }

  /** Sends a request; the future fails with {@link PeerException} only. */
  CompletableFuture<Envelope> call(Envelope.Builder request, Duration timeout) {
    CompletableFuture<Envelope> future = new CompletableFuture<>();
    Call call = new Call(request, timeout, future);
    loop.execute(() -> {
      if (closed) {
        future.completeExceptionally(PeerException.unreachable(address + ": closed"));
      } else if (unanswered.size() + beforeHello.size() >= MAX_CALLS) {
        future.completeExceptionally(
            PeerException.unreachable(address + ": " + MAX_CALLS + " calls are waiting"));
      } else if (open) {
        send(call);
      } else {
        beforeHello.add(call);
      }
    });
    return future;
  }

  void close() {
    loop.execute(() -> fail("closed"));
  }

  private void send(Call call) {
    Channel ch = channel;
    if (ch == null) {
      call.future().completeExceptionally(PeerException.unreachable(address + ": closed"));
      return;
    }
    long id = ++lastId;
    unanswered.put(id, call.future());
    long millis = Math.max(1, call.timeout().toMillis());
    var timer =
        loop.schedule(
            () -> {
              CompletableFuture<Envelope> late = unanswered.remove(id);
              if (late != null) {
                late.completeExceptionally(
                    PeerException.unreachable(address + ": no answer within " + millis + " ms"));
              }
            },
            millis,
            TimeUnit.MILLISECONDS);
    var _ = call.future().whenComplete((r, t) -> timer.cancel(false));
    ch.writeAndFlush(call.request().setId(id).setDeadlineMillis((int) millis).build())
        .addListener(written -> {
          if (!written.isSuccess()) {
            fail("can not send: " + written.cause().getMessage());
          }
        });
  }

  private void fail(String reason) {
    if (closed) {
      return;
    }
    closed = true;
    PeerException failure = PeerException.unreachable(address + ": " + reason);
    greeted.completeExceptionally(failure);
    List<CompletableFuture<Envelope>> all = new ArrayList<>(unanswered.values());
    unanswered.clear();
    beforeHello.forEach(call -> all.add(call.future()));
    beforeHello.clear();
    all.forEach(future -> future.completeExceptionally(failure));
    Channel ch = channel;
    if (ch != null) {
      var _ = ch.close();
    }
  }

  private void greeting(Envelope envelope) {
    if (envelope.hasError()) {
      fail(String.valueOf(PeerException.of(address.toString(), envelope.getError()).getMessage()));
      return;
    }
    HelloReply reply = envelope.getHelloReply();
    if (!envelope.hasHelloReply()) {
      fail("does not answer hello");
    } else if (expected.isPresent() && !expected.get().value().equals(reply.getNodeId())) {
      fail("is node " + reply.getNodeId() + ", not " + expected.get());
    } else if (!hello.getClusterId().isEmpty()
        && !reply.getClusterId().isEmpty()
        && !hello.getClusterId().equals(reply.getClusterId())) {
      fail("belongs to cluster " + reply.getClusterId());
    } else {
      open = true;
      greeted.complete(reply);
      for (Call call = beforeHello.poll(); call != null; call = beforeHello.poll()) {
        send(call);
      }
    }
  }

  private final class Replies extends SimpleChannelInboundHandler<Envelope> {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
      if (closed) {
        var _ = ctx.close();
        return;
      }
      var _ = ctx.writeAndFlush(Envelope.newBuilder().setId(++lastId).setHello(hello).build());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail("connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail(String.valueOf(cause.getMessage()));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Envelope envelope) {
      if (!open) {
        greeting(envelope);
        return;
      }
      CompletableFuture<Envelope> future = unanswered.remove(envelope.getId());
      if (future == null) {
        return; // it came after its time
      }
      if (envelope.hasError()) {
        future.completeExceptionally(PeerException.of(address.toString(), envelope.getError()));
      } else {
        future.complete(envelope);
      }
    }
  }
}
