package org.ferrisdb.storage.metrics;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes a second that some work has been seen to do, over about its last ten seconds of work. Safe
 * for many threads.
 */
public final class SeenRate {
  /**
   * What is believed before anything was seen. Rather too low: on a faster disk the first flush
   * ends before anybody is slowed down.
   */
  static final double FIRST_GUESS = 16 << 20;

  /** Less is never believed: a disk that stood still for a while must not stop all writers. */
  static final double LEAST = 4 << 20;

  private static final double WINDOW_NANOS = 10e9;

  private final ReentrantLock lock = new ReentrantLock();
  private double nanos = 50e6; // the guess weighs as much as this time of work
  private double bytes = FIRST_GUESS * nanos / 1e9;
  private volatile double perSecond = FIRST_GUESS;

  /** Some work was done. */
  public void add(long workBytes, long workNanos) {
    lock.lock();
    try {
      bytes += workBytes;
      nanos += workNanos;
      if (nanos > WINDOW_NANOS) {
        bytes /= 2;
        nanos /= 2;
      }
      perSecond = Math.max(LEAST, bytes / nanos * 1e9);
    } finally {
      lock.unlock();
    }
  }

  /** Bytes a second. */
  public double perSecond() {
    return perSecond;
  }
}
