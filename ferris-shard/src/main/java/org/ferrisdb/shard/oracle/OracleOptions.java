package org.ferrisdb.shard.oracle;

import java.time.Duration;

/**
 * How the oracle behaves.
 *
 * @param window how far ahead of now the bound is put; longer means fewer log entries, and a new
 *     leader whose first timestamps lie further ahead of the clock
 * @param maxClockJump a wall clock further ahead of the monotonic clock than this is not believed
 * @param maxCount most timestamps in one draw
 */
public record OracleOptions(Duration window, Duration maxClockJump, int maxCount) {
  /** The values of the design. */
  public static OracleOptions defaults() {
    return new OracleOptions(Duration.ofSeconds(3), Duration.ofSeconds(10), 1 << 20);
  }
}
