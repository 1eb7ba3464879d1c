package org.ferrisdb.raft.ratis;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Sends a follower heartbeats while an append to it is out for long. An append is answered when it
 * is on the follower's disk, and a disk may take seconds; the follower itself is well and knows
 * that it has a leader (Ratis starts no election while an append is under way), but the leader
 * would count it as silent, and step down when a majority is.
 *
 * <p>{@link #tick} is called by a clock's thread, the others by whoever sends the append.
 */
final class HeartbeatsBeside {
  private final BooleanSupplier due;
  private final Runnable heartbeat;
  private final AtomicBoolean beating = new AtomicBoolean();
  private volatile boolean out;

  /**
   * @param due whether the follower should hear from us by now
   * @param heartbeat sends one and waits for its answer
   */
  HeartbeatsBeside(BooleanSupplier due, Runnable heartbeat) {
    this.due = due;
    this.heartbeat = heartbeat;
  }

  /** An append goes out. */
  void appendBegins() {
    out = true;
  }

  /** It is answered, or given up. */
  void appendEnds() {
    out = false;
  }

  /** Never waits; at most one heartbeat is out. */
  void tick() {
    if (out && due.getAsBoolean() && beating.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("raft-heartbeat")
          .start(() -> {
            try {
              heartbeat.run();
            } finally {
              beating.set(false);
            }
          });
    }
  }
}
