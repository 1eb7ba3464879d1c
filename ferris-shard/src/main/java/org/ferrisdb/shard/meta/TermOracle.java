package org.ferrisdb.shard.meta;

import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.ferrisdb.shard.oracle.ClockGuard;
import org.ferrisdb.shard.oracle.OracleOptions;
import org.ferrisdb.shard.oracle.TimestampOracle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The oracle of one term, for several threads. All terms of a node share its guarded clock, and
 * guard each other with it: a term that is over may be asked while the next one begins.
 */
final class TermOracle {
  private static final Logger LOG = LoggerFactory.getLogger(TermOracle.class);

  private final OracleOptions options;
  private final ClockGuard clock;
  private final LongSupplier nanoTime;
  private final LongSupplier wallMillis;

  // Guarded by clock:
  private @Nullable TimestampOracle oracle;
  private long drawn;
  private boolean alarmed;

  TermOracle(
      OracleOptions options, ClockGuard clock, LongSupplier nanoTime, LongSupplier wallMillis) {
    this.options = options;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.wallMillis = wallMillis;
  }

  /** Begins above the applied bound, once: later calls change nothing. */
  void begin(long appliedBound) {
    synchronized (clock) {
      if (oracle == null) {
        oracle = new TimestampOracle(options, clock, appliedBound, now(), wall());
      }
    }
  }

  /** Draws; empty before the beginning, and where the bound does not reach. */
  OptionalLong draw(int count) {
    synchronized (clock) {
      if (oracle == null) {
        return OptionalLong.empty();
      }
      OptionalLong first = oracle.draw(count, now(), wall());
      if (first.isPresent()) {
        drawn += count;
      }
      if (alarmed != oracle.alarmed()) {
        alarmed = oracle.alarmed();
        LOG.warn(
            alarmed
                ? "the wall clock is far ahead of what it can be: timestamps follow the monotonic"
                    + " clock; set the wall clock right, or restart this node if it is right"
                : "the wall clock is plausible again");
      }
      return first;
    }
  }

  /** Whether a new bound should be put into the log. */
  boolean boundRunsLow() {
    synchronized (clock) {
      return oracle != null && oracle.boundRunsLow(now(), wall());
    }
  }

  /** The bound that then lets {@code count} be drawn, and a window more; 0 before the beginning. */
  long boundFor(int count) {
    synchronized (clock) {
      return oracle == null ? 0 : oracle.boundFor(count, now(), wall());
    }
  }

  /** A bound has applied. */
  void boundApplied(long bound) {
    synchronized (clock) {
      if (oracle != null) {
        oracle.boundApplied(bound);
      }
    }
  }

  long drawn() {
    synchronized (clock) {
      return drawn;
    }
  }

  boolean alarmed() {
    synchronized (clock) {
      return alarmed;
    }
  }

  private long now() {
    return nanoTime.getAsLong();
  }

  private long wall() {
    return wallMillis.getAsLong();
  }
}
