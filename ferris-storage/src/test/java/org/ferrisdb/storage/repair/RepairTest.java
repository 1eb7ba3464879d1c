package org.ferrisdb.storage.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.inspect.Verifier;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.repair.RepairPlan.Remedy;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An engine without its manifest comes back with all that was in it. */
final class RepairTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final StorageOptions OPTIONS =
      new StorageOptions(Durability.WAL, 4_000, 200, 3_000, 20_000, 3, 12, MemtableKind.TRIE)
          .withValuesApartFrom(40);

  private final FaultyFileSystem files = new FaultyFileSystem();
  private final EngineModel model = new EngineModel();
  private long timestamp = 1;

  private static StorageEngine open(FaultyFileSystem disk) {
    return StorageEngine.open(disk, HOME, OPTIONS, StorageResources.inline(1 << 20));
  }

  /** Flushes, compactions in several levels, a WAL that is not flushed, versions written twice. */
  private void write(Random random, int batches) {
    try (StorageEngine engine = open(files)) {
      for (int i = 0; i < batches; i++) {
        timestamp += random.nextInt(2);
        WriteBatch batch = new WriteBatch();
        byte[] key = EngineModel.bytes("key" + random.nextInt(60));
        if (random.nextInt(4) == 0) {
          batch.delete(key, timestamp++);
          if (i % 7 == 0) {
            byte[] from = EngineModel.bytes("key" + (10 + random.nextInt(40)));
            batch.deleteRange(from, EngineModel.bytes("key5" + random.nextInt(10)), timestamp++);
          }
        } else {
          batch.put(key, timestamp++, EngineModel.bytes("v" + i + "~".repeat(random.nextInt(60))));
        }
        engine.write(batch);
        model.apply(batch);
        if (random.nextInt(200) == 0) {
          engine.compact();
        }
      }
    }
  }

  private String manifest(FaultyFileSystem disk) throws IOException {
    return disk.list(HOME).stream().filter(n -> n.startsWith("MANIFEST")).findFirst().orElseThrow();
  }

  private void assertRight(FaultyFileSystem disk) throws IOException {
    assertThat(Verifier.verify(disk, HOME, _ -> {}).problems()).isZero();
    try (StorageEngine engine = open(disk)) {
      for (long at : new long[] {timestamp / 3, timestamp / 2, Long.MAX_VALUE}) {
        model.assertSame(engine, at);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"MANIFEST", "both", "damaged"})
  void everything_comes_back_without_the_manifest(String lost) throws IOException {
    Random random = Seeds.random("repair " + lost, 17);
    for (int round = 0; round < 20; round++) {
      RepairTest test = new RepairTest();
      test.write(random, 200 + random.nextInt(500));
      FaultyFileSystem disk = test.files;
      String manifest = manifest(disk);
      if (lost.equals("damaged")) {
        int length = disk.bytes(HOME.resolve(manifest)).length;
        disk.flip(HOME.resolve(manifest), 8L * (32 + random.nextInt(Math.min(60, length - 32))));
      } else {
        disk.delete(HOME.resolve(manifest));
        if (lost.equals("both")) {
          disk.delete(HOME.resolve("CURRENT"));
        }
      }
      assertThatThrownBy(() -> open(disk.copy())).isInstanceOf(StorageException.Corruption.class);
      RepairPlan plan = RepairPlan.of(disk, HOME);
      assertThat(plan.remedy()).isEqualTo(Remedy.REBUILD);
      Repair.Result expected = Repair.tryOut(disk, HOME, plan);
      Repair.Result result = Repair.run(disk, HOME, plan);
      assertThat(result.entries()).isEqualTo(expected.entries()).isPositive();
      assertThat(disk.list(HOME.resolve(Repair.LOST))).containsAll(result.moved());
      test.assertRight(disk);
      assertThat(RepairPlan.of(disk, HOME).remedy()).isEqualTo(Remedy.NOTHING);
    }
  }

  @Test
  void without_current_alone_it_is_pointed_to_the_manifest_and_nothing_else_changes()
      throws IOException {
    write(Seeds.random("repair current", 3), 400);
    List<String> before = files.list(HOME);
    assertThat(RepairPlan.of(files, HOME).remedy()).isEqualTo(Remedy.NOTHING);
    files.delete(HOME.resolve("CURRENT"));
    RepairPlan plan = RepairPlan.of(files, HOME);
    assertThat(plan.remedy()).isEqualTo(Remedy.RESTORE_CURRENT);
    var _ = Repair.run(files, HOME, plan);
    assertThat(files.list(HOME)).isEqualTo(before);
    assertRight(files);
  }

  /** A rebuild reads all versions whatever file they are in: an old WAL must not hide a table. */
  @Test
  void a_wal_that_was_flushed_already_does_not_bring_old_values_back() throws IOException {
    write(new Random(9), 30);
    FaultyFileSystem old = files.copy();
    write(new Random(10), 300);
    for (String name : old.list(HOME)) {
      if (name.endsWith(".wal") && !files.exists(HOME.resolve(name))) {
        try (var file = files.create(HOME.resolve(name))) {
          file.append(java.nio.ByteBuffer.wrap(old.bytes(HOME.resolve(name))));
        }
      }
    }
    files.delete(HOME.resolve(manifest(files)));
    var _ = Repair.run(files, HOME, RepairPlan.of(files, HOME));
    assertRight(files);
  }

  @Test
  void a_damaged_table_is_set_aside_and_the_rest_served() throws IOException {
    write(Seeds.random("repair table", 4), 600);
    String table =
        files.list(HOME).stream().filter(n -> n.endsWith(".sst")).findFirst().orElseThrow();
    files.flip(HOME.resolve(table), 8 * 50);
    RepairPlan plan = RepairPlan.of(files, HOME);
    assertThat(plan.remedy()).isEqualTo(Remedy.REBUILD);
    assertThat(plan.damaged()).containsExactly(table);
    var _ = Repair.run(files, HOME, plan);
    assertThat(files.list(HOME.resolve(Repair.LOST))).contains(table);
    assertThat(Verifier.verify(files, HOME, _ -> {}).problems()).isZero();
    try (StorageEngine engine = open(files)) {
      assertThat(
              EngineModel.scan(engine, null, null, Long.MAX_VALUE, StorageEngine.Direction.FORWARD))
          .isNotEmpty();
    }
  }

  /** The power goes at every operation of a repair; the next one finishes it. */
  @Test
  void a_crash_at_any_operation_of_a_repair_loses_nothing() throws IOException {
    write(Seeds.random("repair crash", 6), 300);
    files.delete(HOME.resolve(manifest(files)));
    files.syncDirectory(HOME);
    FaultyFileSystem probe = files.copy();
    long before = probe.operations();
    var _ = Repair.run(probe, HOME, RepairPlan.of(probe, HOME));
    long operations = probe.operations() - before;
    assertThat(operations).isGreaterThan(10);
    for (long at = 1; at <= operations; at++) {
      FaultyFileSystem disk = files.copy();
      disk.crashAt(disk.operations() + at);
      RepairPlan plan = RepairPlan.of(disk, HOME);
      assertThatThrownBy(() -> Repair.run(disk, HOME, plan)).as("crash at %d", at).isNotNull();
      disk.crash(new Random(at));
      RepairPlan again = RepairPlan.of(disk, HOME);
      var _ = Repair.run(disk, HOME, again);
      assertRight(disk);
    }
  }

  /**
   * The same where the manifest is whole, so that at first only what it names is read: of the files
   * that are moved away it must go first.
   */
  @Test
  void a_crash_of_a_repair_beside_a_whole_manifest_loses_no_more() throws IOException {
    write(Seeds.random("repair crash with values", 7), 300);
    open(files).close(); // nothing is in a log any more
    String name =
        files.list(HOME).stream().filter(n -> n.endsWith(".val")).findFirst().orElseThrow();
    files.flip(HOME.resolve(name), 8 * 20); // of its first value
    FaultyFileSystem probe = files.copy();
    long before = probe.operations();
    RepairPlan first = RepairPlan.of(probe, HOME);
    assertThat(first.manifest()).isNotNull();
    assertThat(Repair.run(probe, HOME, first).lost()).hasSize(1);
    List<String> expected = content(probe);
    long operations = probe.operations() - before;
    for (long at = 1; at < operations - 10; at++) {
      FaultyFileSystem disk = files.copy();
      disk.crashAt(disk.operations() + at);
      RepairPlan plan = RepairPlan.of(disk, HOME);
      try {
        var _ = Repair.run(disk, HOME, plan);
        continue; // it has fewer operations than those that opening the engine took as well
      } catch (IOException | RuntimeException e) {
        disk.crash(new Random(at));
      }
      var _ = Repair.run(disk, HOME, RepairPlan.of(disk, HOME));
      assertThat(content(disk)).as("crash at %d", at).isEqualTo(expected);
    }
  }

  private List<String> content(FaultyFileSystem disk) {
    List<String> content = new ArrayList<>();
    try (StorageEngine engine = open(disk)) {
      for (long at = 0; at <= timestamp; at += 7) {
        content.add(
            EngineModel.scan(engine, null, null, at, StorageEngine.Direction.FORWARD).toString());
      }
    }
    return content;
  }
}
