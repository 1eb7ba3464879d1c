package org.ferrisdb.storage;

import org.ferrisdb.storage.metrics.LatencyStats;

/**
 * What the engines of a process share, at an instant.
 *
 * @param blockCacheBytes bytes of blocks in the cache
 * @param blockCacheHits blocks that a get or a cursor found there since start
 * @param blockCacheMisses blocks that it had to read from a file since start
 * @param blockCacheEvictions blocks that left to make room for others since start
 * @param openTables tables that are open
 * @param memtableBytes bytes held by all memtables
 * @param memtableLimit their limit, {@link Long#MAX_VALUE} for none
 * @param walSync times of writing and syncing a WAL, of all engines; those in EXTERNAL_LOG mode
 *     have none
 */
public record ResourceStats(
    long blockCacheBytes,
    long blockCacheHits,
    long blockCacheMisses,
    long blockCacheEvictions,
    int openTables,
    long memtableBytes,
    long memtableLimit,
    LatencyStats walSync) {}
