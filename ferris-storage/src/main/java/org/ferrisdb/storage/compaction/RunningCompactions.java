package org.ferrisdb.storage.compaction;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.ferrisdb.storage.manifest.TableMetadata;

/**
 * What the compactions of one engine that run at this moment have taken of the tree. Another may
 * run beside them if it {@linkplain #conflictsWith conflicts} with none, in the rules of LevelDB's
 * descendants:
 *
 * <ol>
 *   <li><b>A table is an input of one compaction at most.</b> Else both would write its entries,
 *       and the second to end would remove what is no longer there.
 *   <li><b>Two compactions do not write overlapping ranges of keys into one level.</b> Their
 *       outputs would overlap, and the level would be no sorted run. A compaction's range is that
 *       of all its inputs, with the gaps between them: a table that is written may span these.
 *   <li><b>One compaction at a time goes out of level 0.</b> Its tables overlap, so one of them
 *       that overtook an older one would put what is newer below what is older.
 * </ol>
 *
 * <p><b>What lies beneath.</b> A compaction drops a tombstone if the levels below its output hold
 * nothing of the key, and it asks the version it was planned on, however much runs beside it. That
 * is right as long as nothing older than its inputs can come to lie below its output from anywhere
 * else, and it can not:
 *
 * <ul>
 *   <li>What is older lies in its inputs, or below its output level. There is nothing older above,
 *       since from level 0 everything goes at once (and nothing else goes meanwhile, rule 3), and
 *       nothing in the output level beside it, since all tables there that meet its range are
 *       inputs. A plan may therefore never leave out a table because another compaction has it:
 *       that other one may be about to move older data below. It must wait.
 *   <li>What lies below its output level at the time of the plan is seen there by the plan's
 *       version. Others only move it further down.
 *   <li>What comes into the tree meanwhile, by a flush or an ingestion, is newer, and comes above
 *       everything that it overlaps.
 * </ul>
 *
 * <p>A version that is older than the tree errs to the safe side: it may show what is gone below,
 * and then a tombstone is kept that need not be. Immutable.
 *
 * @param plans of the compactions
 */
public record RunningCompactions(List<CompactionPlan> plans) {
  /** Nothing runs. */
  public static final RunningCompactions NONE = new RunningCompactions(List.of());

  public RunningCompactions {
    plans = List.copyOf(plans);
  }

  /** Whether the compaction must wait for one of these. */
  public boolean conflictsWith(CompactionPlan plan) {
    return plans.stream().anyMatch(other -> conflict(other, plan));
  }

  private static boolean conflict(CompactionPlan a, CompactionPlan b) {
    boolean bothOutOfLevel0 = a.level() == 0 && b.level() == 0;
    return bothOutOfLevel0
        || (a.outputLevel() == b.outputLevel() && overlap(a, b))
        || shareTables(a, b);
  }

  private static boolean overlap(CompactionPlan a, CompactionPlan b) {
    return Arrays.compareUnsigned(a.smallest(), b.end()) < 0
        && Arrays.compareUnsigned(b.smallest(), a.end()) < 0;
  }

  private static boolean shareTables(CompactionPlan a, CompactionPlan b) {
    Set<Long> numbers = new HashSet<>(a.numbers());
    numbers.retainAll(b.numbers());
    return !numbers.isEmpty();
  }

  /** These and one more. */
  public RunningCompactions and(CompactionPlan plan) {
    List<CompactionPlan> more = new ArrayList<>(plans);
    more.add(plan);
    return new RunningCompactions(more);
  }

  /** The numbers of all their inputs. */
  Set<Long> numbers() {
    Set<Long> numbers = new HashSet<>();
    plans.forEach(plan -> numbers.addAll(plan.numbers()));
    return numbers;
  }

  /** Whether one of them is work that no level is due for. */
  boolean hasIdleWork() {
    return plans.stream().anyMatch(plan -> plan.reason().isIdleWork());
  }

  /** The tables that none of them has. */
  List<TableMetadata> free(List<TableMetadata> tables) {
    if (plans.isEmpty()) {
      return tables;
    }
    Set<Long> taken = numbers();
    return tables.stream().filter(table -> !taken.contains(table.number())).toList();
  }
}
