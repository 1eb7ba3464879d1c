package org.ferrisdb.node.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.ferrisdb.client.wire.FrameCodec;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.node.config.HostPort;
import org.jspecify.annotations.Nullable;

/** The listening socket and its connections. Thread-safe. */
public final class FrontDoor implements AutoCloseable {
  /**
   * What connections need.
   *
   * @param handler answers requests
   * @param greeting who this node is now; version and limits are filled in
   * @param networks this node's address in each named network
   * @param admission node-wide limits
   * @param maxRequests unanswered, of one connection
   * @param maxBytes of one connection's unanswered requests
   * @param maxFrameBytes longest frame taken
   * @param helloTimeoutMillis how long a connection may stay silent at first
   * @param listener hears of answers
   * @param fatal hears of errors after which the process can not go on
   */
  public record Setup(
      RequestHandler handler,
      Supplier<HelloReply> greeting,
      SortedMap<String, String> networks,
      Admission admission,
      int maxRequests,
      long maxBytes,
      int maxFrameBytes,
      long helloTimeoutMillis,
      FrontDoorListener listener,
      Consumer<Error> fatal) {}

  private final EventLoops loops;
  private final Setup setup;
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private @Nullable Channel listening;

  /**
   * @param loops where connections live
   * @param setup see there
   */
  public FrontDoor(EventLoops loops, Setup setup) {
    this.loops = loops;
    this.setup = setup;
  }

  /** Binds the address; the returned one has the real port. */
  public HostPort open(HostPort address) throws IOException {
    EventLoopGroup group = loops.group();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, 1024)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 20, 4 << 20))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                });
    try {
      Channel channel = bootstrap.bind(address.resolve()).sync().channel();
      listening = channel;
      int port = ((ServerSocketChannel) channel).localAddress().getPort();
      return address.withPort(port);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while binding " + address, e);
    } catch (Exception e) {
      throw new IOException("can not listen on " + address + ": " + e.getMessage(), e);
    }
  }

  private void accept(Channel channel) {
    boolean admitted = setup.admission().enter();
    if (admitted) {
      channel.closeFuture().addListener(closed -> setup.admission().leave());
    }
    open.add(channel);
    channel.pipeline().addLast("ingress", new Ingress(setup.admission()));
    FrameCodec.install(channel.pipeline(), setup.maxFrameBytes());
    channel.pipeline().addLast("connection", new Connection(setup, admitted));
  }

  /** Stops listening and closes every connection. */
  @Override
  public void close() {
    Channel channel = listening;
    if (channel != null) {
      channel.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
    open.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
