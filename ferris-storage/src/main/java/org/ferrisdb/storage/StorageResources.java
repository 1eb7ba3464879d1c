package org.ferrisdb.storage;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.storage.cache.ClockBlockCache;
import org.ferrisdb.storage.cache.TableCache;
import org.jspecify.annotations.Nullable;

/**
 * What all engines of a process share: block cache, open tables, flush and compaction threads.
 * Threads are platform daemons: they spend their time in file calls, which would hold a virtual
 * thread's carrier. Close the engines first. Safe for many threads.
 */
public final class StorageResources implements AutoCloseable {
  private static final int MAX_OPEN_TABLES = 2048;

  private final ClockBlockCache blockCache;
  private final TableCache tableCache;
  private final Executor flushes;
  private final Executor compactions;
  private final @Nullable ScheduledExecutorService retries;

  /**
   * Resources with threads of their own.
   *
   * @param blockCacheBytes budget of the block cache
   * @param backgroundThreads platform threads for compaction, and as many again for flushes, which
   *     must not wait behind a compaction because writers wait for them
   */
  public StorageResources(long blockCacheBytes, int backgroundThreads) {
    this(
        blockCacheBytes,
        Executors.newFixedThreadPool(backgroundThreads, named("ferris-flush-")),
        Executors.newFixedThreadPool(backgroundThreads, named("ferris-compaction-")),
        Executors.newSingleThreadScheduledExecutor(named("ferris-storage-retry-")));
  }

  private StorageResources(
      long blockCacheBytes,
      Executor flushes,
      Executor compactions,
      @Nullable ScheduledExecutorService retries) {
    this.blockCache = new ClockBlockCache(blockCacheBytes);
    this.tableCache = new TableCache(blockCache, MAX_OPEN_TABLES);
    this.flushes = flushes;
    this.compactions = compactions;
    this.retries = retries;
  }

  /**
   * Resources without threads: flushes and compactions run inside the write that makes them due, so
   * that the same calls always do the same file operations in the same order. Failed background
   * work is tried again by the next write or flush that needs it.
   */
  public static StorageResources inline(long blockCacheBytes) {
    return new StorageResources(blockCacheBytes, Runnable::run, Runnable::run, null);
  }

  private static ThreadFactory named(String prefix) {
    return Thread.ofPlatform().daemon().name(prefix, 0).factory();
  }

  TableCache tables() {
    return tableCache;
  }

  /** Bytes of blocks in the cache now. */
  public long blockCacheUsedBytes() {
    return blockCache.bytes();
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
