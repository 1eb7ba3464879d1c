package org.ferrisdb.integration.torture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.nemesis.Nemesis;
import org.ferrisdb.integration.torture.Rhythm.Beat;
import org.ferrisdb.node.health.Health;

/** Lets one fault strike and heal in its rhythm, in a thread of its own, while the load runs. */
final class Strikes {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Of a strike that began late. */
  private static final int SHORTEST_MILLIS = 1_500;

  /** A strike that does not return is a fault of the harness; nothing waits for ever. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Cluster cluster;
  private final Nemesis nemesis;
  private final History history;
  private final LongSupplier nanoTime;
  private final List<Beat> beats;
  private final Random random;
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;
  private final AtomicInteger strikes = new AtomicInteger();
  private long start;

  /** Makes one; {@link #start} begins. */
  Strikes(
      Cluster cluster,
      Nemesis nemesis,
      Cell cell,
      int seconds,
      History history,
      LongSupplier nanoTime) {
    this.cluster = cluster;
    this.nemesis = nemesis;
    this.history = history;
    this.nanoTime = nanoTime;
    this.beats = Rhythm.of(seconds, cell.random("rhythm"));
    this.random = cell.random("victims");
    this.thread = Thread.ofPlatform().name("nemesis").daemon().unstarted(this::run);
  }

  /** Begins, at the time when the load begins. */
  void start() {
    start = nanoTime.getAsLong();
    thread.start();
  }

  /** No further strike; heals, and returns when that is done. */
  void end() throws InterruptedException {
    stopped = true;
    LockSupport.unpark(thread);
    if (!thread.join(PATIENCE)) {
      problems.add("the fault did not end within " + PATIENCE.toSeconds() + " s");
    }
  }

  /** How often the fault was injected. */
  int count() {
    return strikes.get();
  }

  /** What went wrong with the fault itself. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  private void run() {
    try {
      for (Beat beat : beats) {
        // Now and then it strikes while the cluster still recovers from the last time. Not always:
        // a
        // cluster that is never whole serves nothing that could be wrong. Faults that destroy a
        // copy
        // of the data wait by themselves.
        boolean patient = random.nextInt(3) != 0;
        // Drawn also for a strike that is left out, so that the next ones stay the same.
        Random victims = new Random(random.nextLong());
        if (!until(beat.strikeMillis())) {
          return;
        }
        if (strikes.get() > 0 && now() > beat.healMillis()) {
          continue; // the last one took its time: a rolling restart, a disk that was lost
        }
        if (patient && strikes.get() > 0 && !awaitHealthy(beat.healMillis())) {
          continue;
        }
        strike(beat, victims);
      }
    } catch (RuntimeException | AssertionError e) {
      problems.add("the fault itself failed: " + e);
      history.nemesis(nemesis.name(), Map.of("phase", "effect", "error", String.valueOf(e)));
    }
  }

  private void strike(Beat beat, Random victims) {
    try {
      strikes.incrementAndGet();
      nemesis.strike(cluster, victims, history);
      until(Math.max(beat.healMillis(), (int) now() + SHORTEST_MILLIS));
    } finally {
      nemesis.heal(cluster, history);
    }
  }

  /** Milliseconds since the start. */
  private long now() {
    return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - start);
  }

  /** Waits until so long after the start; false if the end came first. */
  private boolean until(int millis) {
    long due = start + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long wait = due - nanoTime.getAsLong(); wait > 0 && !stopped; ) {
      LockSupport.parkNanos(wait);
      wait = due - nanoTime.getAsLong();
    }
    return !stopped;
  }

  /** Until so long after the start at most; whether it got healthy. */
  private boolean awaitHealthy(int millis) {
    while (!stopped && now() < millis) {
      if (cluster.health().state() == Health.State.HEALTHY) {
        return true;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return false;
  }
}
