package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.oracle.BatchingTimestampSource;
import org.jspecify.annotations.Nullable;

/**
 * The way to the oracle: straight to the leader of meta and, where that does not answer, through
 * another node that reaches it.
 *
 * <p>A network may be cut so that a shard's leader has its majority and meta's leader has its own,
 * and the two do not hear each other. Raft is content then, nobody is elected, and without a detour
 * the shard would serve nothing until the network heals. One node in between is enough: where the
 * members of both groups are the same, any two majorities share a node that hears both leaders.
 *
 * <p>A request that is not answered straight within {@link #HEDGE}, or is refused, is sent through
 * others as well, and the first answer counts. What else comes is thrown away, as timestamps may
 * be; all are drawn after the request began, whichever way they come. While the straight way is
 * silent, the node that helped last is asked at once, and the straight way is tried now and then. A
 * node in between asks the leader itself and nobody else, so requests never go in circles.
 *
 * <p>Thread-safe; nothing blocks. {@link BatchingTimestampSource} has one request under way at a
 * time; of several, only the newest is sent on after {@link #HEDGE}.
 */
public final class OracleRoute implements BatchingTimestampSource.Transport {
  /** A timestamp takes well under a millisecond; this is beyond what a busy machine makes of it. */
  static final Duration HEDGE = Duration.ofMillis(50);

  /** How often the straight way is tried while it is silent. */
  static final Duration RETRY = Duration.ofMillis(100);

  /** So many others are asked at a time as long as it is not known who reaches the leader. */
  static final int MOST_ASKED = 4;

  /** The way through one other node. */
  @FunctionalInterface
  public interface Detour {
    /** As {@link BatchingTimestampSource.Transport#request}, asked by that node, once. */
    CompletableFuture<Long> request(NodeId node, int count, long deadlineNanos);
  }

  private final BatchingTimestampSource.Transport straight;
  private final Detour detour;
  private final Supplier<List<NodeId>> others;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService timer;

  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicBoolean timerSet = new AtomicBoolean();
  private volatile @Nullable Attempt newest;
  private volatile long straightTriedNanos;
  private volatile @Nullable NodeId helper; // null: the straight way answers

  /**
   * @param straight asks the leader of meta
   * @param detour asks another node to do so
   * @param others the other nodes that may be asked
   * @param nanoTime monotonic clock
   * @param timer runs short tasks
   */
  public OracleRoute(
      BatchingTimestampSource.Transport straight,
      Detour detour,
      Supplier<List<NodeId>> others,
      LongSupplier nanoTime,
      ScheduledExecutorService timer) {
    this.straight = straight;
    this.detour = detour;
    this.others = others;
    this.nanoTime = nanoTime;
    this.timer = timer;
  }

  @Override
  public CompletableFuture<Long> request(int count, long deadlineNanos) {
    long now = nanoTime.getAsLong();
    Attempt attempt = new Attempt(count, deadlineNanos, now);
    NodeId helps = helper;
    if (helps == null || now - straightTriedNanos >= RETRY.toNanos()) {
      straightTriedNanos = now;
      attempt.goStraight();
    }
    if (helps != null) {
      attempt.goThrough(helps);
    }
    if (!attempt.answer.isDone()) {
      newest = attempt;
      setTimer(HEDGE.toNanos());
    }
    return attempt.answer;
  }

  /** Through whom timestamps come at present; null where the straight way answers. */
  @Nullable NodeId helper() {
    return helper;
  }

  /**
   * One timer for all requests: it fires once in a while, most often finds its request answered
   * long ago, and is set again by the next one.
   */
  private void setTimer(long nanos) {
    if (timerSet.compareAndSet(false, true)) {
      try {
        var _ = timer.schedule(this::timerFired, nanos, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        timerSet.set(false); // the node shuts down
      }
    }
  }

  private void timerFired() {
    timerSet.set(false);
    Attempt attempt = newest;
    if (attempt == null || attempt.answer.isDone()) {
      return;
    }
    long left = HEDGE.toNanos() - (nanoTime.getAsLong() - attempt.startNanos);
    if (left > 0) {
      setTimer(left);
    } else {
      attempt.goThroughOthers();
    }
  }

  private void helped(NodeId node) {
    NodeId before = helper;
    helper = node;
    if (before == null) {
      Logs.CLUSTER
          .atWarn()
          .addKeyValue("through", node)
          .log("the leader of meta does not answer, timestamps come through another node");
    }
  }

  private void answeredStraight() {
    if (helper != null) {
      helper = null;
      Logs.CLUSTER.info("the leader of meta answers again, timestamps come straight");
    }
  }

  /** One request, over all the ways it has gone. */
  private final class Attempt {
    final int count;
    final long deadlineNanos;
    final long startNanos;
    final CompletableFuture<Long> answer = new CompletableFuture<>();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicBoolean wentToOthers = new AtomicBoolean();

    Attempt(int count, long deadlineNanos, long startNanos) {
      this.count = count;
      this.deadlineNanos = deadlineNanos;
      this.startNanos = startNanos;
    }

    void goStraight() {
      go(straight.request(count, deadlineNanos), OracleRoute.this::answeredStraight);
    }

    void goThrough(NodeId node) {
      go(
          detour.request(node, count, deadlineNanos),
          () -> {
            if (!answer.isDone()) {
              helped(node);
            }
          });
    }

    /** To everybody, but no more than {@link #MOST_ASKED}; others' turn comes next time. */
    void goThroughOthers() {
      if (!wentToOthers.compareAndSet(false, true)) {
        return;
      }
      List<NodeId> known = others.get();
      if (known.isEmpty()) {
        return;
      }
      unanswered.incrementAndGet(); // it has not failed before all have been asked
      int from = turn.getAndAdd(MOST_ASKED);
      for (int i = 0; i < Math.min(MOST_ASKED, known.size()); i++) {
        goThrough(known.get(Math.floorMod(from + i, known.size())));
      }
      failed(null);
    }

    private void go(CompletableFuture<Long> way, Runnable onSuccess) {
      unanswered.incrementAndGet();
      var _ =
          way.whenComplete((first, failure) -> {
            if (failure == null) {
              onSuccess.run();
              answer.complete(first);
            } else {
              failed(failure);
            }
          });
    }

    /** A way has ended without a timestamp. The last one that does so ends the request. */
    private void failed(@Nullable Throwable failure) {
      if (failure != null && !answer.isDone()) {
        goThroughOthers();
      }
      if (unanswered.decrementAndGet() == 0) {
        answer.completeExceptionally(
            failure != null ? failure : PeerException.unreachable("nobody reaches meta's leader"));
      }
    }
  }
}
