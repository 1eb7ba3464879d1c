package org.ferrisdb.raft.ratis;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one state machine of leadership won and lost, in order. Ratis reports "ready" from its
 * apply thread and "no longer leader" from whichever thread holds its lock, so the two can overtake
 * each other: what was lost must not be announced as won afterwards. Thread-safe; the notices
 * themselves run on the executor, outside of all of Ratis's locks.
 */
final class LeadershipNotices {
  private static final Logger LOG = LoggerFactory.getLogger(LeadershipNotices.class);

  private static final long DRAIN_SECONDS = 5;

  private final ReplicatedStateMachine stateMachine;
  private final Executor oneThread;
  private long gainedTerm;
  private long lostTerm;
  private boolean leading;
  private boolean ended;

  /**
   * @param oneThread runs what it is given one after the other
   */
  LeadershipNotices(ReplicatedStateMachine stateMachine, Executor oneThread) {
    this.stateMachine = stateMachine;
    this.oneThread = oneThread;
  }

  /** This node leads the term and its first entry of it has applied. */
  synchronized void gained(Leadership leadership) {
    if (ended || leadership.term() <= lostTerm || leadership.term() <= gainedTerm) {
      return;
    }
    gainedTerm = leadership.term();
    leading = true;
    run(() -> stateMachine.leadershipGained(leadership));
  }

  /** This node no longer leads the term, nor any before. */
  synchronized void lost(long term) {
    lostTerm = Math.max(lostTerm, term);
    if (leading && gainedTerm <= term) {
      leading = false;
      run(stateMachine::leadershipLost);
    }
  }

  /** The replica ends: leadership is over whatever the term; nothing is announced any more. */
  synchronized void end(@Nullable Throwable failure) {
    if (ended) {
      return;
    }
    lost(Long.MAX_VALUE);
    ended = true;
    if (failure != null) {
      run(() -> stateMachine.failed(failure));
    }
  }

  /** Waits until what was announced so far has been delivered, but not for long. */
  void drain() {
    CountDownLatch delivered = new CountDownLatch(1);
    run(delivered::countDown);
    try {
      if (!delivered.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
        LOG.error("a state machine does not return from a leadership notice");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The term this node has been told it leads and not yet that it lost; 0 if none. */
  synchronized long leadingTerm() {
    return leading ? gainedTerm : 0;
  }

  private void run(Runnable notice) {
    oneThread.execute(() -> {
      try {
        notice.run();
      } catch (RuntimeException e) {
        LOG.error("a state machine failed on a leadership notice", e);
      }
    });
  }
}
