package org.ferrisdb.storage;

/**
 * What all engines of a process share: block cache, flush and compaction threads. CONTRACT STUB.
 */
public final class StorageResources implements AutoCloseable {
  /**
   * @param blockCacheBytes budget of the block cache
   * @param backgroundThreads platform threads for flush and compaction
   */
  public StorageResources(long blockCacheBytes, int backgroundThreads) {}

  @Override
  public void close() {}
}
