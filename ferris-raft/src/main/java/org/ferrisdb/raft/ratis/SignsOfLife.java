package org.ferrisdb.raft.ratis;

import java.util.function.LongSupplier;

/**
 * What a replica has heard from others that speaks against standing for election itself. Times are
 * nanoseconds of a monotonic clock. Thread-safe.
 */
final class SignsOfLife {
  private final LongSupplier nanoTime;
  private volatile long lastNanos;
  private volatile long voteNanos;
  private volatile boolean heard;
  private volatile boolean voted;

  SignsOfLife(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A leader has sent something. */
  void heard() {
    lastNanos = nanoTime.getAsLong();
    heard = true;
  }

  /** This replica was the leader, and leaves it to the others for a while to follow it. */
  void ledUntilNow() {
    heard();
  }

  /** It has given its vote to another node, which is given time to win. */
  void voted() {
    voteNanos = nanoTime.getAsLong();
    lastNanos = voteNanos;
    voted = true;
  }

  /** Whether it has heard of a leader since it was opened. */
  boolean hasHeard() {
    return heard;
  }

  /** When it last heard of a leader or gave its vote; means nothing before either. */
  long lastNanos() {
    return lastNanos;
  }

  /** Whether it has given its vote to another node since then. */
  boolean hasVotedSince(long nanos) {
    return voted && voteNanos - nanos >= 0;
  }
}
