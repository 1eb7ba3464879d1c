package org.ferrisdb.storage;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.ferrisdb.storage.cache.ClockBlockCache;
import org.ferrisdb.storage.cache.TableCache;
import org.ferrisdb.storage.flow.IoLimiter;
import org.ferrisdb.storage.flow.MemtableBudget;
import org.ferrisdb.storage.flow.Ticker;
import org.ferrisdb.storage.metrics.LatencyHistogram;
import org.jspecify.annotations.Nullable;

/**
 * What all engines of a process share: block cache, open tables, memory for memtables, flush and
 * compaction threads, and what these may write. Threads are platform daemons: they spend their time
 * in file calls, which would hold a virtual thread's carrier. Close the engines first. Safe for
 * many threads.
 */
public final class StorageResources implements AutoCloseable {
  private static final int MAX_OPEN_TABLES = 2048;

  private final ClockBlockCache blockCache;
  private final TableCache tableCache;
  private final MemtableBudget memtables;
  private final IoLimiter limiter;
  private final Ticker ticker;
  private final LatencyHistogram walSync = new LatencyHistogram();
  private final Executor flushes;
  private final Executor compactions;
  private final @Nullable ScheduledExecutorService retries;
  private final int compactionThreads;
  private final @Nullable BooleanSupplier help;

  /**
   * Resources with threads of their own, without a limit for memtables.
   *
   * @param blockCacheBytes budget of the block cache
   * @param backgroundThreads see {@link ResourceOptions#backgroundThreads}
   */
  public StorageResources(long blockCacheBytes, int backgroundThreads) {
    this(ResourceOptions.of(blockCacheBytes, backgroundThreads));
  }

  /** Resources with threads of their own. */
  public StorageResources(ResourceOptions options) {
    this(
        options,
        Ticker.SYSTEM,
        Executors.newFixedThreadPool(options.backgroundThreads(), named("ferris-flush-")),
        Executors.newFixedThreadPool(options.backgroundThreads(), named("ferris-compaction-")),
        Executors.newSingleThreadScheduledExecutor(named("ferris-storage-retry-")),
        null);
  }

  /**
   * Resources whose time and threads the caller makes: for tests.
   *
   * @param help does a part of what the executors were given, for who would wait for it; false if
   *     there is nothing. Null if they have threads.
   */
  StorageResources(
      ResourceOptions options,
      Ticker ticker,
      Executor flushes,
      Executor compactions,
      @Nullable ScheduledExecutorService retries,
      @Nullable BooleanSupplier help) {
    this.blockCache = new ClockBlockCache(options.blockCacheBytes());
    this.tableCache = new TableCache(blockCache, MAX_OPEN_TABLES);
    this.memtables = new MemtableBudget(options.memtableBytes());
    this.limiter = new IoLimiter(options.compactionBytesPerSecond(), ticker);
    this.ticker = ticker;
    this.flushes = flushes;
    this.compactions = compactions;
    this.retries = retries;
    this.compactionThreads = options.backgroundThreads();
    this.help = help;
  }

  /**
   * Resources without threads: flushes and compactions run inside the write that makes them due, so
   * that the same calls always do the same file operations in the same order, and nobody is slowed
   * down. Failed background work is tried again by the next write or flush that needs it.
   */
  public static StorageResources inline(long blockCacheBytes) {
    return inline(ResourceOptions.of(blockCacheBytes, 1));
  }

  /** The same with a limit for memtables; threads and rate do not count. */
  public static StorageResources inline(ResourceOptions options) {
    return new StorageResources(options, Ticker.STILL, Runnable::run, new InTurn(), null, null);
  }

  private static ThreadFactory named(String prefix) {
    return Thread.ofPlatform().daemon().name(prefix, 0).factory();
  }

  /** Runs what it is given at once, but for what a task of it gives it: that comes behind. */
  private static final class InTurn implements Executor {
    private final ThreadLocal<Deque<Runnable>> waiting = ThreadLocal.withInitial(ArrayDeque::new);

    @Override
    public void execute(Runnable task) {
      Deque<Runnable> tasks = waiting.get();
      tasks.addLast(task);
      if (tasks.size() > 1) {
        return; // below, somebody is at the first of them
      }
      Throwable first = null;
      while (!tasks.isEmpty()) {
        try {
          tasks.getFirst().run();
        } catch (RuntimeException | Error e) { // the others must run: somebody waits for them
          first = first == null ? e : first;
        }
        tasks.removeFirst();
      }
      switch (first) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case null, default -> {}
      }
    }
  }

  /** Compactions that can run at a time, of all engines. */
  int compactionThreads() {
    return compactionThreads;
  }

  /** See the constructor. */
  @Nullable BooleanSupplier help() {
    return help;
  }

  TableCache tables() {
    return tableCache;
  }

  MemtableBudget memtables() {
    return memtables;
  }

  IoLimiter limiter() {
    return limiter;
  }

  Ticker ticker() {
    return ticker;
  }

  /** How long WALs take to write and sync a group of batches, of all engines. */
  LatencyHistogram walSync() {
    return walSync;
  }

  /** What is shared, in figures; cheap, for metrics. */
  public ResourceStats stats() {
    return new ResourceStats(
        blockCache.bytes(),
        blockCache.hits(),
        blockCache.misses(),
        blockCache.evictions(),
        tableCache.openTables(),
        memtables.held(),
        memtables.limit(),
        walSync.stats());
  }

  void runFlush(Runnable task) {
    run(flushes, task);
  }

  void runCompaction(Runnable task) {
    run(compactions, task);
  }

  /** Whether failed work is tried again by itself. */
  boolean retriesByItself() {
    return retries != null;
  }

  void retryLater(Runnable task, long delayMillis) {
    if (retries != null) {
      try {
        // What the task meets it reports to its engine, so its future tells nothing.
        ScheduledFuture<?> _ = retries.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // Closing: nothing is tried again.
      }
    }
  }

  private static void run(Executor executor, Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      throw new StorageException.Closed("the storage resources are closed");
    }
  }

  /** Waits for what still runs; afterwards none of its threads does anything. */
  @Override
  public void close() {
    if (retries != null) {
      retries.shutdownNow();
      retries.close();
    }
    if (flushes instanceof ExecutorService service) {
      service.close();
    }
    if (compactions instanceof ExecutorService service) {
      service.close();
    }
  }
}
