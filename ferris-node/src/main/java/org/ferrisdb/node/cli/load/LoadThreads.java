package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Threads that repeat something until told to stop. The owner starts and stops them once. */
final class LoadThreads {
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stop;

  /** Starts one more. */
  void start(String name, Runnable round) {
    threads.add(
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .start(() -> {
              while (!stop) {
                round.run();
              }
            }));
  }

  /** Lets each finish its round; whether all did in time. */
  boolean stop(Duration patience) throws InterruptedException {
    stop = true;
    long deadline = System.nanoTime() + patience.toNanos();
    for (Thread t : threads) {
      t.join(Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime())));
      if (t.isAlive()) {
        return false;
      }
    }
    return true;
  }
}
