package org.ferrisdb.raft.ratis;

import java.time.Duration;
import java.util.Random;

/**
 * When one follower that hears nothing of its leader stands for election. Ratis has a timer of its
 * own, which looks only at the end of each randomly long sleep, and so notices after up to twice
 * the timeout; and which begins anew whenever a candidacy was refused, as the first one often is
 * because another follower heard the leader a heartbeat later. This one counts from what was heard.
 *
 * <p>The followers share the time between the smallest and the largest timeout: each has a part of
 * it of its own, by its rank, in which its timeout is random. So two of them rarely split the vote.
 *
 * <p>Pure but for its memory; times are nanoseconds of a monotonic clock. For one thread.
 */
final class ElectionTimer {
  private final long minNanos;
  private final long spreadNanos;
  private final Random random;

  private boolean looked;
  private long lastLook;
  private boolean drawn;
  private long heardThen;
  private long due;

  /**
   * @param min a leader is given so much time at the least
   * @param max and this follower stands by then at the latest, if somebody looks
   */
  ElectionTimer(Duration min, Duration max, Random random) {
    this.minNanos = min.toNanos();
    this.spreadNanos = max.minus(min).toNanos();
    this.random = random;
  }

  /** A look at a replica that is no follower, may not stand, or heard of its leader just now. */
  void allIsWell(long now) {
    looked = true;
    lastLook = now;
  }

  /** Whether there is a point in asking {@link #stands}. */
  boolean isSilent(long heard, long now) {
    return now - heard >= minNanos;
  }

  /**
   * A look at a follower that may stand. If the answer is yes it is expected to, and is asked to
   * again after a while if nothing comes of it.
   *
   * @param heard when it last heard of a leader, or gave its vote to a candidate
   * @param rank this follower's place among those that may stand, from 0
   * @param ranks how many those are
   */
  boolean stands(long heard, long now, int rank, int ranks) {
    boolean slept = looked && now - lastLook >= minNanos / 2;
    allIsWell(now);
    if (!drawn || heard != heardThen) {
      drawn = true;
      heardThen = heard;
      long part = spreadNanos / ranks;
      due = heard + minNanos + rank * part + upTo(part);
    }
    if (slept) {
      // This process stood still: what its leader said meanwhile has not been read yet.
      due = Math.max(due - now, minNanos / 2) + now;
    }
    if (now - due < 0) {
      return false;
    }
    due = now + minNanos / 2 + upTo(minNanos / 2);
    return true;
  }

  private long upTo(long nanos) {
    return nanos <= 0 ? 0 : random.nextLong(nanos);
  }
}
