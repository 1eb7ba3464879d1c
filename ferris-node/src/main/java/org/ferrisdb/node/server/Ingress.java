package org.ferrisdb.node.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.ferrisdb.client.wire.FrameCodec;
import org.ferrisdb.client.wire.FrameViolation;

/**
 * Counts what a connection has sent of a frame that is not complete yet. Each may hold up to a
 * frame, and with many connections that is more than the node has: over the limit, the connection
 * that asks for more is closed. It follows the lengths in the stream by itself, ahead of the
 * decoder that judges them. Its event loop's.
 */
final class Ingress extends ChannelInboundHandlerAdapter {
  private final Admission admission;
  private int headerBytes;
  private long length;
  private long missing;
  private int held;
  private boolean closing;

  Ingress(Admission admission) {
    this.admission = admission;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      int now = follow(bytes);
      if (closing || !admission.buffer(now - held)) {
        bytes.release();
        refuse(ctx);
        return;
      }
      held = now;
    }
    ctx.fireChannelRead(message);
  }

  private void refuse(ChannelHandlerContext ctx) {
    if (!closing) {
      closing = true;
      ctx.fireUserEventTriggered(
          new FrameViolation("unfinished frames hold limits.node-bytes already"));
      var _ = ctx.close();
    }
  }

  /** Walks over the bytes, frame by frame; returns what there is of the last, unfinished one. */
  private int follow(ByteBuf bytes) {
    int end = bytes.writerIndex();
    int at = bytes.readerIndex();
    while (at < end) {
      if (headerBytes < FrameCodec.LENGTH_BYTES) {
        length = length << 8 | bytes.getUnsignedByte(at++);
        headerBytes++;
        missing = length;
      } else {
        long step = Math.min(missing, end - at);
        at += (int) step;
        missing -= step;
      }
      if (headerBytes == FrameCodec.LENGTH_BYTES && missing == 0) {
        headerBytes = 0;
        length = 0;
      }
    }
    return headerBytes < FrameCodec.LENGTH_BYTES
        ? headerBytes
        : (int) Math.min(Integer.MAX_VALUE, headerBytes + length - missing);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    admission.buffer(-held);
    held = 0;
    closing = true;
    ctx.fireChannelInactive();
  }
}
