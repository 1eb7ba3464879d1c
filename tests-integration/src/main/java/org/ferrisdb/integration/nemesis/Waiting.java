package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.node.health.Health;

/** Waits for what nodes do by themselves. */
final class Waiting {
  private static final Duration POLL = Duration.ofMillis(100);

  private Waiting() {}

  /** Whether it became true in time. */
  static boolean until(Duration patience, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return true;
  }

  /** Lets a fault last. */
  static void pause(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = deadline - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Whether all of it is there. */
  static boolean isHealthy(Cluster cluster) {
    return cluster.health().state() == Health.State.HEALTHY;
  }
}
