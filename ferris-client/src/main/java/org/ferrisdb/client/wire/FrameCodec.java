package org.ferrisdb.client.wire;

import io.netty.channel.ChannelPipeline;

/**
 * Puts the frame handlers into a Netty pipeline, the same ones for clients and nodes. After them
 * the pipeline reads and writes {@link Envelope} objects.
 *
 * <p>On the channel's event loop, just {@code write}: the flush comes by itself at the end of the
 * turn (see {@link TickFlush}). From any other thread call {@code writeAndFlush}: it is flushed
 * together with the rest of the turn all the same, but a mere {@code write} from outside does not
 * wake the loop and can lie there until something else does.
 */
public final class FrameCodec {
  /** Bytes of the length field in front of every envelope. */
  public static final int LENGTH_BYTES = 4;

  /**
   * The largest envelope accepted where nothing else is agreed on, in bytes: a write batch of 4 MiB
   * with room for its framing, and a scan page.
   */
  public static final int DEFAULT_MAX_FRAME_BYTES = 5 << 20;

  private FrameCodec() {}

  /**
   * Adds the handlers at the end of a pipeline.
   *
   * @param pipeline a new channel's
   * @param maxFrameBytes longest envelope accepted and sent, in bytes; a longer one that arrives
   *     closes the connection, a longer one to be sent fails its write with {@link
   *     FrameTooLongException}
   */
  public static void install(ChannelPipeline pipeline, int maxFrameBytes) {
    if (maxFrameBytes < 1) {
      throw new IllegalArgumentException("maxFrameBytes must be positive, is " + maxFrameBytes);
    }
    pipeline.addLast("frame-decoder", new FrameDecoder(maxFrameBytes));
    pipeline.addLast("frame-encoder", new FrameEncoder(maxFrameBytes));
    pipeline.addLast("tick-flush", new TickFlush());
  }
}
