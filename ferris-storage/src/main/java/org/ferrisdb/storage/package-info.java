/**
 * The storage engine: an embedded, multi-version key-value store on a log-structured merge tree.
 *
 * <p>Start at {@link org.ferrisdb.storage.StorageEngine}. What callers pass and get is here: {@link
 * org.ferrisdb.storage.WriteBatch}, {@link org.ferrisdb.storage.Versioned}, {@link
 * org.ferrisdb.storage.EntryCursor}, {@link org.ferrisdb.storage.TableBuilder} for tables that are
 * made outside, and {@link org.ferrisdb.storage.StorageException} with its kinds. The parts that
 * the engine wires are here too, not public: {@code CommitPipeline} takes a batch to WAL and
 * memtable, {@code WriteThrottle} has it wait where it must, {@code Tree} is what readers see,
 * {@code BackgroundWork} flushes and compacts, {@code VersionSet} keeps the manifest, {@code
 * Recovery} opens and {@code Replay} fills memtables from the WAL, {@code Checkpointer} copies,
 * {@code Excision} and {@code Ingestion} take tables out and in without rewriting them.
 *
 * <p>The packages below are layers; each uses only those to its left:
 *
 * <pre>
 * {io, metrics} &lt;- {key, flow} &lt;- {wal, memtable, sstable} &lt;- manifest &lt;- {cache, iterator}
 *     &lt;- compaction &lt;- inspect &lt;- repair
 * </pre>
 *
 * <p>The last two are no part of a running engine: {@code inspect} shows and verifies its files,
 * {@code repair} rebuilds a manifest that is lost.
 *
 * <p>The whole chapter, with one write and one read followed through, pictures, and commands to
 * try, is {@code docs/storage.md}.
 */
@NullMarked
package org.ferrisdb.storage;

import org.jspecify.annotations.NullMarked;
