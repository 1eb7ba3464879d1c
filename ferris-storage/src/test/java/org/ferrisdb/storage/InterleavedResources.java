package org.ferrisdb.storage;

import java.util.concurrent.Executor;
import org.ferrisdb.storage.flow.Ticker;
import org.ferrisdb.storage.testing.Interleaving;

/** Resources whose background work gets on in the script's turns. */
public final class InterleavedResources {
  private InterleavedResources() {}

  /** Flushes and compactions run beside the script and each other. */
  public static StorageResources of(long blockCacheBytes, int threads, Interleaving tasks) {
    return of(blockCacheBytes, threads, tasks, tasks);
  }

  /** Flushes run inline, compactions beside the script and each other. */
  public static StorageResources ofCompactions(
      long blockCacheBytes, int threads, Interleaving tasks) {
    return of(blockCacheBytes, threads, Runnable::run, tasks);
  }

  /** Nothing fails by itself later, and no time passes. */
  private static StorageResources of(
      long blockCacheBytes, int threads, Executor flushes, Interleaving compactions) {
    return new StorageResources(
        ResourceOptions.of(blockCacheBytes, threads),
        Ticker.STILL,
        flushes,
        compactions,
        null,
        compactions::help);
  }
}
