package org.ferrisdb.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.FrameCodec;
import org.ferrisdb.client.wire.FrameViolation;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.HelloReply;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections and does the handshake: the only class of the client that knows of sockets.
 * Reports to the {@link NodeLink}, on the event loop.
 *
 * <p>Names are resolved on a short-lived thread of their own, because the resolver of the operating
 * system blocks, and the event loop that it would block keeps everybody's deadlines. Numeric
 * addresses need none.
 */
final class Transport {
  private static final int PROTOCOL_VERSION = 1;
  private static final int MAX_FRAME_BYTES = 16 << 20;
  private static final long MAX_HANDSHAKE_MILLIS = 2_000;

  private final EventLoop loop;
  private final String peerName;
  private final String network;
  private final long handshakeMillis;
  private final Map<NodeLink, Channel> opening = new HashMap<>();
  private String clusterId = "";

  Transport(EventLoop loop, String peerName, String network, long connectTimeoutMillis) {
    this.loop = loop;
    this.peerName = peerName;
    this.network = network;
    this.handshakeMillis = Math.min(MAX_HANDSHAKE_MILLIS, connectTimeoutMillis);
  }

  /** How long a connection may take from its start to the node's introduction. */
  long handshakeNanos() {
    return TimeUnit.MILLISECONDS.toNanos(handshakeMillis);
  }

  /** The cluster that the first node belonged to; a node of any other is refused from then on. */
  String clusterId() {
    return clusterId;
  }

  /** Starts to connect; the link hears of the end. */
  void connect(NodeLink link, int generation) {
    int colon = link.address.lastIndexOf(':');
    String host = link.address.substring(0, colon);
    int port = Integer.parseInt(link.address.substring(colon + 1));
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    byte[] numeric = NetUtil.createByteArrayFromIpAddressString(host);
    if (numeric != null) {
      try {
        open(link, generation, new InetSocketAddress(InetAddress.getByAddress(numeric), port));
      } catch (UnknownHostException impossible) {
        throw new IllegalStateException("an address of wrong length: " + host, impossible);
      }
      return;
    }
    resolve(link, generation, host, port);
  }

  private void resolve(NodeLink link, int generation, String host, int port) {
    Thread resolver =
        new Thread(
            () -> {
              try {
                InetAddress resolved = InetAddress.getByName(host);
                report(() -> open(link, generation, new InetSocketAddress(resolved, port)));
              } catch (UnknownHostException e) {
                report(() -> link.disconnected(generation, "unknown host"));
              }
            },
            "ferris-client-resolver");
    resolver.setDaemon(true);
    resolver.start();
  }

  private void report(Runnable onLoop) {
    if (!loop.isShuttingDown()) {
      loop.execute(onLoop);
    }
  }

  private void open(NodeLink link, int generation, InetSocketAddress target) {
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) handshakeMillis)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    FrameCodec.install(channel.pipeline(), MAX_FRAME_BYTES);
                    channel.pipeline().addLast("node-link", new Handler(link, generation));
                  }
                })
            .connect(target);
    opening.put(link, connecting.channel());
    var unused =
        connecting.addListener(done -> {
          if (!done.isSuccess()) {
            opening.remove(link);
            link.disconnected(generation, reason(done.cause()));
          }
        });
  }

  /** Gives up a connection that has not finished its handshake. */
  void abandon(NodeLink link, int generation, String why) {
    Channel channel = opening.remove(link);
    link.disconnected(generation, why + " within " + Failures.duration(handshakeNanos()));
    if (channel != null) {
      var unused = channel.close();
    }
  }

  private String reason(@Nullable Throwable cause) {
    if (cause instanceof ConnectTimeoutException) {
      return "no answer to the connection attempt within " + Failures.duration(handshakeNanos());
    }
    String message = cause == null ? "" : String.valueOf(cause.getMessage());
    if (cause instanceof ConnectException && message.contains("refused")) {
      return "connection refused";
    }
    int address = message.indexOf(": /");
    return address > 0 ? message.substring(0, address) : message;
  }

  /** One connection: handshake first, then everything goes to the link. */
  private final class Handler extends SimpleChannelInboundHandler<Envelope> {
    private final NodeLink link;
    private final int generation;
    private boolean introduced;
    private String closeReason = "connection closed by the node";

    Handler(NodeLink link, int generation) {
      this.link = link;
      this.generation = generation;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      Hello hello =
          Hello.newBuilder()
              .setProtocolVersion(PROTOCOL_VERSION)
              .setClusterId(clusterId)
              .setPeerName(peerName)
              .setNetwork(network)
              .addDialedAddresses(link.address)
              .addDialedAddresses(text(ctx.channel().remoteAddress()))
              .build();
      var unused =
          ctx.write(
              Envelope.newBuilder()
                  .setId(Long.MAX_VALUE)
                  .setDeadlineMillis((int) handshakeMillis)
                  .setHello(hello)
                  .build());
    }

    private static String text(SocketAddress address) {
      return address instanceof InetSocketAddress a ? NetUtil.toSocketAddressString(a) : "";
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Envelope envelope) {
      if (introduced) {
        link.received(generation, envelope);
        return;
      }
      opening.remove(link);
      String refusal = refusal(envelope);
      if (!refusal.isEmpty()) {
        closeReason = refusal;
        var unused = ctx.close();
        return;
      }
      introduced = true;
      HelloReply hello = envelope.getHelloReply();
      if (clusterId.isEmpty()) {
        clusterId = hello.getClusterId();
      }
      link.connected(generation, ctx.channel(), hello, MAX_FRAME_BYTES);
    }

    private String refusal(Envelope envelope) {
      if (envelope.hasError()) {
        return "refused the handshake: " + envelope.getError().getMessage();
      }
      if (!envelope.hasHelloReply()) {
        return "answered the handshake with something else; is it a FerrisDB node?";
      }
      HelloReply hello = envelope.getHelloReply();
      if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
        return "speaks protocol version "
            + Integer.toUnsignedString(hello.getProtocolVersion())
            + ", this client speaks "
            + PROTOCOL_VERSION;
      }
      if (!clusterId.isEmpty()
          && !hello.getClusterId().isEmpty()
          && !hello.getClusterId().equals(clusterId)) {
        return "belongs to another cluster (" + hello.getClusterId() + ", not " + clusterId + ")";
      }
      return "";
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof FrameViolation violation) {
        closeReason = "broke the protocol: " + violation.reason();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      closeReason = cause instanceof IOException ? "connection lost" : "failed: " + cause;
      var unused = ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      opening.remove(link);
      link.disconnected(generation, closeReason);
    }
  }
}
