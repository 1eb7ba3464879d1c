package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.channel.Channel;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioServerSocketChannel;
import org.apache.ratis.thirdparty.io.netty.channel.socket.nio.NioSocketChannel;

/**
 * A connection between two nodes that whoever has a frame writes to, without handing it to the
 * event loop. Netty writes on its loop only: from any other thread that is a wake-up, two changes
 * of threads and the loop's own system calls, for a frame of two hundred bytes that the kernel
 * takes at once. An entry on three nodes is four such frames, and two of them in a row are what its
 * writer waits for.
 *
 * <p>Frames wait in {@link #waiting}; one thread at a time ({@link #writer}) writes what is there,
 * several in one system call, and whoever finds it writing has its frame written along. The socket
 * never blocks. What it does not take goes to Netty, which waits until there is room; until that is
 * out ({@link #clogged}) nothing else is written, so bytes of two frames never mix. Frames leave in
 * the order in which they were added, whole, or not at all once the connection is closed.
 *
 * <p>Nothing here bounds what waits: requests in flight do, see {@link PeerServer} and {@link
 * RatisSettings}. Thread-safe.
 */
final class PeerSocket extends NioSocketChannel {
  /** So many frames at most in one system call. */
  private static final int GATHER = 16;

  private final ConcurrentLinkedQueue<ByteBuf> waiting = new ConcurrentLinkedQueue<>();

  /** The right to write. */
  private final AtomicBoolean writer = new AtomicBoolean();

  /** Netty has something to write before anything else. Set by the writer, who then stops. */
  private volatile boolean clogged;

  /** For a connection that this node opens. */
  PeerSocket() {}

  private PeerSocket(Channel parent, SocketChannel accepted) {
    super(parent, accepted);
  }

  /** Accepts connections of this kind. */
  static final class Listener extends NioServerSocketChannel {
    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      SocketChannel socket = javaChannel().accept();
      if (socket == null) {
        return 0;
      }
      accepted.add(new PeerSocket(this, socket));
      return 1;
    }
  }

  /**
   * Sends a frame, which is released here. Returns at once; a failure closes the connection, and
   * its handlers hear of that.
   */
  void send(ByteBuf frame) {
    waiting.add(frame);
    drain();
    if (clogged && !isOpen()) {
      dropWaiting();
    }
  }

  private void drain() {
    while (!waiting.isEmpty() && !clogged && writer.compareAndSet(false, true)) {
      try {
        writeWaiting();
      } catch (IOException | RuntimeException | Error e) {
        // Also when memory for the rest of a frame is not to be had: half of it may be out, and
        // nothing may follow that.
        clogged = true;
        var _ = close();
      } finally {
        writer.set(false); // and look again: a frame may have come since the last look
      }
      if (!isOpen()) {
        dropWaiting();
        return;
      }
    }
  }

  /** With the right to write: until nothing waits, or the socket takes no more. */
  private void writeWaiting() throws IOException {
    List<ByteBuf> frames = new ArrayList<>();
    while (!clogged) {
      for (ByteBuf f = null; frames.size() < GATHER && (f = waiting.poll()) != null; ) {
        frames.add(f);
      }
      if (frames.isEmpty()) {
        return;
      }
      try {
        write(frames);
      } finally {
        frames.forEach(ByteBuf::release);
        frames.clear();
      }
    }
  }

  private void write(List<ByteBuf> frames) throws IOException {
    if (!isActive()) {
      throw new ClosedChannelException();
    }
    long left;
    if (frames.size() == 1) {
      ByteBuf only = frames.getFirst();
      left = only.readableBytes() - (long) javaChannel().write(only.nioBuffer());
    } else {
      ByteBuffer[] buffers = new ByteBuffer[frames.size()];
      left = 0;
      for (int i = 0; i < buffers.length; i++) {
        buffers[i] = frames.get(i).nioBuffer();
        left += buffers[i].remaining();
      }
      left -= javaChannel().write(buffers);
    }
    if (left > 0) {
      clogged = true;
      clog(rest(frames, left));
    }
  }

  /** The last so many bytes, as one buffer. */
  private ByteBuf rest(List<ByteBuf> frames, long bytes) {
    ByteBuf rest = alloc().directBuffer(Math.toIntExact(bytes));
    long skip = frames.stream().mapToLong(ByteBuf::readableBytes).sum() - bytes;
    for (ByteBuf frame : frames) {
      int gone = (int) Math.min(skip, frame.readableBytes());
      rest.writeBytes(frame, frame.readerIndex() + gone, frame.readableBytes() - gone);
      skip -= gone;
    }
    return rest;
  }

  private void clog(ByteBuf rest) {
    var _ =
        writeAndFlush(rest)
            .addListener(done -> {
              clogged = false;
              if (!done.isSuccess()) {
                var _ = close();
              }
              drain();
            });
  }

  @Override
  protected void doClose() throws Exception {
    super.doClose();
    dropWaiting();
  }

  /** After the end nobody sends what waits; whoever adds after this finds the end and does it. */
  private void dropWaiting() {
    for (ByteBuf f = waiting.poll(); f != null; f = waiting.poll()) {
      f.release();
    }
  }
}
