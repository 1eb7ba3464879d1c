package org.ferrisdb.storage;

import java.util.List;

/**
 * An engine's shape at an instant.
 *
 * @param memtableBytes bytes held by the mutable and the immutable memtables
 * @param immutableMemtables memtables that wait for their flush
 * @param levelTables tables per level, from level 0
 * @param levelBytes bytes per level, from level 0
 * @param flushes flushes since open
 * @param compactions compactions since open
 * @param stallNanos time writers have waited for flush or compaction since open
 * @param backgroundError why the WAL, the flush or the compaction fails at the moment, empty when
 *     none does; writes are refused as soon as they would have to wait for what fails
 */
public record EngineStats(
    long memtableBytes,
    int immutableMemtables,
    List<Integer> levelTables,
    List<Long> levelBytes,
    long flushes,
    long compactions,
    long stallNanos,
    String backgroundError) {}
