package org.ferrisdb.storage.compaction;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    /** A value file is mostly garbage, and this is one of the tables that refer to it. */
    VALUES,
    /** Somebody asked. */
    MANUAL;

    /** Whether no reader or writer waits for it: it frees space where no level is due. */
    public boolean isIdleWork() {
      return this == GARBAGE || this == RANGES || this == SHARED || this == VALUES;
    }
  }

  /** All inputs. */
  public Stream<TableMetadata> inputs() {
    return Stream.concat(upper.stream(), lower.stream());
  }

  /** The numbers of all inputs. */
  public Set<Long> numbers() {
    return inputs().map(TableMetadata::number).collect(Collectors.toSet());
  }

  /** No key of the inputs, and so none of what is written, is before this one. */
  public byte[] smallest() {
    return inputs().map(TableMetadata::smallest).min(Arrays::compareUnsigned).orElseThrow();
  }

  /** All keys of the inputs are before this one. */
  public byte[] end() {
    return inputs().map(TableMetadata::end).max(Arrays::compareUnsigned).orElseThrow();
  }

  /** Whether there is nothing to merge and nothing to drop: see {@link CompactionPicker#isMove}. */
  boolean isMoveByShape() {
    return switch (reason) {
      case SIZE, RANGES -> level > 0 && upper.size() == 1 && lower.isEmpty();
      case LEVEL0 -> lower.isEmpty() && areDisjoint(upper); // what was written in order of its keys
      default -> false;
    };
  }

  private static boolean areDisjoint(List<TableMetadata> tables) {
    List<TableMetadata> sorted =
        tables.stream()
            .sorted((a, b) -> Arrays.compareUnsigned(a.smallest(), b.smallest()))
            .toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (Arrays.compareUnsigned(sorted.get(i - 1).end(), sorted.get(i).smallest()) > 0) {
        return false;
      }
    }
    return true;
  }
}
