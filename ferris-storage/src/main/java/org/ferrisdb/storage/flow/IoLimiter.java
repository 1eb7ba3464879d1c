package org.ferrisdb.storage.flow;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Keeps what compactions write within a rate that all engines of a process share, so that they
 * leave the disk to those who wait for it. In the order of SILK (Balmau and others, ATC 2019): what
 * writers wait for is never held up, level 0 goes before deeper levels, and what the first write is
 * missing for the last. What never waits borrows, and three quarters of the rate pay that back; the
 * last quarter is the compactions', or flushes that keep coming would stop them for good, and
 * writers in the end. Safe for many threads.
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

  /** What of the rate is left to compactions, however much is flushed. */
  private static final double LEAST_SHARE = 0.25;

  private final long bytesPerSecond;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private final double burst;
  private double available; // below 0 after a large piece
  private double borrowed; // by what never waits, beyond what was available
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
    this.burst = bytesPerSecond * BURST_SECONDS;
    this.available = burst;
  }

  /** Whether it limits anything. */
  public boolean limits() {
    return bytesPerSecond != UNLIMITED && ticker.runs();
  }

  /**
   * Waits until that many bytes may be written.
   *
   * @param urgency asked again and again: it may change
   * @param check asked before each of the sleeps, which are short; what it throws ends the waiting
   */
  public void acquire(long bytes, Supplier<Urgency> urgency, Runnable check) {
    boolean counted = false;
    try {
      Urgency now = urgency.get();
      for (long wait = tryAcquire(bytes, now); wait > 0; wait = tryAcquire(bytes, now)) {
        check.run();
        if (!counted && now == Urgency.LEVEL0) {
          level0Waiting(1);
          counted = true;
        }
        ticker.sleep(Math.min(wait, LONGEST_SLEEP_NANOS));
        now = urgency.get();
      }
    } finally {
      if (counted) {
        level0Waiting(-1);
      }
    }
  }

  private void level0Waiting(int change) {
    lock.lock();
    try {
      level0Waiting += change;
    } finally {
      lock.unlock();
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
      fill();
      if (urgency == Urgency.AT_ONCE) {
        double there = Math.min((double) bytes, Math.max(0, available));
        available -= there;
        borrowed = Math.min(burst, borrowed + bytes - there);
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

  /** Of what time brings, the larger part pays back what was borrowed, and the rest is there. */
  private void fill() {
    long now = ticker.nanos();
    double fresh = bytesPerSecond * ((now - filled) / 1e9);
    double paid = Math.min(borrowed, fresh * (1 - LEAST_SHARE));
    borrowed -= paid;
    available = Math.min(burst, available + fresh - paid);
    filled = now;
  }
}
