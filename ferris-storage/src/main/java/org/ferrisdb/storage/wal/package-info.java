/**
 * The write-ahead log: what makes a write durable before it is in a table.
 *
 * <p>A memtable dies with its process. So in {@code Durability.WAL} every batch is first appended
 * to a log file and synced, and only then applied and acknowledged; after a crash the log is
 * replayed. Many waiting batches share one sync ("group commit"), since the sync is what costs.
 * When a memtable is frozen the log rotates with it, so that a flushed memtable frees exactly its
 * files. Nobody waits for a sync then; a file whose first batch is synced says in a {@code LINK}
 * record that all before it is durable.
 *
 * <p>{@link org.ferrisdb.storage.wal.RecordFormat} draws the bytes, {@link
 * org.ferrisdb.storage.wal.RecordReader} holds the rule that tells a torn tail (the normal trace of
 * a crash) from damage to acknowledged data (never served). The manifest is a file of the same
 * records.
 *
 * <p>A record is a whole batch, its range tombstones included ({@link
 * org.ferrisdb.storage.wal.BatchRecord}), so it is replayed whole or not at all. A batch that is
 * written without a sync survives the process; a power loss takes an end of what was not synced,
 * never a batch from the middle.
 */
@NullMarked
package org.ferrisdb.storage.wal;

import org.jspecify.annotations.NullMarked;
