/**
 * Rebuilds an engine whose manifest is lost or damaged from what is left: {@code ./ferris repair}.
 *
 * <p>{@link org.ferrisdb.storage.repair.RepairPlan} looks and decides, and changes nothing; {@link
 * org.ferrisdb.storage.repair.Repair} does it.
 *
 * <p><b>Why not put all tables into level 0?</b> A read stops at the first level, and in level 0 at
 * the newest table, that knows the key. Which table is newer was said by the manifest alone:
 * numbers do not tell, since the output of a compaction has a higher number than a flush that came
 * while the compaction ran, and a WAL file may have been flushed already. So all that can be read,
 * of tables and of WAL files, is merged by key and timestamp into one sorted run. That needs no
 * order between the sources, since a key's timestamps never decrease: with one exception, a version
 * (key and timestamp) that was written twice with different values, where the order of the sources
 * decides; how often that happened is counted and told.
 */
@NullMarked
package org.ferrisdb.storage.repair;

import org.jspecify.annotations.NullMarked;
