/**
 * The SSTable: an immutable, sorted file of entries.
 *
 * <p>A table is a run of blocks of a few KiB. To find a key: ask the Bloom filter whether it can be
 * here at all, search the index for the one block that could hold it, load that block (or find it
 * in its slot), search it. {@link org.ferrisdb.storage.sstable.TableFormat} draws the file, {@code
 * BlockBuilder} the block. Nothing in a table ever changes, so readers share it without locks, and
 * copying it is a hard link.
 *
 * <p>All versions of a user key are in one table of a level: {@code compaction} cuts tables only
 * between keys. The filter knows user keys, not versions.
 */
@NullMarked
package org.ferrisdb.storage.sstable;

import org.jspecify.annotations.NullMarked;
