package org.ferrisdb.storage.manifest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.ferrisdb.storage.StorageException;

/**
 * Which tables make up the engine at an instant, level by level. Immutable.
 *
 * <p>Level 0 holds flushed memtables: their key ranges overlap, and they are listed newest first.
 * Every deeper level is one sorted run: its tables are disjoint and listed by key. Data moves only
 * downwards, so for any key what is in a higher level is newer.
 *
 * @param levels the tables of each level, {@link #LEVELS} of them
 */
public record Version(List<List<TableMetadata>> levels) {
  /** Level 0 and six deeper ones: each ten times larger, so enough for terabytes. */
  public static final int LEVELS = 7;

  private static final Comparator<TableMetadata> NEWEST_FIRST =
      Comparator.comparingLong(TableMetadata::number).reversed();
  private static final Comparator<TableMetadata> BY_KEY =
      (a, b) -> Arrays.compareUnsigned(a.smallest(), b.smallest());

  /** No tables. */
  public static Version empty() {
    return new Version(Collections.nCopies(LEVELS, List.of()));
  }

  /** This version after the edit. */
  public Version apply(VersionEdit edit) {
    List<List<TableMetadata>> result = new ArrayList<>();
    for (List<TableMetadata> level : levels) {
      result.add(new ArrayList<>(level));
    }
    for (VersionEdit.Removed removed : edit.removed()) {
      if (!result.get(removed.level()).removeIf(table -> table.number() == removed.number())) {
        throw new StorageException.Corruption(
            "manifest: removes table "
                + removed.number()
                + ", which level "
                + removed.level()
                + " does not have");
      }
    }
    for (VersionEdit.Added added : edit.added()) {
      result.get(added.level()).add(added.table());
    }
    for (int level = 0; level < LEVELS; level++) {
      result.get(level).sort(level == 0 ? NEWEST_FIRST : BY_KEY);
      requireDisjoint(level, result.get(level));
      result.set(level, List.copyOf(result.get(level)));
    }
    return new Version(List.copyOf(result));
  }

  private static void requireDisjoint(int level, List<TableMetadata> tables) {
    for (int i = 1; level > 0 && i < tables.size(); i++) {
      if (Arrays.compareUnsigned(tables.get(i - 1).end(), tables.get(i).smallest()) > 0) {
        throw new StorageException.Corruption(
            "manifest: tables "
                + tables.get(i - 1).number()
                + " and "
                + tables.get(i).number()
                + " of level "
                + level
                + " overlap");
      }
    }
  }

  /** The tables of a level. */
  public List<TableMetadata> level(int level) {
    return levels.get(level);
  }

  /** About how many bytes the tables of a level hold. */
  public long bytes(int level) {
    return levels.get(level).stream().mapToLong(TableMetadata::bytes).sum();
  }

  /** The tables of a level whose key ranges meet [from, to). */
  public List<TableMetadata> overlapping(int level, byte[] from, byte[] to) {
    return levels.get(level).stream().filter(table -> table.overlaps(from, to)).toList();
  }
}
