package org.ferrisdb.shard.testing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.TimestampSource;

/** An oracle that follows the simulated wall clock and can be slow, held or broken. */
public final class SimulatedOracle implements TimestampSource {
  private final Simulation simulation;
  private Duration delay = Duration.ZERO;
  private boolean broken;
  private long last;
  private int draws;
  private boolean throwing;

  public SimulatedOracle(Simulation simulation) {
    this.simulation = simulation;
  }

  /** How long an answer takes; the timestamps are drawn when the answer is given. */
  public void setDelay(Duration newDelay) {
    delay = newDelay;
  }

  /** Whether it fails all requests. */
  public void setBroken(boolean newBroken) {
    broken = newBroken;
  }

  /** Whether it throws instead of answering, as only a fault of its own would make it. */
  public void setThrowing(boolean newThrowing) {
    throwing = newThrowing;
  }

  /** Requests so far. */
  public int draws() {
    return draws;
  }

  /** Draws at once. */
  public long next(int count) {
    long first = Math.max(last + 1, simulation.wallMillis() << 16);
    last = first + count - 1;
    return first;
  }

  @Override
  public CompletableFuture<Long> draw(int count) {
    draws++;
    if (throwing) {
      throw new IllegalStateException("thrown by the test");
    }
    if (broken) {
      return CompletableFuture.failedFuture(
          ShardException.refused(Reason.UNAVAILABLE, "the oracle is broken by the test"));
    }
    if (delay.isZero()) {
      return CompletableFuture.completedFuture(next(count));
    }
    CompletableFuture<Long> future = new CompletableFuture<>();
    var _ =
        simulation.schedule(
            () -> future.complete(next(count)), delay.toNanos(), TimeUnit.NANOSECONDS);
    return future;
  }

  @Override
  public long newest() {
    return last;
  }
}
