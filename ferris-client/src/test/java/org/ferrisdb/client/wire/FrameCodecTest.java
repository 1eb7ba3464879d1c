package org.ferrisdb.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCodecTest {
  private static final int MAX = 1 << 16;

  /** Remembers flushes and violations. */
  private static final class Probe {
    int flushes;
    final List<FrameViolation> violations = new ArrayList<>();
  }

  private static EmbeddedChannel channel(Probe probe) {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel
        .pipeline()
        .addLast(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void flush(ChannelHandlerContext ctx) {
                probe.flushes++;
                ctx.flush();
              }
            });
    FrameCodec.install(channel.pipeline(), MAX);
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof FrameViolation violation) {
                  probe.violations.add(violation);
                }
              }
            });
    return channel;
  }

  private static Envelope get(long id, int valueBytes, Random random) {
    byte[] key = new byte[valueBytes];
    random.nextBytes(key);
    return Envelope.newBuilder()
        .setId(id)
        .setDeadlineMillis(10_000)
        .setGet(GetRequest.newBuilder().setShardId(3).setEpoch(1).addKeys(ByteString.copyFrom(key)))
        .build();
  }

  private static ByteBuf encode(List<Envelope> envelopes) {
    EmbeddedChannel channel = channel(new Probe());
    for (Envelope envelope : envelopes) {
      var _ = channel.write(envelope);
    }
    channel.runPendingTasks();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    channel.finishAndReleaseAll();
    return all;
  }

  @Test
  void a_frame_has_the_documented_bytes() {
    Envelope envelope =
        Envelope.newBuilder()
            .setId(7)
            .setDeadlineMillis(10_000)
            .setGet(
                GetRequest.newBuilder()
                    .setShardId(3)
                    .setEpoch(1)
                    .addKeys(ByteString.copyFromUtf8("city/paris")))
            .build();

    // length 24 | id=7 | deadline_millis=10000 | get{shard_id=3 epoch=1 keys="city/paris"}
    assertThat(ByteBufUtil.hexDump(encode(List.of(envelope))))
        .isEqualTo(
            "00000018"
                + "0807"
                + "10904e"
                + "b20110"
                + "0803"
                + "1001"
                + "1a0a"
                + hex("city/paris"));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void envelopes_survive_any_fragmentation() {
    long seed = System.nanoTime();
    System.out.println("envelopes_survive_any_fragmentation seed " + seed);
    Random random = new Random(seed);
    List<Envelope> sent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sent.add(get(i + 1, random.nextInt(i % 20 == 0 ? 20_000 : 60), random));
    }
    ByteBuf bytes = encode(sent);
    EmbeddedChannel channel = channel(new Probe());
    while (bytes.isReadable()) {
      int length =
          Math.min(bytes.readableBytes(), 1 + random.nextInt(random.nextBoolean() ? 5 : 5000));
      channel.writeInbound(bytes.readBytes(length));
    }

    List<Envelope> received = new ArrayList<>();
    for (Envelope e = channel.readInbound(); e != null; e = channel.readInbound()) {
      received.add(e);
    }
    assertThat(received).isEqualTo(sent);
    assertThat(channel.finish()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00000000", // a frame without an envelope
        "00010001", // one byte over the limit
        "ffffffff", // as long as can be said
        "474554202f20485454502f312e31", // GET / HTTP/1.1
        "00000004ffffffff", // not protobuf
        "00000003080710", // cut inside a field
        "0000000108", // tag without a value
        "000000020704" // an end-group tag
      })
  void bytes_that_are_no_frame_close_the_connection_and_say_why(String hex) {
    Probe probe = new Probe();
    EmbeddedChannel channel = channel(probe);

    channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));

    assertThat(channel.isOpen()).isFalse();
    assertThat(probe.violations).hasSize(1);
    assertThat(channel.<Object>readInbound()).isNull();
  }

  @Test
  void nothing_after_a_broken_frame_is_believed() {
    Probe probe = new Probe();
    EmbeddedChannel channel = channel(probe);
    ByteBuf good = encode(List.of(get(1, 5, new Random(1))));

    channel.writeInbound(
        Unpooled.wrappedBuffer(good.copy(), Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0}), good));

    assertThat(channel.<Envelope>readInbound().getId()).isEqualTo(1);
    assertThat(channel.<Object>readInbound()).isNull();
    assertThat(probe.violations).hasSize(1);
  }

  @Test
  void random_bytes_never_escape_as_an_exception() {
    long seed = System.nanoTime();
    System.out.println("random_bytes_never_escape_as_an_exception seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 3000; round++) {
      EmbeddedChannel channel = channel(new Probe());
      byte[] noise = new byte[1 + random.nextInt(300)];
      random.nextBytes(noise);
      ByteBuf input = Unpooled.buffer();
      if (random.nextBoolean()) {
        input.writeInt(noise.length);
      }
      channel.writeInbound(input.writeBytes(noise));
      channel.checkException();
      channel.finishAndReleaseAll();
    }
  }

  @Test
  void an_envelope_over_the_limit_is_not_sent_and_the_connection_lives() {
    EmbeddedChannel channel = channel(new Probe());

    ChannelFuture refused = channel.write(get(1, MAX + 1, new Random(1)));
    ChannelFuture sent = channel.write(get(2, 10, new Random(1)));
    channel.runPendingTasks();

    assertThat(refused.cause()).isInstanceOf(FrameTooLongException.class);
    assertThat(sent.isSuccess()).isTrue();
    assertThat(channel.isOpen()).isTrue();
    channel.finishAndReleaseAll();
  }

  @Test
  void writes_of_one_tick_leave_in_one_flush() {
    List<String> events = new ArrayList<>();
    EmbeddedChannel channel = new EmbeddedChannel();
    // Ends the pipeline: an embedded channel's own end runs the loop after every single write.
    channel
        .pipeline()
        .addLast(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ((ByteBuf) message).release();
                events.add("write");
              }

              @Override
              public void flush(ChannelHandlerContext ctx) {
                events.add("flush");
              }
            });
    FrameCodec.install(channel.pipeline(), MAX);
    ChannelPipeline last = channel.pipeline();

    for (int i = 0; i < 3; i++) {
      var _ = last.write(get(i + 1, 10, new Random(i)));
      last.flush();
    }
    channel.runPendingTasks();
    var _ = last.write(get(4, 10, new Random(4)));
    channel.runPendingTasks();
    channel.runPendingTasks();

    assertThat(events).containsExactly("write", "write", "write", "flush", "write", "flush");
  }

  @Test
  void what_was_written_before_a_close_still_leaves() {
    EmbeddedChannel channel = channel(new Probe());

    ChannelFuture reply = channel.write(get(1, 10, new Random(1)));
    var _ = channel.close();

    assertThat(reply.isSuccess()).isTrue();
    channel.finishAndReleaseAll();
  }

  @Test
  void byte_fields_are_views_of_the_frame() throws Exception {
    byte[] frame = get(1, 100, new Random(1)).toByteArray();
    Envelope parsed = FrameDecoder.parse(frame);
    byte before = parsed.getGet().getKeys(0).byteAt(99);

    frame[frame.length - 1] ^= 1;

    assertThat(parsed.getGet().getKeys(0).byteAt(99)).isNotEqualTo(before);
  }
}
