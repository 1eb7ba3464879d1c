package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.jspecify.annotations.Nullable;

/**
 * Puts the requests of peers to one replica in an order, and holds back answers that would promise
 * too much. Ratis does neither:
 *
 * <ul>
 *   <li>It checks the term of an append under a lock and writes the entries after it let go of that
 *       lock. A vote for a later term that fell between the two would be given by a log without
 *       these entries, which are then acknowledged all the same: the old leader could commit what
 *       the new one lacks. Here no vote falls between them.
 *   <li>Entries that come again and are in memory already count as appended at once, even when they
 *       came first in a request whose sync to disk still hangs. Here "appended" is answered only
 *       when everything this request <em>and all before it</em> had written is on disk, and when
 *       the log says so as well: the log knows of writes that came another way, for instance while
 *       this replica was leader; the requests know of a truncation that is still to be done.
 * </ul>
 *
 * Only the part of a request that runs on its caller's thread is under the lock, so a heartbeat
 * never waits for a sync. One instance lives from one opening of the replica to its closing.
 * Thread-safe.
 */
final class RequestOrder {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final LongSupplier flushIndex;
  private final long maxBytesUnwritten;
  private final long patienceNanos;
  private final Consumer<Throwable> onWriteFailure;

  private final ReentrantLock lock = new ReentrantLock(true);

  /** Done when the log writes of all requests so far are; failed for ever if one of them failed. */
  private CompletableFuture<Object> written = CompletableFuture.completedFuture("nothing yet");

  private final AtomicLong bytesUnwritten = new AtomicLong();

  /** The part of a request that runs on the caller's thread. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws IOException;
  }

  /**
   * @param flushIndex the last index of the log that is on disk
   * @param maxBytesUnwritten with more than this waiting for the disk, further entries are refused
   * @param patienceNanos how long an answer waits for the log to confirm what the requests tell
   * @param onWriteFailure told when a write failed; the replica must then be opened anew
   */
  RequestOrder(
      LongSupplier flushIndex,
      long maxBytesUnwritten,
      long patienceNanos,
      Consumer<Throwable> onWriteFailure) {
    this.flushIndex = flushIndex;
    this.maxBytesUnwritten = maxBytesUnwritten;
    this.patienceNanos = patienceNanos;
    this.onWriteFailure = onWriteFailure;
  }

  /**
   * An append, of entries or of none.
   *
   * @param begin has Ratis begin it
   * @return its answer, once it is true
   */
  CompletableFuture<AppendEntriesReplyProto> append(
      AppendEntriesRequestProto request, Step<CompletableFuture<AppendEntriesReplyProto>> begin)
      throws IOException {
    if (request.getEntriesCount() == 0) {
      return alone(begin);
    }
    long bytes = request.getSerializedSize();
    lock.lock();
    try {
      long waiting = bytesUnwritten.get();
      if (waiting > 0 && waiting + bytes > maxBytesUnwritten) {
        throw new IOException("the log waits for the disk with " + waiting + " bytes");
      }
      CompletableFuture<AppendEntriesReplyProto> answer = begin.run();
      bytesUnwritten.addAndGet(bytes);
      CompletableFuture<AppendEntriesReplyProto> own =
          answer.whenComplete((reply, failure) -> ended(bytes, failure));
      CompletableFuture<Object> now = own.thenCombine(written, (reply, before) -> reply);
      written = now;
      return answer.thenCompose(reply ->
          reply.getResult() == AppendResult.SUCCESS
              ? now.thenCompose(done -> confirmed(reply))
              : CompletableFuture.completedFuture(reply));
    } finally {
      lock.unlock();
    }
  }

  /** On a thread of Ratis's, which must not wait for the lock: its holder may wait for Ratis. */
  private void ended(long bytes, @Nullable Throwable failure) {
    bytesUnwritten.addAndGet(-bytes);
    if (failure != null) {
      onWriteFailure.accept(failure);
    }
  }

  /** Nearly always the log agrees at once. */
  private CompletableFuture<AppendEntriesReplyProto> confirmed(AppendEntriesReplyProto reply) {
    if (flushIndex.getAsLong() >= reply.getMatchIndex()) {
      return CompletableFuture.completedFuture(reply);
    }
    CompletableFuture<AppendEntriesReplyProto> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("raft-append-unconfirmed")
        .start(() -> {
          long since = System.nanoTime();
          while (flushIndex.getAsLong() < reply.getMatchIndex()) {
            if (System.nanoTime() - since > patienceNanos) {
              answer.completeExceptionally(
                  new IOException("not on disk yet: index " + reply.getMatchIndex()));
              return;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
          }
          answer.complete(reply);
        });
    return answer;
  }

  /**
   * Enters the order if nobody is in it or waits for it; then {@link #leave}. For threads that must
   * not wait.
   */
  boolean enterIfFree() {
    return !lock.hasQueuedThreads() && lock.tryLock();
  }

  /** After {@link #enterIfFree} said yes. */
  void leave() {
    lock.unlock();
  }

  /** A request that may change the term or who leads it. */
  <T> T alone(Step<T> request) throws IOException {
    lock.lock();
    try {
      return request.run();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A request that may replace the log. Ratis then forgets the writes it has not done yet, and with
   * them whoever waits for them, so it is refused while there are any; the peer asks again.
   */
  <T> T aloneAndWritten(Step<T> request) throws IOException {
    lock.lock();
    try {
      if (!written.isDone()) {
        throw new IOException("the log waits for the disk");
      }
      if (written.isCompletedExceptionally()) {
        throw new IOException("the log has failed", written.exceptionNow());
      }
      return request.run();
    } finally {
      lock.unlock();
    }
  }
}
