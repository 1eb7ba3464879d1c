package org.ferrisdb.shard.oracle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.TimestampSource;
import org.jspecify.annotations.Nullable;

/**
 * A node's timestamps: all draws of all its shards, gathered into one request to the meta leader at
 * a time.
 *
 * <p>A waiter is served only from a request that was <em>sent</em> after it arrived. Whoever
 * arrives while a request is under way waits for the next one, which then serves all of them: the
 * busier the node, the larger the batches. A failed request is sent again after a short pause, with
 * those who have come meanwhile, until its waiters' time is over. A request that never ends is
 * given up; what it might still bring is thrown away, as are timestamps nobody asked for: there are
 * plenty.
 *
 * <p>Thread-safe, without locks: whatever happens (a draw, an answer, a timer) raises a counter,
 * and whoever raises it from zero does everybody's work until it is zero again. Futures complete on
 * the thread that brought the answer, so what hangs on them must be short.
 */
public final class BatchingTimestampSource implements TimestampSource, AutoCloseable {
  /** The way to the meta leader. */
  @FunctionalInterface
  public interface Transport {
    /**
     * Asks the meta leader, once, for {@code count} consecutive timestamps drawn after this call
     * began. Must not block. Failures are {@link ShardException} or whatever the network throws.
     *
     * @param deadlineNanos monotonic time after which the answer is of no use
     */
    CompletableFuture<Long> request(int count, long deadlineNanos);
  }

  /**
   * How patient and how large.
   *
   * @param patience how long a draw is tried for; its last attempt may end that much later
   * @param attempt how long one request may take before it is given up
   * @param firstPause the pause after a failed request; it doubles up to {@code longestPause}
   * @param longestPause see there
   * @param maxWaiters draws that may wait at a time; more are refused
   * @param maxCount most timestamps in one request
   */
  public record Options(
      Duration patience,
      Duration attempt,
      Duration firstPause,
      Duration longestPause,
      int maxWaiters,
      int maxCount) {
    /** Three seconds in all. */
    public static Options defaults() {
      return new Options(
          Duration.ofSeconds(3),
          Duration.ofMillis(500),
          Duration.ofMillis(5),
          Duration.ofMillis(100),
          200_000,
          OracleOptions.defaults().maxCount());
    }
  }

  private record Waiter(int count, long deadlineNanos, CompletableFuture<Long> future) {}

  /** A request under way. Its answer is written by the transport's thread, before the counter. */
  private static final class Attempt {
    final List<Waiter> waiters;
    final long givenUpAtNanos;
    volatile boolean done;
    long first;
    @Nullable Throwable failure;

    Attempt(List<Waiter> waiters, long givenUpAtNanos) {
      this.waiters = waiters;
      this.givenUpAtNanos = givenUpAtNanos;
    }
  }

  private final Transport transport;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService timer;
  private final Options options;

  private final ConcurrentLinkedQueue<Waiter> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong newest = new AtomicLong();
  private final AtomicInteger happened = new AtomicInteger();
  private volatile boolean timerFired;
  private volatile boolean closed;

  // Only touched by whoever has raised `happened` from zero.
  private final ArrayDeque<Waiter> again = new ArrayDeque<>();
  private @Nullable Attempt underWay;
  private @Nullable String lastFailure;
  private long pauseNanos;
  private long notBeforeNanos;
  private boolean pausing;
  private boolean timerSet;
  private long timerAtNanos;

  /**
   * @param transport the way to the meta leader
   * @param nanoTime monotonic clock
   * @param timer runs short tasks for retries and for requests that never end
   * @param options see there
   */
  public BatchingTimestampSource(
      Transport transport, LongSupplier nanoTime, ScheduledExecutorService timer, Options options) {
    this.transport = transport;
    this.nanoTime = nanoTime;
    this.timer = timer;
    this.options = options;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Fails with UNAVAILABLE when the oracle could not be reached in time, with OVERLOADED when
   * too many wait already, with INVALID for a count that no request can carry.
   */
  @Override
  public CompletableFuture<Long> draw(int count) {
    if (count < 1 || count > options.maxCount()) {
      return CompletableFuture.failedFuture(
          ShardException.refused(
              Reason.INVALID, count + " timestamps in one draw: from 1 to " + options.maxCount()));
    }
    if (waiting.incrementAndGet() > options.maxWaiters()) {
      waiting.decrementAndGet();
      return CompletableFuture.failedFuture(
          ShardException.refused(
              Reason.OVERLOADED,
              options.maxWaiters() + " draws wait for the oracle already; try again later"));
    }
    CompletableFuture<Long> future = new CompletableFuture<>();
    arrived.add(new Waiter(count, nanoTime.getAsLong() + options.patience().toNanos(), future));
    work();
    return future;
  }

  @Override
  public long newest() {
    return newest.get();
  }

  /** Notes a timestamp that was seen elsewhere (in a request, in an applied entry). */
  public void observe(long timestamp) {
    if (timestamp > newest.get()) { // saves the write in the common case
      newest.accumulateAndGet(timestamp, Math::max);
    }
  }

  /** Draws that wait now. */
  public int waiting() {
    return waiting.get();
  }

  /** Fails all who wait, and every later draw. */
  @Override
  public void close() {
    closed = true;
    work();
  }

  private void work() {
    if (happened.getAndIncrement() != 0) {
      return; // whoever works will come round once more
    }
    int seen = 1;
    do {
      step();
      seen = happened.addAndGet(-seen);
    } while (seen != 0);
  }

  private void step() {
    if (closed) {
      failAll();
      return;
    }
    if (timerFired) {
      timerFired = false;
      timerSet = false;
    }
    long now = nanoTime.getAsLong();
    Attempt attempt = underWay;
    if (attempt != null && attempt.done) {
      underWay = null;
      finish(attempt, now);
    } else if (attempt != null && now - attempt.givenUpAtNanos >= 0) {
      underWay = null;
      lastFailure = "no answer from the meta leader";
      retryLater(attempt.waiters, now);
    }
    if (underWay == null && pausing && now - notBeforeNanos >= 0) {
      pausing = false;
    }
    if (underWay == null && !pausing) {
      send(now);
    }
    setTimer(now);
  }

  private void finish(Attempt attempt, long now) {
    Throwable failure = attempt.failure;
    if (failure == null) {
      pauseNanos = 0;
      lastFailure = null;
      long first = attempt.first;
      long last = first - 1;
      for (Waiter waiter : attempt.waiters) {
        last += waiter.count();
      }
      observe(last);
      for (Waiter waiter : attempt.waiters) {
        waiting.decrementAndGet();
        waiter.future().complete(first);
        first += waiter.count();
      }
      return;
    }
    lastFailure = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    if (isFinal(failure)) {
      attempt.waiters.forEach(this::giveUp);
    } else {
      retryLater(attempt.waiters, now);
    }
  }

  /** What no retry heals: the meta leader has understood and refused. */
  private static boolean isFinal(Throwable failure) {
    return failure instanceof ShardException e
        && (e.reason() == Reason.INVALID || e.reason() == Reason.INTERNAL);
  }

  private void retryLater(List<Waiter> waiters, long now) {
    long longest = options.longestPause().toNanos();
    pauseNanos =
        pauseNanos == 0 ? options.firstPause().toNanos() : Math.min(2 * pauseNanos, longest);
    notBeforeNanos = now + pauseNanos;
    pausing = true;
    again.addAll(waiters);
  }

  /** Sends everybody who waits, as far as one request can carry them. */
  private void send(long now) {
    List<Waiter> batch = new ArrayList<>();
    long count = 0;
    long givenUpAt = now + options.attempt().toNanos();
    while (true) {
      Waiter waiter = again.isEmpty() ? arrived.peek() : again.peek();
      if (waiter == null || count + waiter.count() > options.maxCount()) {
        break;
      }
      if (again.isEmpty()) {
        arrived.poll();
      } else {
        again.poll();
      }
      if (now - waiter.deadlineNanos() >= 0) {
        giveUp(waiter);
        continue;
      }
      count += waiter.count();
      batch.add(waiter);
    }
    if (batch.isEmpty()) {
      return;
    }
    Attempt attempt = new Attempt(batch, givenUpAt);
    underWay = attempt;
    CompletableFuture<Long> answer;
    try {
      answer = transport.request((int) count, givenUpAt);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    var _ =
        answer.whenComplete((first, failure) -> {
          if (failure != null) {
            attempt.failure =
                failure instanceof CompletionException && failure.getCause() != null
                    ? failure.getCause()
                    : failure;
          } else {
            attempt.first = first;
          }
          attempt.done = true;
          work();
        });
  }

  /**
   * A timer for the end of a pause, or for a request that may never end. One that is set for
   * earlier will do: while requests are answered it fires once in a while, finds nothing to do, and
   * is set again.
   */
  private void setTimer(long now) {
    if (!pausing && underWay == null) {
      return;
    }
    long at = pausing ? notBeforeNanos : Objects.requireNonNull(underWay).givenUpAtNanos;
    if (timerSet && timerAtNanos - at <= 0) {
      return;
    }
    timerSet = true;
    timerAtNanos = at;
    try {
      var _ = timer.schedule(this::timerFired, Math.max(0, at - now), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      timerSet = false; // the node shuts down; what hangs now hangs until close()
    }
  }

  private void timerFired() {
    timerFired = true;
    work();
  }

  private void giveUp(Waiter waiter) {
    waiting.decrementAndGet();
    String why = lastFailure == null ? "no answer from the meta leader" : lastFailure;
    waiter
        .future()
        .completeExceptionally(
            ShardException.refused(Reason.UNAVAILABLE, "no timestamp could be drawn: " + why));
  }

  private void failAll() {
    lastFailure = "this node is shutting down";
    if (underWay != null) {
      underWay.waiters.forEach(this::giveUp);
      underWay = null;
    }
    again.forEach(this::giveUp);
    again.clear();
    for (Waiter w = arrived.poll(); w != null; w = arrived.poll()) {
      giveUp(w);
    }
  }
}
