package org.ferrisdb.storage.flow;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps what compactions write within a rate that all engines of a process share, so that they
 * leave the disk to those who wait for it. In the order of SILK (Balmau and others, ATC 2019): what
 * writers wait for is never held up, level 0 goes before deeper levels, and what the first write is
 * missing for the last. Safe for many threads.
 */
public final class IoLimiter {
  /** Who wants to write; the earlier goes first. */
  public enum Urgency {
    /** A flush, or a compaction of level 0 that writers wait for: is counted and never waits. */
    AT_ONCE,
    /** A compaction of level 0. */
    LEVEL0,
    /** Any other compaction. */
    DEEPER
  }

  /** No rate. */
  public static final long UNLIMITED = 0;

  private static final double BURST_SECONDS = 0.1;
  private static final long LONGEST_SLEEP_NANOS = 20_000_000;

  private final long bytesPerSecond;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private double available;
  private long filled;
  private int level0Waiting;

  /**
   * A limiter.
   *
   * @param bytesPerSecond for all together, {@link #UNLIMITED} for none
   */
  public IoLimiter(long bytesPerSecond, Ticker ticker) {
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException(
          "compaction bytes a second: " + bytesPerSecond + "; at least 0, which is no limit");
    }
    this.bytesPerSecond = bytesPerSecond;
    this.ticker = ticker;
    this.filled = ticker.nanos();
    this.available = bytesPerSecond * BURST_SECONDS;
  }

  /** Whether it limits anything. */
  public boolean limits() {
    return bytesPerSecond != UNLIMITED && ticker.runs();
  }

  /** Waits until that many bytes may be written. */
  public void acquire(long bytes, Urgency urgency) {
    long wait = tryAcquire(bytes, urgency);
    if (wait <= 0) {
      return;
    }
    waiting(urgency, 1);
    try {
      do {
        ticker.sleep(Math.min(wait, LONGEST_SLEEP_NANOS));
        wait = tryAcquire(bytes, urgency);
      } while (wait > 0);
    } finally {
      waiting(urgency, -1);
    }
  }

  private void waiting(Urgency urgency, int change) {
    if (urgency == Urgency.LEVEL0) {
      lock.lock();
      try {
        level0Waiting += change;
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Takes the bytes, or returns after how many nanoseconds to ask again. Any amount may be taken as
   * soon as something is there; what is missing then, the next has to wait for.
   */
  long tryAcquire(long bytes, Urgency urgency) {
    if (!limits()) {
      return 0;
    }
    lock.lock();
    try {
      long now = ticker.nanos();
      double burst = bytesPerSecond * BURST_SECONDS;
      available = Math.min(burst, available + bytesPerSecond * ((now - filled) / 1e9));
      filled = now;
      if (urgency == Urgency.AT_ONCE) {
        available = Math.max(-burst, available - bytes); // flushes alone must not stop compaction
        return 0;
      }
      if (available <= 0) {
        return (long) Math.ceil((1 - available) * 1e9 / bytesPerSecond);
      }
      if (urgency == Urgency.DEEPER && level0Waiting > 0) {
        return LONGEST_SLEEP_NANOS;
      }
      available -= bytes;
      return 0;
    } finally {
      lock.unlock();
    }
  }
}
