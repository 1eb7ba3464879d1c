/**
 * Reading many sorted sources as one.
 *
 * <p>A scan builds a small tower. At the bottom each memtable, each level-0 table and each deeper
 * level (through a {@code LevelIterator}) walks its own entries. A {@link
 * org.ferrisdb.storage.iterator.MergingIterator} interleaves them into one stream of all versions
 * of all keys. On top a {@link org.ferrisdb.storage.iterator.VisibleCursor} picks what a reader at
 * one timestamp may see. Compaction uses the same tower, without the top.
 *
 * <p>Only moves go down the tower, one call a floor. What the source at its bottom then stands on
 * is an {@link org.ferrisdb.storage.key.Entry}, whose fields all floors read: asked for each of
 * them, floor by floor, an entry of a scan cost thirty calls, and which of those the compiler made
 * cheap depended on what it had seen before.
 *
 * <p>Of a file that two engines share, each walks its own part, through a {@link
 * org.ferrisdb.storage.iterator.BoundedIterator}. Range tombstones are no entries of the stream:
 * whoever builds the tower gathers those of all sources beforehand, for the cursor to hide, or a
 * compaction to drop, what they cover.
 */
@NullMarked
package org.ferrisdb.storage.iterator;

import org.jspecify.annotations.NullMarked;
