package org.ferrisdb.storage.compaction;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.ferrisdb.storage.LevelCompression;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the next compaction: a pure function from the LSM's shape to a plan, so that a test can
 * show it any shape, and a person any decision.
 *
 * <p>Each level gets a score: tables over the trigger for level 0, bytes over the target for the
 * others, whose targets grow tenfold. The highest score of at least 1 wins. From level 0 all tables
 * go down at once, so that nothing older stays above. From a deeper level the table goes that drags
 * the fewest bytes of the next level along. If no level is due, a table that is mostly garbage is
 * rewritten in its place.
 */
public final class CompactionPicker {
  private static final int LEVEL_FACTOR = 10;

  private CompactionPicker() {}

  /**
   * The compaction that is most due, or null if none is.
   *
   * @param garbageFloor versions shadowed at this timestamp can be dropped
   */
  public static @Nullable CompactionPlan pick(
      Version version, long garbageFloor, StorageOptions options) {
    int level = mostDue(version, options);
    if (level < 0) {
      return pickGarbage(version, garbageFloor);
    }
    if (level == 0) {
      return down(version, CompactionPlan.Reason.LEVEL0, 0, version.level(0));
    }
    TableMetadata cheapest = cheapest(version, level);
    return down(version, CompactionPlan.Reason.SIZE, level, List.of(cheapest));
  }

  /**
   * The first step of compacting everything to the bottom, from that level on; null if none. At the
   * bottom tables are rewritten in their place, unless the steps before have written them: the
   * first run of old ones that no new one interrupts, since what comes out of it spans all of it.
   *
   * @param firstWritten tables of this number and above were written by these steps
   */
  public static @Nullable CompactionPlan pickManual(
      Version version, int fromLevel, long firstWritten) {
    List<TableMetadata> tables = version.level(fromLevel);
    if (tables.isEmpty()) {
      return null;
    }
    if (fromLevel == Math.max(1, deepest(version))) {
      List<TableMetadata> old =
          tables.stream()
              .dropWhile(table -> table.number() >= firstWritten)
              .takeWhile(table -> table.number() < firstWritten)
              .toList();
      return old.isEmpty()
          ? null
          : new CompactionPlan(CompactionPlan.Reason.MANUAL, fromLevel, fromLevel, old, List.of());
    }
    return down(version, CompactionPlan.Reason.MANUAL, fromLevel, tables);
  }

  /**
   * Whether the plan's one input can go down as it is, without being rewritten. What comes into the
   * deepest level is rewritten if that is compressed in another way than the levels above.
   */
  public static boolean isMove(CompactionPlan plan, Version version, LevelCompression compression) {
    return plan.isMoveByShape()
        && (compression.upper() == compression.bottom() || plan.outputLevel() != deepest(version));
  }

  /** The deepest level that has a table. */
  public static int deepest(Version version) {
    for (int level = Version.LEVELS - 1; level > 0; level--) {
      if (!version.level(level).isEmpty()) {
        return level;
      }
    }
    return 0;
  }

  private static int mostDue(Version version, StorageOptions options) {
    int due = -1;
    double highest = 1;
    for (int level = 0; level < Version.LEVELS - 1; level++) {
      double score = score(version, level, options);
      if (score >= highest && (due < 0 || score > highest)) {
        due = level;
        highest = score;
      }
    }
    return due;
  }

  /** How due a level is; 1 and above means now. */
  static double score(Version version, int level, StorageOptions options) {
    if (level == 0) {
      return (double) version.level(0).size() / options.l0CompactionTrigger();
    }
    double target = options.levelBaseBytes() * Math.pow(LEVEL_FACTOR, level - 1);
    return version.bytes(level) / target;
  }

  private static TableMetadata cheapest(Version version, int level) {
    return version.level(level).stream()
        .min(
            Comparator.<TableMetadata>comparingDouble(
                    table -> (double) overlappingBytes(version, level + 1, table) / table.bytes())
                .thenComparingLong(TableMetadata::number))
        .orElseThrow();
  }

  private static long overlappingBytes(Version version, int level, TableMetadata table) {
    return version.overlapping(level, table.smallest(), table.end()).stream()
        .mapToLong(TableMetadata::bytes)
        .sum();
  }

  private static CompactionPlan down(
      Version version, CompactionPlan.Reason reason, int level, List<TableMetadata> upper) {
    byte[] from = upper.getFirst().smallest();
    byte[] to = upper.getFirst().end();
    for (TableMetadata table : upper) {
      from = Arrays.compareUnsigned(table.smallest(), from) < 0 ? table.smallest() : from;
      to = Arrays.compareUnsigned(table.end(), to) > 0 ? table.end() : to;
    }
    return new CompactionPlan(
        reason, level, level + 1, upper, version.overlapping(level + 1, from, to));
  }

  /**
   * What can be had back although no level is due. A table whose versions all lie at or below the
   * floor keeps one version a key, and none where that is a tombstone with nothing beneath: it is
   * rewritten once a quarter of it can go. Range tombstones go down until they have nothing beneath
   * them, for what they hide is lower than they are. And of a file that two engines share, the rest
   * is freed by rewriting the smaller part. Afterwards nothing of that kind is left in the table,
   * so this comes to an end.
   */
  private static @Nullable CompactionPlan pickGarbage(Version version, long garbageFloor) {
    if (version.level(0).stream().anyMatch(table -> hasOldRanges(table, garbageFloor))) {
      return down(version, CompactionPlan.Reason.RANGES, 0, version.level(0));
    }
    for (int level = 1; level < Version.LEVELS; level++) {
      for (TableMetadata table : version.level(level)) {
        CompactionPlan plan = pickGarbage(version, garbageFloor, level, table);
        if (plan != null) {
          return plan;
        }
      }
    }
    return null;
  }

  private static boolean hasOldRanges(TableMetadata table, long garbageFloor) {
    return table.properties().ranges() > 0 && table.properties().maxTimestamp() <= garbageFloor;
  }

  private static @Nullable CompactionPlan pickGarbage(
      Version version, long garbageFloor, int level, TableMetadata table) {
    boolean old = table.properties().maxTimestamp() <= garbageFloor;
    boolean small = table.bounds() != null && 2 * table.bytes() < table.length();
    if (!old && !small) {
      return null; // most tables, and to look at what lies beneath takes time
    }
    boolean bottom = true;
    for (int below = level + 1; below < Version.LEVELS && bottom; below++) {
      bottom = version.overlapping(below, table.smallest(), table.end()).isEmpty();
    }
    if (hasOldRanges(table, garbageFloor) && !bottom) {
      return down(version, CompactionPlan.Reason.RANGES, level, List.of(table));
    }
    boolean garbage =
        hasOldRanges(table, garbageFloor)
            || (old && 4 * garbage(bottom, table) >= table.properties().entries());
    if (!garbage && !small) {
      return null;
    }
    CompactionPlan.Reason reason =
        garbage ? CompactionPlan.Reason.GARBAGE : CompactionPlan.Reason.SHARED;
    return new CompactionPlan(reason, level, level, List.of(table), List.of());
  }

  private static long garbage(boolean bottom, TableMetadata table) {
    long shadowed = table.properties().entries() - table.properties().keys();
    // A tombstone may itself be shadowed and counted twice; so count the larger, not the sum.
    return bottom ? Math.max(shadowed, table.properties().tombstones()) : shadowed;
  }
}
