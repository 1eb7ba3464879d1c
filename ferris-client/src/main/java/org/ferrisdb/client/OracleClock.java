package org.ferrisdb.client;

import java.util.concurrent.TimeUnit;

/**
 * What time it is in the cluster, as far as this client can tell: the newest oracle timestamp it
 * has seen, plus what its own monotonic clock has counted since. The wall clock of this machine
 * plays no part, so it may be wrong by any amount.
 *
 * <p>The estimate is never ahead of the oracle by more than the two clocks' drift, and it may be
 * behind by what the message travelled, or by a time that this machine was suspended. Writes carry
 * an expiry computed from it, with {@link #SLACK_MILLIS} on top for exactly that.
 *
 * <p>Belongs to the event loop.
 */
final class OracleClock {
  /** What is added to a call's remaining time, for the error of this clock. */
  static final long SLACK_MILLIS = 5_000;

  private static final int COUNTER_BITS = 16;

  private boolean known;
  private long baseMillis;
  private long baseNanos;

  boolean known() {
    return known;
  }

  /** Takes note of a timestamp that was drawn at or before {@code now}. Zero means none. */
  void observe(long timestamp, long now) {
    if (timestamp == 0) {
      return;
    }
    long millis = timestamp >>> COUNTER_BITS;
    if (!known || millis > millisAt(now)) {
      known = true;
      baseMillis = millis;
      baseNanos = now;
    }
  }

  /** Forgets everything: what it said was proven wrong. */
  void forget() {
    known = false;
  }

  /** The oracle timestamp at which a call that may run for {@code remainingNanos} more expires. */
  long expiry(long now, long remainingNanos) {
    long millis = millisAt(now) + TimeUnit.NANOSECONDS.toMillis(remainingNanos) + SLACK_MILLIS;
    return millis << COUNTER_BITS;
  }

  private long millisAt(long now) {
    return baseMillis + TimeUnit.NANOSECONDS.toMillis(now - baseNanos);
  }
}
