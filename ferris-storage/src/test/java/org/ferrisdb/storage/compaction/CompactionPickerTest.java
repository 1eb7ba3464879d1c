package org.ferrisdb.storage.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.LevelCompression;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.sstable.ValueUse;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.Golden;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The picker as text. Commands: {@code shape}
 * L:number:from-to:bytes[:entries:tombstones:keys:maxTs[:ranges[:bytes in bounds]]] [+value
 * file=bytes used/bytes of values] ... sets the shape, both keys inclusive, {@code compress UPPER
 * BOTTOM} the compression, {@code running} REASON:L1[3]->L2[6] ... says what runs on it (from which
 * tables into which level, with which of its tables), {@code pick FLOOR} and {@code manual LEVEL
 * [FIRST WRITTEN]} ask, and {@code all FLOOR} picks as many as can run side by side. Level 1 is
 * meant to hold 1,000 bytes, level 2 ten times that; three tables in level 0 are due.
 */
final class CompactionPickerTest {
  private static final Pattern RUNNING =
      Pattern.compile("([A-Z0-9]+):L(\\d)\\[([\\d,]*)]->L(\\d)\\[([\\d,]*)]");

  private static final StorageOptions OPTIONS =
      new StorageOptions(Durability.WAL, 100, 100, 400, 1_000, 3, 12, MemtableKind.TRIE);

  private Version version = Version.empty();
  private LevelCompression compression = LevelCompression.LZ4;
  private RunningCompactions running = RunningCompactions.NONE;

  @Test
  void picks_as_the_script_says() {
    Golden.script(
        "compaction-picker.txt",
        words ->
            switch (words.getFirst()) {
              case "shape" -> shape(words.subList(1, words.size()));
              case "running" -> run(words.subList(1, words.size()));
              case "pick" -> show(pick(Long.parseLong(words.get(1))));
              case "all" -> all(Long.parseLong(words.get(1)));
              case "manual" ->
                  show(
                      CompactionPicker.pickManual(
                          version,
                          Integer.parseInt(words.get(1)),
                          words.size() > 2 ? Long.parseLong(words.get(2)) : Long.MAX_VALUE));
              case "compress" -> {
                compression =
                    new LevelCompression(
                        Compression.valueOf(words.get(1)), Compression.valueOf(words.get(2)));
                yield "ok";
              }
              default -> throw new IllegalArgumentException(words.toString());
            });
  }

  private @Nullable CompactionPlan pick(long floor) {
    return CompactionPicker.pick(version, running, floor, OPTIONS);
  }

  /** As many as can run side by side. */
  private String all(long floor) {
    List<String> lines = new ArrayList<>();
    for (CompactionPlan plan = pick(floor); plan != null; plan = pick(floor)) {
      lines.add(show(plan));
      running = running.and(plan);
    }
    return lines.isEmpty() ? "nothing" : String.join("\n", lines);
  }

  private String run(List<String> plans) {
    running = RunningCompactions.NONE;
    for (String plan : plans) {
      Matcher parts = RUNNING.matcher(plan);
      if (!parts.matches()) {
        throw new IllegalArgumentException(plan);
      }
      int level = Integer.parseInt(parts.group(2));
      int output = Integer.parseInt(parts.group(4));
      running =
          running.and(
              new CompactionPlan(
                  CompactionPlan.Reason.valueOf(parts.group(1)),
                  level,
                  output,
                  tables(level, parts.group(3)),
                  tables(output, parts.group(5))));
    }
    return "ok";
  }

  private List<TableMetadata> tables(int level, String numbers) {
    Set<String> named = Set.of(numbers.split(",", -1));
    List<TableMetadata> found =
        version.level(level).stream()
            .filter(table -> named.contains(String.valueOf(table.number())))
            .toList();
    assertThat(found)
        .as("level %d has %s", level, numbers)
        .hasSize(numbers.isEmpty() ? 0 : named.size());
    return found;
  }

  private static ValueUse use(String text) {
    String[] part = text.split("[=/]", -1);
    long values = Long.parseLong(part[2]);
    return new ValueUse(Long.parseLong(part[0]), values + 100, values, Long.parseLong(part[1]));
  }

  private String shape(List<String> tables) {
    List<VersionEdit.Added> added = new ArrayList<>();
    for (String table : tables) {
      String[] words = table.split("\\+", -1);
      String[] part = words[0].split(":", -1);
      String[] range = part[2].split("-", -1);
      boolean detailed = part.length > 4;
      TableProperties properties =
          new TableProperties(
              detailed ? Long.parseLong(part[4]) : 10,
              detailed ? Long.parseLong(part[5]) : 0,
              part.length > 8 ? Long.parseLong(part[8]) : 0,
              detailed ? Long.parseLong(part[6]) : 10,
              1,
              detailed ? Long.parseLong(part[7]) : 50,
              EngineModel.bytes(range[0]),
              EngineModel.bytes(range[1] + "\0"),
              Arrays.stream(words).skip(1).map(CompactionPickerTest::use).toList());
      TableMetadata.Bounds bounds =
          part.length > 9 ? new TableMetadata.Bounds(KeyRange.ALL, Long.parseLong(part[9])) : null;
      added.add(
          new VersionEdit.Added(
              Integer.parseInt(part[0]),
              new TableMetadata(
                  Long.parseLong(part[1]), Long.parseLong(part[3]), properties, bounds)));
    }
    version =
        Version.empty().apply(new VersionEdit(1, 1, AppliedPosition.NONE, 0, List.of(), added));
    running = RunningCompactions.NONE;
    return "ok";
  }

  private String show(@Nullable CompactionPlan plan) {
    if (plan == null) {
      return "nothing";
    }
    return plan.reason()
        + (CompactionPicker.isMove(plan, version, compression) ? " move" : "")
        + " L"
        + plan.level()
        + numbers(plan.upper())
        + " + L"
        + plan.outputLevel()
        + numbers(plan.lower())
        + " -> L"
        + plan.outputLevel();
  }

  private static String numbers(List<TableMetadata> tables) {
    return tables.stream()
        .map(table -> String.valueOf(table.number()))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
