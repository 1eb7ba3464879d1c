package org.ferrisdb.shard.leader;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.shard.leader.Request.ReadRequest;
import org.ferrisdb.shard.leader.Request.WriteRequest;
import org.jspecify.annotations.Nullable;

/**
 * What waits for evaluation, bounded in requests and in bytes. Reads and writes wait apart, so that
 * reads go on while no more entries may be in flight; no order is lost, because whoever cares for
 * the order of two requests waits for the first one's answer.
 *
 * <p>{@link #offer} may be called from any thread, the rest belongs to the loop.
 */
final class Mailbox {
  /** Bytes of requests a shard holds before it refuses. */
  static final long MAX_BYTES = 64L << 20;

  private final int maxRequests;
  private final Queue<WriteRequest> writes = new ConcurrentLinkedQueue<>();
  private final Queue<ReadRequest> reads = new ConcurrentLinkedQueue<>();
  private final Deque<WriteRequest> writesAgain = new ArrayDeque<>();
  private final Deque<ReadRequest> readsAgain = new ArrayDeque<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicInteger writesWaiting = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  Mailbox(int maxRequests) {
    this.maxRequests = maxRequests;
  }

  /** Takes a request in, or returns false: full. */
  boolean offer(Request request) {
    if (size.incrementAndGet() > maxRequests) {
      size.decrementAndGet();
      return false;
    }
    if (bytes.addAndGet(request.bytes) > MAX_BYTES && size.get() > 1) {
      bytes.addAndGet(-request.bytes);
      size.decrementAndGet();
      return false;
    }
    switch (request) {
      case WriteRequest w -> {
        writesWaiting.incrementAndGet();
        writes.add(w);
      }
      case ReadRequest r -> reads.add(r);
    }
    return true;
  }

  /** Puts a request that was taken back, in front of what came later. */
  void putBack(Request request) {
    size.incrementAndGet();
    bytes.addAndGet(request.bytes);
    switch (request) {
      case WriteRequest w -> {
        writesWaiting.incrementAndGet();
        writesAgain.addLast(w);
      }
      case ReadRequest r -> readsAgain.addLast(r);
    }
  }

  /** Takes up to that many writes of up to that many bytes of log entry, one at the least. */
  List<WriteRequest> takeWrites(int atMost, long maxEntryBytes) {
    List<WriteRequest> taken = new ArrayList<>();
    long entryBytes = 0;
    while (taken.size() < atMost && (taken.isEmpty() || entryBytes < maxEntryBytes)) {
      WriteRequest next = next(writesAgain, writes);
      if (next == null) {
        break;
      }
      writesWaiting.decrementAndGet();
      entryBytes += next.entryBytes;
      taken.add(next);
    }
    return taken;
  }

  /** Takes up to that many reads. */
  List<ReadRequest> takeReads(int atMost) {
    List<ReadRequest> taken = new ArrayList<>();
    ReadRequest next;
    while (taken.size() < atMost && (next = next(readsAgain, reads)) != null) {
      taken.add(next);
    }
    return taken;
  }

  private <R extends Request> @Nullable R next(Deque<R> again, Queue<R> fresh) {
    R next = again.pollFirst();
    if (next == null) {
      next = fresh.poll();
    }
    if (next != null) {
      size.decrementAndGet();
      bytes.addAndGet(-next.bytes);
    }
    return next;
  }

  /** Takes everything. */
  List<Request> takeAll() {
    List<Request> all = new ArrayList<>(takeReads(Integer.MAX_VALUE));
    all.addAll(takeWrites(Integer.MAX_VALUE, Long.MAX_VALUE));
    return all;
  }

  /** Whether writes wait. */
  boolean hasWrites() {
    return !writesAgain.isEmpty() || !writes.isEmpty();
  }

  /** Whether reads wait. */
  boolean hasReads() {
    return !readsAgain.isEmpty() || !reads.isEmpty();
  }

  /** Writes that wait; any thread. */
  int writes() {
    return writesWaiting.get();
  }

  /** Requests that wait; any thread. */
  int size() {
    return size.get();
  }
}
