/**
 * Reading many sorted sources as one.
 *
 * <p>A scan builds a small tower. At the bottom each memtable, each level-0 table and each deeper
 * level (through a {@code LevelIterator}) walks its own entries. A {@link
 * org.ferrisdb.storage.iterator.MergingIterator} interleaves them into one stream of all versions
 * of all keys. On top a {@link org.ferrisdb.storage.iterator.VisibleCursor} picks what a reader at
 * one timestamp may see. Compaction uses the same tower, without the top.
 */
@NullMarked
package org.ferrisdb.storage.iterator;

import org.jspecify.annotations.NullMarked;
