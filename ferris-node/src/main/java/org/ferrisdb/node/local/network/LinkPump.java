package org.ferrisdb.node.local.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection: hands on what it reads, at once where nothing befalls it. What
 * is to arrive later waits in a queue with a thread of its own, so that a link that is slow by a
 * second still lets many pieces of data be under way in that second; order is kept.
 */
final class LinkPump {
  private static final int BUFFER_BYTES = 64 << 10;

  /** 8 MiB under way at most in large pieces; then the sender waits, as on a real link. */
  private static final int MAX_UNDER_WAY = 128;

  /** What is under way; an empty one is the last. */
  private record Piece(byte[] bytes, long dueNanos) {
    boolean isEnd() {
      return bytes.length == 0;
    }
  }

  private static final Piece END = new Piece(new byte[0], 0);

  /** What a pump has to say about its connection. */
  interface Ends {
    /** Something was swallowed: what follows makes no sense any more. */
    void holed();

    /** Ends both sides, in good order. */
    void close();

    /** Ends both sides by a reset. */
    void reset();
  }

  private final InputStream in;
  private final OutputStream out;
  private final Supplier<LinkState> state;
  private final RandomGenerator random;
  private final Ends ends;
  private final BlockingQueue<Piece> queue = new ArrayBlockingQueue<>(MAX_UNDER_WAY);
  private final AtomicInteger underWay = new AtomicInteger();
  private @Nullable Thread writer;
  private long lastDueNanos = System.nanoTime();
  private boolean holed;

  LinkPump(
      InputStream in,
      OutputStream out,
      Supplier<LinkState> state,
      RandomGenerator random,
      Ends ends) {
    this.in = in;
    this.out = out;
    this.state = state;
    this.random = random;
    this.ends = ends;
  }

  /** Runs until one side ends; then both have ended. */
  void run() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        pass(buffer, n);
      }
      finishQueue();
    } catch (IOException e) {
      // one end went away: so does the other
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ends.close();
      if (writer != null) {
        queue.clear();
        boolean _ = queue.offer(END);
      }
    }
  }

  private void pass(byte[] buffer, int n) throws IOException, InterruptedException {
    LinkState now = state.get();
    holed |= now.cut();
    if (holed) {
      ends.holed();
      return;
    }
    long due = due(now, n);
    if (due == 0) {
      out.write(buffer, 0, n);
      return;
    }
    if (writer == null) {
      writer = Thread.ofVirtual().start(this::deliver);
    }
    underWay.incrementAndGet();
    queue.put(new Piece(Arrays.copyOf(buffer, n), due));
  }

  /** When it is to arrive; 0: at once. */
  private long due(LinkState now, int bytes) throws IOException {
    long stall = LossModel.stallNanos(bytes, now.loss(), random);
    if (stall == LossModel.BROKEN) {
      ends.reset();
      throw new IOException("lost too often");
    }
    long jitter = now.jitterNanos() == 0 ? 0 : random.nextLong(now.jitterNanos() + 1);
    long later = now.delayNanos() + jitter + stall;
    if (later == 0 && underWay.get() == 0) {
      return 0;
    }
    long due = System.nanoTime() + later;
    lastDueNanos = due - lastDueNanos > 0 ? due : lastDueNanos;
    return lastDueNanos == 0 ? 1 : lastDueNanos; // 0 has a meaning of its own
  }

  private void deliver() {
    try {
      for (Piece piece = queue.take(); !piece.isEnd(); piece = queue.take()) {
        for (long left = piece.dueNanos() - System.nanoTime();
            left > 0;
            left = piece.dueNanos() - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        out.write(piece.bytes());
        underWay.decrementAndGet();
      }
    } catch (IOException e) {
      ends.close(); // the reader will notice; until then it must not wait for room in the queue
      discard();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void discard() {
    try {
      while (!queue.take().isEnd()) {
        // nobody is there to get it
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void finishQueue() throws InterruptedException {
    Thread last = writer;
    if (last != null) {
      queue.put(END);
      last.join();
      writer = null;
    }
  }
}
