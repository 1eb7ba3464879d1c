package org.ferrisdb.storage;

import org.ferrisdb.storage.flow.IoLimiter;
import org.ferrisdb.storage.flow.MemtableBudget;

/**
 * How much the engines of a process may take together.
 *
 * @param blockCacheBytes budget of the block cache
 * @param memtableBytes limit of all memtables together: from three quarters of it the largest is
 *     flushed early, near it writers are slowed down, and at it they wait; {@link Long#MAX_VALUE}
 *     for none. A batch, and a step in which memtables grow, may go beyond it.
 * @param backgroundThreads platform threads for compaction, and as many again for flushes, which
 *     must not wait behind a compaction because writers wait for them
 * @param compactionBytesPerSecond what compactions may write; 0 for no limit, which is the default:
 *     the right rate depends on the disk, and one that is too low costs more than none
 */
public record ResourceOptions(
    long blockCacheBytes,
    long memtableBytes,
    int backgroundThreads,
    long compactionBytesPerSecond) {
  /** Without a limit for memtables or for compactions. */
  public static ResourceOptions of(long blockCacheBytes, int backgroundThreads) {
    return new ResourceOptions(
        blockCacheBytes, MemtableBudget.UNLIMITED, backgroundThreads, IoLimiter.UNLIMITED);
  }

  /** The same with that limit for all memtables together. */
  public ResourceOptions withMemtableBytes(long bytes) {
    return new ResourceOptions(blockCacheBytes, bytes, backgroundThreads, compactionBytesPerSecond);
  }

  /** The same with compactions held to that rate. */
  public ResourceOptions withCompactionBytesPerSecond(long rate) {
    return new ResourceOptions(blockCacheBytes, memtableBytes, backgroundThreads, rate);
  }
}
