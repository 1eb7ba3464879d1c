/**
 * The SSTable: an immutable, sorted file of entries.
 *
 * <p>A table is a run of blocks of a few KiB. To find a key: ask the Bloom filter whether it can be
 * here at all, search the index for the one block that could hold it, load that block (or find it
 * in its slot), search it, and ask the table's range tombstones whether they hide what was found.
 * {@link org.ferrisdb.storage.sstable.TableFormat} draws the file, {@code BlockBuilder} the block.
 * Nothing in a table ever changes, so readers share it without locks, and copying it is a hard
 * link.
 *
 * <p>Index, filter and range tombstones are in memory while the table is open. The index ({@code
 * TableIndex}) has beside its keys eight bytes of each as a number, so that a search goes through
 * one array; all bits of a key lie in one cache line of the filter ({@link
 * org.ferrisdb.storage.sstable.BloomFilter}).
 *
 * <p>Blocks are compressed one by one, and each says how ({@link
 * org.ferrisdb.storage.sstable.Compression}): so a reader needs no option, and tables of one engine
 * may differ.
 *
 * <p><b>Large values lie apart</b>, in value files beside the tables: what an entry has in their
 * place is a {@link org.ferrisdb.storage.sstable.ValueReference}, of some twenty bytes. A
 * compaction then moves references and leaves values where they are, and a scan of keys does not
 * read past values. {@link org.ferrisdb.storage.sstable.ValueFormat} draws the file; a table's
 * properties say what it has in which ({@link org.ferrisdb.storage.sstable.ValueUse}). To try it:
 * put a value of 10,000 bytes, {@code ./ferris inspect} the directory, then the table with {@code
 * --block 0}.
 *
 * <p>All versions of a user key are in one table of a level: {@code compaction} cuts tables only
 * between keys. The filter knows user keys, not versions, and nothing of range tombstones: these
 * are asked even when it says no.
 */
@NullMarked
package org.ferrisdb.storage.sstable;

import org.jspecify.annotations.NullMarked;
