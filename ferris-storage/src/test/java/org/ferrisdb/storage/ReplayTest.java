package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;

/** Recovery of a log that is many times as long as a memtable may be. */
final class ReplayTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final int BATCHES = 1_500;
  private static final long LARGE = 64 << 20;
  private static final long SMALL = 20_000;

  private final EngineModel model = new EngineModel();

  private int level0Trigger = 4;

  private StorageEngine open(
      FaultyFileSystem files, long memtableBytes, StorageResources resources) {
    StorageOptions options =
        new StorageOptions(
            Durability.WAL,
            memtableBytes,
            500,
            8_000,
            40_000,
            level0Trigger,
            200,
            MemtableKind.TRIE);
    return StorageEngine.open(files, HOME, options, resources);
  }

  /** A disk with an engine that was closed before it had flushed anything. */
  private FaultyFileSystem diskWithLog(long seed, int valueBytes) {
    FaultyFileSystem files = new FaultyFileSystem();
    Random random = new Random(seed);
    try (StorageEngine engine = open(files, LARGE, StorageResources.inline(1 << 20))) {
      for (int i = 1; i <= BATCHES; i++) {
        WriteBatch batch = new WriteBatch().at(new AppliedPosition(1, i));
        for (int j = random.nextInt(4); j >= 0; j--) {
          byte[] key = EngineModel.bytes("key" + random.nextInt(900) + "/" + j);
          if (random.nextInt(5) == 0) {
            batch.delete(key, i);
          } else {
            batch.put(
                key, i, EngineModel.bytes("value" + i + "-".repeat(random.nextInt(valueBytes))));
          }
        }
        engine.writeUnsynced(batch);
        model.apply(batch);
      }
      assertThat(engine.stats().flushes()).isZero();
    }
    return files;
  }

  private void checkHoldsAll(StorageEngine engine, String when) {
    assertThat(engine.appliedPosition().index()).as(when).isEqualTo(BATCHES);
    assertThat(engine.durablePosition().index()).as(when).isEqualTo(BATCHES);
    for (long timestamp : new long[] {Long.MAX_VALUE, BATCHES / 3}) {
      assertThat(EngineModel.scan(engine, null, null, timestamp, StorageEngine.Direction.FORWARD))
          .as(when)
          .isEqualTo(model.scan(null, null, timestamp, StorageEngine.Direction.FORWARD));
    }
  }

  private static boolean holdsLog(FaultyFileSystem files) throws Exception {
    return files.list(HOME).stream().anyMatch(name -> name.endsWith(".wal"));
  }

  /** The log is also longer than the pieces in which it is read, which memtables keep. */
  @Test
  void a_log_longer_than_many_memtables_ends_up_in_tables() throws Exception {
    FaultyFileSystem files = diskWithLog(Seeds.seed("replay", 7), 3_000);
    assertThat(holdsLog(files)).isTrue();
    try (StorageResources resources = new StorageResources(1 << 20, 2)) {
      try (StorageEngine engine = open(files, 10 * SMALL, resources)) {
        assertThat(engine.stats().flushes()).isGreaterThan(5);
        assertThat(engine.stats().memtableBytes()).isLessThan(SMALL);
        checkHoldsAll(engine, "replayed");
      }
      // The last thing that a flush does; closing waits for it.
      assertThat(holdsLog(files)).isFalse();
      try (StorageEngine engine = open(files, 10 * SMALL, resources)) {
        checkHoldsAll(engine, "opened again");
        engine.write(new WriteBatch().put(EngineModel.bytes("new"), BATCHES + 1, new byte[3]));
        assertThat(engine.get(EngineModel.bytes("new"), Long.MAX_VALUE)).isNotNull();
      }
    }
  }

  @Test
  void a_crash_anywhere_in_a_replay_only_means_another_replay() {
    long seed = Seeds.seed("replay crash", 7);
    FaultyFileSystem disk = diskWithLog(seed, 120);
    FaultyFileSystem whole = disk.copy();
    open(whole, SMALL, StorageResources.inline(1 << 20)).close();
    long operations = whole.operations();
    assertThat(operations).isGreaterThan(100);
    for (long at = 1; at <= operations; at += 3) {
      FaultyFileSystem files = disk.copy();
      files.crashAt(at);
      try {
        open(files, SMALL, StorageResources.inline(1 << 20)).close();
      } catch (StorageException e) {
        // It is the crash.
      }
      files.crash(new Random(seed + at));
      String when = "crash at " + at + " (" + whole.log().get((int) at - 1) + ")";
      try (StorageEngine engine = open(files, SMALL, StorageResources.inline(1 << 20))) {
        checkHoldsAll(engine, when);
      } catch (StorageException e) {
        throw new AssertionError(when, e);
      }
    }
  }

  /**
   * What is read may be in the page cache only, and the tables that are made of it are on the disk.
   */
  @Test
  void a_power_loss_in_the_replay_of_what_nobody_had_synced_leaves_a_prefix() {
    long seed = Seeds.seed("replay unsynced", 7);
    level0Trigger = 100; // a compaction would put the order of level 0 right
    Random random = new Random(seed);
    FaultyFileSystem disk = new FaultyFileSystem();
    List<WriteBatch> batches = new ArrayList<>();
    StorageEngine dying = open(disk, LARGE, StorageResources.inline(1 << 20));
    for (int i = 1; i <= BATCHES; i++) {
      byte[] key = EngineModel.bytes("key" + random.nextInt(40));
      batches.add(
          new WriteBatch()
              .at(new AppliedPosition(1, i))
              .put(key, i, EngineModel.bytes("value" + i + "-".repeat(random.nextInt(120)))));
      if (i == BATCHES / 2) {
        dying.write(batches.getLast());
      } else {
        dying.writeUnsynced(batches.getLast());
      }
    }
    disk.kill();
    assertThatThrownBy(dying::close).isInstanceOf(StorageException.IoFailure.class);
    FaultyFileSystem whole = disk.copy();
    open(whole, SMALL, StorageResources.inline(1 << 20)).close();
    for (long at = 1; at <= whole.operations(); at += 3) {
      FaultyFileSystem files = disk.copy();
      files.crashAt(at);
      try {
        open(files, SMALL, StorageResources.inline(1 << 20)).close();
      } catch (StorageException e) {
        // It is the crash.
      }
      files.crash(null);
      try (StorageEngine engine = open(files, SMALL, StorageResources.inline(1 << 20))) {
        EngineModel held = new EngineModel();
        batches.subList(0, (int) engine.appliedPosition().index()).forEach(held::apply);
        held.assertSame(engine, Long.MAX_VALUE);
      } catch (StorageException | AssertionError e) {
        throw new AssertionError("crash at " + at, e);
      }
    }
  }

  @Test
  void a_disk_too_full_to_flush_fails_the_opening_and_loses_nothing() {
    FaultyFileSystem files = diskWithLog(Seeds.seed("replay on a full disk", 7), 120);
    files.setBudget(files.usedBytes() + 30_000);
    try (StorageResources resources = new StorageResources(1 << 20, 2)) {
      assertThatThrownBy(() -> open(files, SMALL, resources))
          .isInstanceOf(StorageException.IoFailure.class)
          .hasMessageContaining("No space left");
      files.setBudget(Long.MAX_VALUE);
      try (StorageEngine engine = open(files, SMALL, resources)) {
        checkHoldsAll(engine, "with space again");
      }
    }
  }
}
