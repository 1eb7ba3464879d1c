package org.ferrisdb.client.wire;

import com.google.protobuf.CodedOutputStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;

/**
 * Writes each {@link Envelope}, behind its length, into one pooled buffer of exactly the needed
 * size. Anything else is passed on as it is.
 */
final class FrameEncoder extends ChannelOutboundHandlerAdapter {
  private final int maxFrameBytes;

  FrameEncoder(int maxFrameBytes) {
    this.maxFrameBytes = maxFrameBytes;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (!(message instanceof Envelope envelope)) {
      var unused = ctx.write(message, promise);
      return;
    }
    int length = envelope.getSerializedSize();
    if (length > maxFrameBytes) {
      promise.tryFailure(new FrameTooLongException(length, maxFrameBytes));
      return;
    }
    ByteBuf frame = ctx.alloc().ioBuffer(FrameCodec.LENGTH_BYTES + length);
    try {
      frame.writeInt(length);
      encode(envelope, frame, length);
    } catch (IOException | RuntimeException e) {
      frame.release();
      promise.tryFailure(e);
      return;
    }
    var unused = ctx.write(frame, promise);
  }

  private static void encode(Envelope envelope, ByteBuf frame, int length) throws IOException {
    int start = frame.writerIndex();
    CodedOutputStream output =
        frame.hasArray()
            ? CodedOutputStream.newInstance(frame.array(), frame.arrayOffset() + start, length)
            : CodedOutputStream.newInstance(frame.internalNioBuffer(start, length));
    envelope.writeTo(output);
    output.flush();
    output.checkNoSpaceLeft();
    frame.writerIndex(start + length);
  }
}
