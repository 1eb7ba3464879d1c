package org.ferrisdb.node;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The node's own threads: few, named, daemons. Event loops, Raft's and the engines' are elsewhere.
 */
final class NodeThreads implements AutoCloseable {
  private final String node;
  private final ExecutorService loops;
  private final ExecutorService readers;
  private final ExecutorService workers;
  private final ExecutorService makers;
  private final ScheduledThreadPoolExecutor timer;
  private final ScheduledThreadPoolExecutor housekeeping;

  NodeThreads(String node) {
    this.node = node;
    this.loops = fixed("loop", Math.max(2, Runtime.getRuntime().availableProcessors()));
    this.readers = fixed("reader", 4);
    this.workers = fixed("worker", 4);
    this.makers = fixed("checkpoint", 2);
    this.timer = timer("timer");
    this.housekeeping = timer("housekeeping");
  }

  /**
   * Event loops of the front door: they parse, draw timestamps and write, and never wait. Half the
   * cores; on two cores one, which serves several connections in a turn and wakes no other.
   */
  static int eventLoops() {
    return Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 8);
  }

  /** Where shards evaluate. */
  ExecutorService loops() {
    return loops;
  }

  /** Where scans read. */
  ExecutorService readers() {
    return readers;
  }

  /** Where files are looked at and replicas opened. */
  ExecutorService workers() {
    return workers;
  }

  /** Where checkpoints are made, which may take minutes: whoever reads one does not wait here. */
  ExecutorService makers() {
    return makers;
  }

  /** For short tasks. */
  ScheduledExecutorService timer() {
    return timer;
  }

  /** For duties. */
  ScheduledExecutorService housekeeping() {
    return housekeeping;
  }

  private ScheduledThreadPoolExecutor timer(String name) {
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, factory(name));
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    return executor;
  }

  private ExecutorService fixed(String name, int threads) {
    // Unbounded queues, but what is in them is bounded: requests by the front door's limits, files
    // by the few other nodes that ask.
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory(name));
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  private ThreadFactory factory(String name) {
    return Thread.ofPlatform().daemon().name(node + "-" + name + "-", 0).factory();
  }

  void stopHousekeeping() {
    housekeeping.shutdownNow();
    await(housekeeping);
  }

  @Override
  public void close() {
    for (ExecutorService executor :
        new ExecutorService[] {makers, workers, readers, loops, timer}) {
      executor.shutdown();
    }
    for (ExecutorService executor :
        new ExecutorService[] {makers, workers, readers, loops, timer}) {
      await(executor);
    }
  }

  private static void await(ExecutorService executor) {
    try {
      if (!executor.awaitTermination(Duration.ofSeconds(5).toMillis(), TimeUnit.MILLISECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      executor.shutdownNow();
    }
  }

  /** A daemon thread of the node. */
  Thread start(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name(node + "-" + name).start(work);
  }
}
