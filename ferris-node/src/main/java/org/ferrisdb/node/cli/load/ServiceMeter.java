package org.ferrisdb.node.cli.load;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * What clients see of a service: how many writes it acknowledged, how long each took, and for how
 * long one got no answer. Thread-safe; times are {@link System#nanoTime}.
 *
 * <p>A client's gap is the time between two of its acknowledgements (or from the last one until
 * now): what its user would call an outage.
 */
final class ServiceMeter {
  /** Longest latency told apart; longer ones count as this. */
  static final long HIGHEST_NANOS = Duration.ofMinutes(2).toNanos();

  private final Recorder latencies = new Recorder(HIGHEST_NANOS, 3);

  @GuardedBy("this")
  private final long[] lastAck;

  @GuardedBy("this")
  private final long[] longestGap;

  @GuardedBy("this")
  private long longestEver;

  @GuardedBy("this")
  private long faultAt;

  @GuardedBy("this")
  private long askedFrom;

  @GuardedBy("this")
  private boolean faulty;

  @GuardedBy("this")
  private long firstAckAfterFault;

  @GuardedBy("this")
  private final boolean[] ackedSince;

  ServiceMeter(int clients, long now) {
    lastAck = new long[clients];
    longestGap = new long[clients];
    ackedSince = new boolean[clients];
    Arrays.fill(lastAck, now);
  }

  /** A client's operation, sent and answered at these times. */
  void acknowledged(int client, long sent, long now) {
    latencies.recordValue(Math.clamp(now - sent, 0, HIGHEST_NANOS));
    synchronized (this) {
      long gap = now - lastAck[client];
      longestGap[client] = Math.max(longestGap[client], gap);
      longestEver = Math.max(longestEver, gap);
      lastAck[client] = now;
      if (faulty && sent - faultAt >= 0 && firstAckAfterFault == 0) {
        firstAckAfterFault = now;
      }
      ackedSince[client] |= faulty && sent - askedFrom >= 0;
    }
  }

  /** Something is broken now; gaps are counted afresh, the one that has begun included. */
  synchronized void fault(long now) {
    faultAt = now;
    faulty = true;
    firstAckAfterFault = 0;
    Arrays.fill(longestGap, 0);
    askAgain(now);
  }

  /** From now on only answers to what is sent later tell that a client has service again. */
  synchronized void askAgain(long now) {
    askedFrom = now;
    Arrays.fill(ackedSince, false);
  }

  /** Longest gap of one client since the fault, one that goes on now included. */
  synchronized Duration longestGap(long now) {
    long longest = 0;
    for (int i = 0; i < lastAck.length; i++) {
      longest = Math.max(longest, Math.max(longestGap[i], now - lastAck[i]));
    }
    return Duration.ofNanos(longest);
  }

  /** The same since the beginning, whatever broke in between. */
  synchronized Duration longestGapEver(long now) {
    long longest = longestEver;
    for (long last : lastAck) {
      longest = Math.max(longest, now - last);
    }
    return Duration.ofNanos(longest);
  }

  /** From the fault to the first acknowledgement of what was sent after it; zero if none came. */
  synchronized Duration firstAckAfterFault() {
    return Duration.ofNanos(firstAckAfterFault == 0 ? 0 : firstAckAfterFault - faultAt);
  }

  /**
   * Whether every client got an answer to something it sent after the fault, or was asked again.
   */
  synchronized boolean allResumed() {
    for (boolean acked : ackedSince) {
      if (!acked) {
        return false;
      }
    }
    return true;
  }

  /** Latencies in nanoseconds since the last call. */
  Histogram takeLatencies() {
    return latencies.getIntervalHistogram();
  }
}
