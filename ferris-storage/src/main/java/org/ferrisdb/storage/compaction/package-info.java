/**
 * Keeping the tree in shape: when to merge which tables, and what may be thrown away.
 *
 * <p>Flushes pile tables up in level 0, where every read must look into each. Compaction merges
 * them into level 1, and from there level by level down, each ten times larger. On the way versions
 * that no reader can see any more disappear, and tombstones that have nothing beneath them to hide.
 * {@link org.ferrisdb.storage.compaction.CompactionPicker} decides, {@link
 * org.ferrisdb.storage.compaction.GarbageFilter} says what stays, and {@link
 * org.ferrisdb.storage.compaction.TableSequenceWriter} writes it down.
 *
 * <p>Several compactions of an engine run at a time. What they may not have in common, and why a
 * tombstone may be dropped although others move data, is said by {@link
 * org.ferrisdb.storage.compaction.RunningCompactions}.
 *
 * <p>Values that lie apart stay where they are, mostly: {@link
 * org.ferrisdb.storage.compaction.ValuePlacement} says when not.
 *
 * <p>Where no level is too large, there may be space to be had back: from tables that are mostly
 * garbage, from what range tombstones hide further down, from a file of which another engine has
 * the larger part, from value files that are mostly garbage ({@link
 * org.ferrisdb.storage.compaction.CompactionPlan.Reason}). A table that range tombstones hide as a
 * whole is dropped without being read.
 */
@NullMarked
package org.ferrisdb.storage.compaction;

import org.jspecify.annotations.NullMarked;
