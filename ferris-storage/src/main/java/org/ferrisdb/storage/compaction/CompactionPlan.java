package org.ferrisdb.storage.compaction;

import java.util.List;
import org.ferrisdb.storage.manifest.TableMetadata;

/**
 * What a compaction is to do.
 *
 * @param reason why, for people
 * @param level where the upper inputs are
 * @param outputLevel where the result goes: the same level or the next
 * @param upper tables of {@code level}; newest first if that is level 0
 * @param lower tables of {@code outputLevel} that overlap them; empty if the levels are the same
 */
public record CompactionPlan(
    Reason reason,
    int level,
    int outputLevel,
    List<TableMetadata> upper,
    List<TableMetadata> lower) {
  /** Why a compaction is due. */
  public enum Reason {
    /** Level 0 has many tables, and every read looks into each. */
    LEVEL0,
    /** A deeper level is larger than its target. */
    SIZE,
    /** A table consists largely of versions that nobody can see any more. */
    GARBAGE,
    /** A table's range tombstones hide nothing but what lies deeper. */
    RANGES,
    /** Less than half of a file that another engine shares belongs to this one. */
    SHARED,
    /** Somebody asked. */
    MANUAL
  }

  /** Whether there is nothing to merge and nothing to drop: see {@link CompactionPicker#isMove}. */
  boolean isMoveByShape() {
    return (reason == Reason.SIZE || reason == Reason.RANGES)
        && level > 0
        && upper.size() == 1
        && lower.isEmpty();
  }
}
