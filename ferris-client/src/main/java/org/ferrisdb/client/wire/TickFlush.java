package org.ferrisdb.client.wire;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Flushes once per turn of the event loop, whatever was written in it and however often a flush was
 * asked for.
 *
 * <p>The first write of a turn queues one flush behind the tasks that the loop already has;
 * whatever those tasks write, and what the current read produces, leaves with it. So a burst of
 * requests or replies is one system call, and a lonely one is not delayed: its flush is the loop's
 * very next task. Netty's own FlushConsolidationHandler needs every writer to call flush and
 * consolidates only flushes made during a read (or, with its other mode, after a fixed number of
 * them); here writers on the loop just write. (From other threads, writeAndFlush: Netty hands a
 * write without a flush to the loop lazily, without waking it.)
 */
final class TickFlush extends ChannelDuplexHandler {
  /** A long turn does not pile up more than this many messages before the socket gets to work. */
  static final int MAX_UNFLUSHED = 1024;

  private int unflushed;
  private boolean scheduled;

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    var unused = ctx.write(message, promise);
    unflushed++;
    if (unflushed >= MAX_UNFLUSHED) {
      flushNow(ctx);
    } else {
      schedule(ctx);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    schedule(ctx);
  }

  /** What was written before a close still leaves: an error reply says why the connection ends. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    flushNow(ctx);
    var unused = ctx.close(promise);
  }

  private void schedule(ChannelHandlerContext ctx) {
    if (!scheduled) {
      scheduled = true;
      ctx.executor().execute(() -> run(ctx));
    }
  }

  private void run(ChannelHandlerContext ctx) {
    scheduled = false;
    if (unflushed > 0) {
      flushNow(ctx);
    }
  }

  private void flushNow(ChannelHandlerContext ctx) {
    unflushed = 0;
    ctx.flush();
  }
}
