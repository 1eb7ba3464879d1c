package org.ferrisdb.storage.compaction;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ferrisdb.storage.LevelCompression;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the next compaction: a pure function from the LSM's shape to a plan, so that a test can
 * show it any shape, and a person any decision.
 *
 * <p>Each level gets a score: tables over the trigger for level 0, bytes over the target for the
 * others, whose targets grow tenfold; values that lie apart do not count. The highest score of at
 * least 1 wins. From level 0 all tables go down at once, so that nothing older stays above. From a
 * deeper level the table goes that drags the fewest bytes of the next level along. If no level is
 * due, a table that is mostly garbage is rewritten in its place.
 *
 * <p><b>Beside others.</b> What compactions that run have as inputs does not count for the scores:
 * it is on its way. A plan that {@linkplain RunningCompactions conflicts} with one of them is not
 * chosen, but the next table of the level, or the next level. What a level wanted and did not get
 * is kept for it: less urgent work takes none of that, or level 0 could wait for level 1 for ever,
 * one small compaction after another. (RocksDB takes nothing from level 1 while level 0 waits; here
 * it is only what level 0 would need.) Where no level is due, one piece of work is enough.
 */
public final class CompactionPicker {
  private static final int LEVEL_FACTOR = 10;

  private CompactionPicker() {}

  /**
   * The compaction that is most due and conflicts with none that runs, or null if none is.
   *
   * @param running what other compactions of the engine have taken
   * @param garbageFloor versions shadowed at this timestamp can be dropped
   */
  public static @Nullable CompactionPlan pick(
      Version version, RunningCompactions running, long garbageFloor, StorageOptions options) {
    RunningCompactions taken = running;
    List<Integer> due = dueLevels(version, running, options);
    for (int level : due) {
      CompactionPlan best = null;
      for (List<TableMetadata> upper : candidates(version, running, level)) {
        CompactionPlan plan =
            down(
                version,
                level == 0 ? CompactionPlan.Reason.LEVEL0 : CompactionPlan.Reason.SIZE,
                level,
                upper);
        if (!taken.conflictsWith(plan)) {
          return plan;
        }
        best = best == null ? plan : best;
      }
      taken = best == null ? taken : taken.and(best);
    }
    return due.isEmpty() && !running.hasIdleWork()
        ? pickGarbage(version, running, garbageFloor)
        : null;
  }

  /** What could go down from a level that is due, the best first. */
  private static List<List<TableMetadata>> candidates(
      Version version, RunningCompactions running, int level) {
    return level == 0
        ? List.of(version.level(0)) // also what is on its way: the rest waits for it
        : cheapestFirst(version, running.free(version.level(level)), level).stream()
            .map(List::of)
            .toList();
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
   * Whether the plan's inputs can go down as they are, without being rewritten: one that meets no
   * other, or all of level 0 if they meet none, each other included, as they do when keys are
   * written in their order. What comes into the deepest level is rewritten if that is compressed in
   * another way than the levels above.
   */
  public static boolean isMove(CompactionPlan plan, Version version, LevelCompression compression) {
    int deepest = Math.max(1, deepest(version));
    return plan.isMoveByShape()
        && (compression.upper() == compression.bottom() || plan.outputLevel() != deepest);
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

  /** The levels that are due, the most due first. */
  private static List<Integer> dueLevels(
      Version version, RunningCompactions running, StorageOptions options) {
    double[] scores = new double[Version.LEVELS - 1];
    for (int level = 0; level < scores.length; level++) {
      scores[level] = score(level, running.free(version.level(level)), options);
    }
    return IntStream.range(0, scores.length)
        .filter(level -> scores[level] >= 1)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer level) -> -scores[level]))
        .toList();
  }

  /** How due a level is that has these tables; 1 and above means now. */
  private static double score(int level, List<TableMetadata> tables, StorageOptions options) {
    if (level == 0) {
      return (double) tables.size() / options.l0CompactionTrigger();
    }
    double target = options.levelBaseBytes() * Math.pow(LEVEL_FACTOR, level - 1);
    return tables.stream().mapToLong(TableMetadata::bytes).sum() / target;
  }

  private static List<TableMetadata> cheapestFirst(
      Version version, List<TableMetadata> tables, int level) {
    record Cost(TableMetadata table, double bytes) {}
    return tables.stream()
        .map(table ->
            new Cost(table, (double) overlappingBytes(version, level + 1, table) / table.bytes()))
        .sorted(
            Comparator.comparingDouble(Cost::bytes)
                .thenComparingLong(cost -> cost.table().number()))
        .map(Cost::table)
        .toList();
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
   *
   * <p>In level 0 nothing is rewritten in its place, where its new number would make it the newest:
   * all of it goes down.
   */
  private static @Nullable CompactionPlan pickGarbage(
      Version version, RunningCompactions running, long garbageFloor) {
    CompactionPlan level0 = pickLevel0Garbage(version, garbageFloor);
    if (level0 != null && !running.conflictsWith(level0)) {
      return level0;
    }
    for (int level = 1; level < Version.LEVELS; level++) {
      for (TableMetadata table : running.free(version.level(level))) {
        CompactionPlan plan = pickGarbage(version, garbageFloor, level, table);
        if (plan != null && !running.conflictsWith(plan)) {
          return plan;
        }
      }
    }
    return pickValues(version, running);
  }

  /**
   * A step towards the end of the value file with the largest share of garbage: rewrites one of the
   * tables that refer to it. Afterwards that table does not, so this comes to an end. One in level
   * 0 goes down with all of its level.
   */
  private static @Nullable CompactionPlan pickValues(Version version, RunningCompactions running) {
    ValueUse worst = ValueFiles.of(version).worst();
    if (worst == null) {
      return null;
    }
    if (version.level(0).stream().anyMatch(table -> refersTo(table, worst.file()))) {
      CompactionPlan plan = down(version, CompactionPlan.Reason.VALUES, 0, version.level(0));
      return running.conflictsWith(plan) ? null : plan;
    }
    for (int level = 1; level < Version.LEVELS; level++) {
      for (TableMetadata table : running.free(version.level(level))) {
        CompactionPlan plan =
            new CompactionPlan(
                CompactionPlan.Reason.VALUES, level, level, List.of(table), List.of());
        if (refersTo(table, worst.file()) && !running.conflictsWith(plan)) {
          return plan;
        }
      }
    }
    return null;
  }

  private static boolean refersTo(TableMetadata table, long valueFile) {
    return table.properties().values().stream().anyMatch(use -> use.file() == valueFile);
  }

  private static @Nullable CompactionPlan pickLevel0Garbage(Version version, long garbageFloor) {
    List<TableMetadata> tables = version.level(0);
    if (tables.stream().anyMatch(table -> hasOldRanges(table, garbageFloor))) {
      return down(version, CompactionPlan.Reason.RANGES, 0, tables);
    }
    if (tables.stream().anyMatch(CompactionPicker::isSmallPart)) {
      return down(version, CompactionPlan.Reason.SHARED, 0, tables);
    }
    return null;
  }

  /** Whether less than half of a shared file belongs to this engine. */
  private static boolean isSmallPart(TableMetadata table) {
    return table.bounds() != null && 2 * table.bytes() < table.length();
  }

  private static boolean hasOldRanges(TableMetadata table, long garbageFloor) {
    return table.properties().ranges() > 0 && table.properties().maxTimestamp() <= garbageFloor;
  }

  private static @Nullable CompactionPlan pickGarbage(
      Version version, long garbageFloor, int level, TableMetadata table) {
    boolean old = table.properties().maxTimestamp() <= garbageFloor;
    boolean small = isSmallPart(table);
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
