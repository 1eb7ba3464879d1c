package org.ferrisdb.storage;

import org.ferrisdb.storage.flow.Ticker;
import org.ferrisdb.storage.testing.Interleaving;

/**
 * Resources whose flushes run inline, and whose compactions run beside the script, in its turns.
 */
public final class InterleavedResources {
  private InterleavedResources() {}

  /** Nothing fails by itself later, and no time passes. */
  public static StorageResources of(long blockCacheBytes, int threads, Interleaving compactions) {
    return new StorageResources(
        ResourceOptions.of(blockCacheBytes, threads),
        Ticker.STILL,
        Runnable::run,
        compactions,
        null,
        compactions::help);
  }
}
