package org.ferrisdb.storage.flow;

import java.util.concurrent.locks.LockSupport;

/** Time that passes, and waiting for it to pass. Safe for many threads. */
public interface Ticker {
  /** The machine's. */
  Ticker SYSTEM =
      new Ticker() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        // Returns early in an interrupted thread, which wants to get on.
        @Override
        public void sleep(long nanos) {
          long until = System.nanoTime() + nanos;
          long left = nanos;
          while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(this, left);
            left = until - System.nanoTime();
          }
        }
      };

  /** No time passes and nobody waits: whoever works inline always does the same. */
  Ticker STILL =
      new Ticker() {
        @Override
        public long nanos() {
          return 0;
        }

        @Override
        public void sleep(long nanos) {}

        @Override
        public boolean runs() {
          return false;
        }
      };

  /** Nanoseconds since some moment; never goes back. */
  long nanos();

  /** Waits that long. */
  void sleep(long nanos);

  /** Whether time passes at all, so that there is sense in waiting. */
  default boolean runs() {
    return true;
  }
}
