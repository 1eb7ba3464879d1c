package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ferrisdb.storage.StorageEngine.CheckpointFile;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.compaction.ValuePlacement;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.Verifier;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.repair.Repair;
import org.ferrisdb.storage.repair.RepairPlan;
import org.ferrisdb.storage.sstable.ValueUse;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Large values lie in value files: what that saves, what it must not cost, and how it ends. */
final class ValuesApartTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final int APART = 200;
  private static final StorageOptions OPTIONS =
      new StorageOptions(Durability.WAL, 40_000, 500, 8_000, 20_000, 3, 12, MemtableKind.TRIE)
          .withValuesApartFrom(APART);

  private final FaultyFileSystem files = new FaultyFileSystem();
  private final StorageResources resources = Leaks.inline(1 << 20);
  private long clock;

  private StorageEngine open(StorageOptions options) {
    return StorageEngine.open(files, HOME, options, resources);
  }

  /** A value that no compression makes smaller, told apart from others by its seed. */
  private static byte[] value(long seed, int length) {
    byte[] value = new byte[length];
    new Random(seed).nextBytes(value);
    return value;
  }

  private static byte[] key(int number) {
    return EngineModel.bytes("key%05d".formatted(number));
  }

  private void put(StorageEngine engine, int number, byte[] value) {
    engine.write(new WriteBatch().put(key(number), ++clock, value));
  }

  private static byte @Nullable [] get(StorageEngine engine, int number) {
    Versioned found = engine.get(key(number), Long.MAX_VALUE);
    return found == null || found.isTombstone() ? null : found.value();
  }

  private DurableState state() throws IOException {
    return Manifest.load(files, HOME, Manifest.current(files, HOME));
  }

  private List<String> valueFiles() throws IOException {
    return files.list(HOME).stream().filter(name -> name.endsWith(".val")).sorted().toList();
  }

  private List<String> verify() throws IOException {
    List<String> found = new ArrayList<>();
    Verifier.Report _ = Verifier.verify(files, HOME, f -> found.add(f.kind() + " " + f.file()));
    return found;
  }

  @Test
  void values_of_the_length_that_the_options_say_lie_apart_and_are_found() throws IOException {
    try (StorageEngine engine = open(OPTIONS)) {
      for (int length : new int[] {0, 1, APART - 1, APART, APART + 1, 20_000}) {
        put(engine, length, value(length, length));
      }
      engine.flush();
      assertThat(engine.stats().values().files()).isEqualTo(1);
      assertThat(engine.stats().values().usedBytes()).isBetween(20_401L, 20_450L);
      for (int length : new int[] {0, 1, APART - 1, APART, APART + 1, 20_000}) {
        assertThat(get(engine, length)).as("%d", length).isEqualTo(value(length, length));
      }
      for (Direction direction : Direction.values()) {
        try (EntryCursor cursor = engine.cursor(null, null, Long.MAX_VALUE, direction)) {
          int entries = 0;
          while (cursor.next()) {
            byte[] value = cursor.value();
            assertThat(cursor.key()).isEqualTo(key(value.length));
            assertThat(value).isEqualTo(value(value.length, value.length));
            Arrays.fill(value, (byte) 7); // it is a copy
            entries++;
          }
          assertThat(entries).isEqualTo(6);
        }
      }
      assertThat(get(engine, 20_000)).isEqualTo(value(20_000, 20_000));
    }
    assertThat(verify()).isEmpty();
  }

  /** Overwritten again and again at random, as many bytes as with their keys are written once. */
  @Test
  void a_value_is_written_less_often_than_with_its_key() {
    double apart = writeAmplification(OPTIONS);
    double together = writeAmplification(OPTIONS.withValuesApartFrom(Integer.MAX_VALUE));
    System.out.printf("write amplification: apart %.2f, together %.2f%n", apart, together);
    assertThat(apart).isLessThan(0.75 * together);
  }

  private double writeAmplification(StorageOptions options) {
    FaultyFileSystem disk = new FaultyFileSystem();
    Random random = Seeds.random("overwrites", 5);
    try (StorageEngine engine = StorageEngine.open(disk, HOME, options, resources)) {
      for (int i = 1; i <= 2_400; i++) {
        engine.writeUnsynced(new WriteBatch().put(key(random.nextInt(400)), i, value(i, 1_000)));
        engine.raiseGarbageFloor(i);
      }
      return engine.stats().work().writeAmplification();
    }
  }

  /** What bounds how far a scan jumps about. */
  @Test
  void a_table_refers_to_few_old_files_and_no_space_is_lost_for_good() throws IOException {
    Random random = Seeds.random("garbage", 6);
    try (StorageEngine engine = open(OPTIONS)) {
      for (int i = 0; i < 3_000; i++) {
        put(engine, random.nextInt(300), value(i, 400));
        engine.raiseGarbageFloor(clock);
      }
      engine.flush();
      long live = 300 * 400;
      assertThat(engine.stats().values().bytes()).isLessThan(3 * live);
      for (List<TableMetadata> level : state().version().levels()) {
        for (TableMetadata table : level) {
          assertThat(table.properties().values())
              .hasSizeLessThanOrEqualTo(ValuePlacement.MAX_FILES + 1);
        }
      }
      // Nothing is due any more, so no file is mostly garbage.
      assertThat(ValueFiles.of(state().version()).worst()).isNull();
      for (int i = 0; i < 300; i++) {
        engine.write(new WriteBatch().delete(key(i), ++clock));
      }
      engine.raiseGarbageFloor(clock);
      engine.compact();
      assertThat(engine.stats().values()).isEqualTo(ValueStats.NONE);
    }
    assertThat(valueFiles()).isEmpty();
  }

  @Test
  void what_is_compacted_by_hand_lies_in_the_order_of_its_keys() throws IOException {
    try (StorageEngine engine = open(OPTIONS)) {
      for (int round = 0; round < 4; round++) {
        for (int i = round; i < 200; i += 4) {
          put(engine, i, value(i, 300));
        }
        engine.flush();
      }
      engine.compact();
      for (TableMetadata table : tables()) {
        assertThat(table.properties().values()).hasSize(1);
      }
      for (int i = 0; i < 200; i++) {
        assertThat(get(engine, i)).isEqualTo(value(i, 300));
      }
    }
    assertThat(verify()).isEmpty();
  }

  private List<TableMetadata> tables() throws IOException {
    return state().version().levels().stream().flatMap(List::stream).toList();
  }

  @Test
  void options_may_change_and_values_move_when_they_are_compacted() throws IOException {
    try (StorageEngine engine = open(OPTIONS)) {
      for (int i = 0; i < 50; i++) {
        put(engine, i, value(i, 300));
      }
      engine.flush();
    }
    try (StorageEngine engine = open(OPTIONS.withValuesApartFrom(Integer.MAX_VALUE))) {
      assertThat(engine.stats().values().files()).isPositive();
      engine.compact();
      assertThat(engine.stats().values().files()).isZero();
      assertThat(get(engine, 7)).isEqualTo(value(7, 300));
    }
    try (StorageEngine engine = open(OPTIONS.withValuesApartFrom(300))) {
      engine.compact();
      assertThat(engine.stats().values().files()).isPositive();
      assertThat(get(engine, 7)).isEqualTo(value(7, 300));
    }
    assertThat(verify()).isEmpty();
  }

  @Test
  void a_checkpoint_has_the_value_files_of_its_tables() throws IOException {
    Path copy = Path.of("/disk/copy");
    Path part = Path.of("/disk/part");
    try (StorageEngine engine = open(OPTIONS)) {
      for (int i = 0; i < 100; i++) {
        put(engine, i, value(i, 300));
        if (i % 25 == 24) {
          engine.flush();
        }
      }
      List<String> all =
          engine.checkpoint(copy).files().stream().map(CheckpointFile::name).toList();
      assertThat(all).containsAll(valueFiles());
      KeyRange range = new KeyRange(key(80), null);
      List<String> few =
          engine.checkpoint(part, range).files().stream().map(CheckpointFile::name).toList();
      assertThat(few.stream().filter(name -> name.endsWith(".val"))).hasSize(1);
      engine.excise(range, new AppliedPosition(1, ++clock));
      engine.compact();
      assertThat(get(engine, 79)).isEqualTo(value(79, 300));
      assertThat(get(engine, 80)).isNull();
    }
    try (StorageEngine engine = StorageEngine.open(files, copy, OPTIONS, resources)) {
      for (int i = 0; i < 100; i++) {
        assertThat(get(engine, i)).isEqualTo(value(i, 300));
      }
    }
    try (StorageEngine engine = StorageEngine.open(files, part, OPTIONS, resources)) {
      assertThat(get(engine, 79)).isNull();
      assertThat(get(engine, 80)).isEqualTo(value(80, 300));
      engine.compact();
      assertThat(get(engine, 99)).isEqualTo(value(99, 300));
    }
  }

  @Test
  void a_table_whose_values_lie_apart_is_not_ingested() throws IOException {
    try (StorageEngine engine = open(OPTIONS)) {
      put(engine, 1, value(1, 300));
      engine.flush();
      Path table =
          HOME.resolve(
              files.list(HOME).stream().filter(n -> n.endsWith(".sst")).findFirst().orElseThrow());
      assertThatThrownBy(() -> engine.ingest(List.of(table), new AppliedPosition(1, 1)))
          .isInstanceOf(StorageException.Refused.class)
          .hasMessageContaining("value files");
    }
  }

  /** Two whole value files that were exchanged for each other are no answer. */
  @Test
  void a_reference_that_leads_to_another_value_is_corruption() throws IOException {
    for (int i = 0; i < 2; i++) {
      try (StorageEngine engine = open(OPTIONS)) {
        put(engine, i, value(i, 300));
        engine.flush();
      }
    }
    List<String> names = valueFiles();
    assertThat(names).hasSize(2);
    byte[] first = files.bytes(HOME.resolve(names.get(0)));
    byte[] second = files.bytes(HOME.resolve(names.get(1)));
    files.replace(HOME.resolve(names.get(0)), second);
    files.replace(HOME.resolve(names.get(1)), first);
    try (StorageEngine engine = open(OPTIONS)) {
      for (int i = 0; i < 2; i++) {
        int number = i;
        assertThatThrownBy(() -> get(engine, number))
            .isInstanceOf(StorageException.Corruption.class)
            .hasMessageContaining(".val")
            .hasMessageContaining("is not the one");
      }
      assertThatThrownBy(engine::compact).isInstanceOf(StorageException.Corruption.class);
    }
    assertThat(verify()).anyMatch(finding -> finding.startsWith("DAMAGED"));
  }

  @Test
  void damage_to_a_value_concerns_that_value_alone() throws IOException {
    try (StorageEngine engine = open(OPTIONS)) {
      for (int i = 0; i < 20; i++) {
        put(engine, i, value(i, 300));
      }
      engine.flush();
    }
    String name = valueFiles().getFirst();
    files.flip(HOME.resolve(name), 8L * (16 + 305 * 7 + 100)); // of the eighth value
    try (StorageEngine engine = open(OPTIONS)) {
      assertThatThrownBy(() -> get(engine, 7))
          .isInstanceOf(StorageException.Corruption.class)
          .hasMessageContaining(name)
          .hasMessageContaining("offset " + (16 + 305 * 7));
      assertThat(get(engine, 6)).isEqualTo(value(6, 300));
      assertThat(get(engine, 8)).isEqualTo(value(8, 300));
      try (EntryCursor cursor = engine.cursor(null, null, Long.MAX_VALUE, Direction.FORWARD)) {
        int keys = 0;
        int lost = 0;
        while (cursor.next()) {
          keys++;
          try {
            assertThat(cursor.value()).hasSize(300);
          } catch (StorageException.Corruption e) {
            lost++;
          }
        }
        assertThat(List.of(keys, lost)).isEqualTo(List.of(20, 1));
      }
    }
    assertThat(verify()).contains("DAMAGED " + name);
    RepairPlan plan = RepairPlan.of(files, HOME);
    assertThat(plan.remedy()).isEqualTo(RepairPlan.Remedy.REBUILD);
    assertThat(Repair.tryOut(files, HOME, plan).lost()).containsExactly("key00007 @8");
    assertThat(Repair.run(files, HOME, plan).lost()).containsExactly("key00007 @8");
    assertThat(verify()).isEmpty();
    try (StorageEngine engine = open(OPTIONS)) {
      assertThat(get(engine, 6)).isEqualTo(value(6, 300));
      assertThat(get(engine, 7)).isNull();
    }
  }

  @Test
  void a_value_file_that_is_lost_or_of_another_length_is_told() throws IOException {
    try (StorageEngine engine = open(OPTIONS)) {
      put(engine, 1, value(1, 300));
      engine.flush();
      put(engine, 2, value(2, 300));
      engine.flush();
    }
    String name = valueFiles().getFirst();
    FaultyFileSystem without = files.copy();
    without.delete(HOME.resolve(name));
    assertThatThrownBy(() -> StorageEngine.open(without, HOME, OPTIONS, resources))
        .isInstanceOf(StorageException.Corruption.class)
        .hasMessageContaining(name)
        .hasMessageContaining("missing");
    List<Finding> found = new ArrayList<>();
    Verifier.Report _ = Verifier.verify(without, HOME, found::add);
    assertThat(found.stream().map(f -> f.kind() + " " + f.file())).contains("MISSING " + name);
    RepairPlan plan = RepairPlan.of(without, HOME);
    assertThat(Repair.run(without, HOME, plan).lost()).containsExactly("key00001 @1");
    try (StorageEngine engine = StorageEngine.open(without, HOME, OPTIONS, resources)) {
      assertThat(get(engine, 2)).isEqualTo(value(2, 300));
    }
  }

  /** What a flush or a compaction that failed has written is no part of the engine, and goes. */
  @Test
  void value_files_of_what_failed_are_deleted() throws IOException {
    try (StorageEngine engine = open(OPTIONS)) {
      put(engine, 1, value(1, 300));
      files.beforeEach(what -> {
        if (what.startsWith("sync") && what.endsWith(".sst")) {
          throw new IllegalStateException("no table today");
        }
      });
      assertThatThrownBy(engine::flush).isInstanceOf(StorageException.class);
      files.beforeEach(what -> {});
      assertThat(valueFiles()).isEmpty();
      engine.flush();
      assertThat(valueFiles()).hasSize(1);
      List<ValueUse> uses = ValueFiles.of(state().version()).all();
      assertThat(uses).hasSize(1);
    }
  }
}
