package org.ferrisdb.storage.flow;

import org.ferrisdb.storage.metrics.StallCounters;
import org.ferrisdb.storage.metrics.StallReason;

/**
 * Makes the writers of an engine as slow as {@link WritePressure} says: a token bucket in which
 * time owed is gathered until a sleep is worth it, and slept off in pieces of a few milliseconds,
 * so that many writes wait a little and none waits long: also not a large batch, of whose price the
 * writes behind it pay the rest. One thread at a time.
 */
public final class WritePacer {
  /** Shorter sleeps take longer than they should. */
  private static final long LEAST_SLEEP_NANOS = 1_000_000;

  private static final long LONGEST_SLEEP_NANOS = 5_000_000;

  /** No write waits longer, however large it is: what is left of its price, the next ones pay. */
  private static final long LONGEST_WAIT_NANOS = 30_000_000;

  /**
   * Small writes do not owe more together: it would be paid for what is long over. What a large
   * batch costs is owed beyond that.
   */
  private static final long MOST_OWED_NANOS = 50_000_000;

  private final Ticker ticker;
  private final StallCounters stalls;
  private double owed;
  private long seen;

  /** A pacer that owes nothing. */
  public WritePacer(Ticker ticker, StallCounters stalls) {
    this.ticker = ticker;
    this.stalls = stalls;
  }

  /** Nothing presses: what was owed is forgiven. */
  public void free() {
    owed = 0;
  }

  /**
   * Waits as long as is due before that many bytes are written.
   *
   * @param reason what presses most
   * @param pressure how much, 0 to 1
   * @param bytesPerSecond what the work behind does
   */
  public void pace(long bytes, StallReason reason, double pressure, double bytesPerSecond) {
    if (!ticker.runs()) {
      return;
    }
    long now = ticker.nanos();
    // A large batch may cost as much as the work behind takes for two of it.
    double own = 2 * bytes * 1e9 / bytesPerSecond;
    owed = Math.max(0, owed - (now - seen));
    double most = Math.max(owed, MOST_OWED_NANOS + own);
    owed = Math.min(owed + bytes * WritePressure.nanosPerByte(pressure, bytesPerSecond), most);
    seen = now;
    if (owed >= LEAST_SLEEP_NANOS) {
      double longest = Math.clamp(own, LONGEST_SLEEP_NANOS, LONGEST_WAIT_NANOS);
      ticker.sleep((long) Math.min(owed, longest));
      stalls.add(reason, ticker.nanos() - now);
    }
  }
}
