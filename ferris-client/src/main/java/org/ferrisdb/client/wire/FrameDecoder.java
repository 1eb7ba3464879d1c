package org.ferrisdb.client.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the incoming bytes into frames and parses each into an {@link Envelope}.
 *
 * <p>A frame is copied once, out of the pooled network buffer into an array of its exact size, and
 * the parsed message's keys and values are views of that array: no copy per field. The array lives
 * as long as any of those views, so whoever keeps a small value of a large frame for long should
 * copy it.
 *
 * <p>Input that can not be a frame (a length of zero or over the limit, bytes that are no envelope)
 * closes the connection: after it, nothing in the stream can be trusted to be a boundary. One line
 * is logged, and a {@link FrameViolation} is fired.
 */
final class FrameDecoder extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(FrameDecoder.class);

  private static final AtomicLong LAST_LOGGED_SECOND = new AtomicLong(Long.MIN_VALUE);
  private static final LongAdder NOT_LOGGED = new LongAdder();

  private final int maxFrameBytes;
  private boolean broken;

  FrameDecoder(int maxFrameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (in.readableBytes() < FrameCodec.LENGTH_BYTES) {
      return;
    }
    // Compared as unsigned: text such as an HTTP request reads as a huge length, not as a negative
    // one.
    long length = in.getUnsignedInt(in.readerIndex());
    if (length == 0 || length > maxFrameBytes) {
      refuse(ctx, in, "frame of " + length + " bytes, allowed are 1 to " + maxFrameBytes);
      return;
    }
    if (in.readableBytes() < FrameCodec.LENGTH_BYTES + length) {
      return;
    }
    in.skipBytes(FrameCodec.LENGTH_BYTES);
    byte[] frame = new byte[(int) length];
    in.readBytes(frame);
    try {
      out.add(parse(frame));
    } catch (IOException malformed) {
      refuse(ctx, in, "frame of " + length + " bytes is no envelope: " + malformed.getMessage());
    }
  }

  /**
   * Parses one envelope whose byte fields are views of {@code frame}, which must not change any
   * more.
   */
  static Envelope parse(byte[] frame) throws IOException {
    ByteString bytes = UnsafeByteOperations.unsafeWrap(frame);
    CodedInputStream input = bytes.newCodedInput();
    input.enableAliasing(true);
    try {
      Envelope envelope = Envelope.parser().parseFrom(input);
      input.checkLastTagWas(0);
      return envelope;
    } catch (InvalidProtocolBufferException e) {
      String message = String.valueOf(e.getMessage());
      int sentence = message.indexOf('.');
      throw new IOException(sentence < 0 ? message : message.substring(0, sentence), e);
    }
  }

  /** One line a second at most: whoever sends garbage must not fill the log's disk with it. */
  private static void log(ChannelHandlerContext ctx, String reason) {
    long second = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
    if (LAST_LOGGED_SECOND.getAndSet(second) == second) {
      NOT_LOGGED.increment();
      return;
    }
    long silent = NOT_LOGGED.sumThenReset();
    LOG.warn(
        "Closing connection with {}: {}{}",
        ctx.channel().remoteAddress(),
        reason,
        silent == 0 ? "" : " (and " + silent + " more since the last such line)");
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in, String reason) {
    broken = true;
    in.skipBytes(in.readableBytes());
    log(ctx, reason);
    ctx.fireUserEventTriggered(new FrameViolation(reason));
    var unused = ctx.close();
  }
}
