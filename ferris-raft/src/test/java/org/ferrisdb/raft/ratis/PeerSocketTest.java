package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.thirdparty.io.netty.bootstrap.Bootstrap;
import org.apache.ratis.thirdparty.io.netty.bootstrap.ServerBootstrap;
import org.apache.ratis.thirdparty.io.netty.buffer.AbstractByteBufAllocator;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.buffer.Unpooled;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInitializer;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelOption;
import org.apache.ratis.thirdparty.io.netty.channel.EventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.channel.SimpleChannelInboundHandler;
import org.apache.ratis.thirdparty.io.netty.channel.nio.NioEventLoopGroup;
import org.apache.ratis.thirdparty.io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two sockets, many writers, and a receiver that at times reads nothing. */
final class PeerSocketTest {
  private static final int MAX_FRAME = 300_000;

  /** A frame as it arrived: who sent it, its number there, and whether every byte is right. */
  private record Arrived(int writer, int number, boolean whole) {}

  private final Queue<Arrived> arrived = new ConcurrentLinkedQueue<>();
  private final EventLoopGroup loops = new NioEventLoopGroup(2);
  private final Channel accepted;
  private final PeerSocket sender;

  PeerSocketTest() throws Exception {
    CompletableFuture<Channel> other = new CompletableFuture<>();
    Channel listening =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(PeerSocket.Listener::new)
            .childOption(ChannelOption.SO_RCVBUF, 65_536)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel ch) {
                    ch.pipeline()
                        .addLast(
                            new LengthFieldBasedFrameDecoder(MAX_FRAME, 0, 4, 0, 4),
                            new Receiver());
                    other.complete(ch);
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    sender =
        (PeerSocket)
            new Bootstrap()
                .group(loops)
                .channelFactory(PeerSocket::new)
                .option(ChannelOption.SO_SNDBUF, 65_536)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(listening.localAddress())
                .sync()
                .channel();
    accepted = other.get(10, TimeUnit.SECONDS);
    assertThat(accepted).isInstanceOf(PeerSocket.class);
  }

  @AfterEach
  void close() {
    var _ =
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  @Test
  void frames_of_many_writers_arrive_whole_and_in_the_order_of_each() throws Exception {
    long seed = System.nanoTime();
    int writers = 5;
    int frames = 400;
    List<Thread> threads = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      int writer = w;
      Random random = new Random(seed + w);
      Runnable work =
          () -> {
            for (int n = 0; n < frames; n++) {
              // Mostly short; now and then more than the socket takes at once.
              int bytes = random.nextInt(20) == 0 ? random.nextInt(200_000) : random.nextInt(300);
              sender.send(frame(writer, n, bytes));
              if (writer == 0 && n % 50 == 0) {
                var _ = accepted.config().setAutoRead(n % 100 != 0);
              }
            }
          };
      // One of the writers is the event loop itself, which Netty lets write ahead of others.
      threads.add(
          w == 1
              ? Thread.ofPlatform().start(() -> sender.eventLoop().execute(work))
              : Thread.ofPlatform().start(work));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    var _ = accepted.config().setAutoRead(true);
    await("seed " + seed).until(() -> arrived.size() == writers * frames || !sender.isActive());
    assertThat(arrived).as("seed %d", seed).hasSize(writers * frames).allMatch(Arrived::whole);
    for (int w = 0; w < writers; w++) {
      int writer = w;
      assertThat(arrived.stream().filter(a -> a.writer() == writer).map(Arrived::number))
          .as("writer %d, seed %d", w, seed)
          .isSorted();
    }
  }

  @Test
  void what_waits_when_the_connection_ends_is_given_back() throws Exception {
    var _ = accepted.config().setAutoRead(false);
    List<ByteBuf> frames = new ArrayList<>();
    for (int n = 0; n < 200; n++) {
      ByteBuf frame = frame(0, n, 20_000);
      frames.add(frame);
      sender.send(frame);
    }
    assertThat(frames).as("the receiver reads nothing, so some wait").anyMatch(f -> f.refCnt() > 0);
    assertThat(sender.close().sync().isSuccess()).isTrue();
    ByteBuf late = frame(0, 200, 10);
    frames.add(late);
    sender.send(late);
    await().until(() -> frames.stream().allMatch(f -> f.refCnt() == 0));
  }

  @Test
  void without_memory_for_the_rest_of_a_frame_the_connection_ends() {
    sender.config().setAllocator(new NoDirectMemory());
    var _ = accepted.config().setAutoRead(false);
    List<ByteBuf> frames = new ArrayList<>();
    for (int n = 0; n < 200 && sender.isOpen(); n++) {
      ByteBuf frame = frame(0, n, 20_000);
      frames.add(frame);
      sender.send(frame);
    }
    await("half a frame is out, and nothing may follow it").until(() -> !sender.isOpen());
    var _ = accepted.config().setAutoRead(true);
    await().until(() -> !accepted.isOpen());
    assertThat(arrived).allMatch(Arrived::whole).hasSizeLessThan(frames.size());
    await().until(() -> frames.stream().allMatch(f -> f.refCnt() == 0));
  }

  /** As when -XX:MaxDirectMemorySize is used up. */
  private static final class NoDirectMemory extends AbstractByteBufAllocator {
    @Override
    protected ByteBuf newHeapBuffer(int initial, int max) {
      return Unpooled.buffer(initial, max);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initial, int max) {
      throw new OutOfMemoryError("thrown by the test");
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }

  private static ByteBuf frame(int writer, int number, int bytes) {
    ByteBuf out = Unpooled.directBuffer(12 + bytes);
    out.writeInt(8 + bytes).writeInt(writer).writeInt(number);
    for (int i = 0; i < bytes; i++) {
      out.writeByte(31 * writer + 7 * number + i);
    }
    return out;
  }

  private final class Receiver extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
      int writer = in.readInt();
      int number = in.readInt();
      boolean whole = true;
      for (int i = 0; in.isReadable(); i++) {
        whole &= in.readByte() == (byte) (31 * writer + 7 * number + i);
      }
      arrived.add(new Arrived(writer, number, whole));
    }
  }
}
