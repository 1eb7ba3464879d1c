package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One script of writes, flushes, compactions, checkpoints and restarts; the power fails, or a
 * single operation fails, at every file operation of it.
 */
final class CrashTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final int BATCHES = 90;

  /** The batches, the same in every run, and what the engine must hold after each. */
  private final List<WriteBatch> batches = new ArrayList<>();

  private final List<EngineModel> models = new ArrayList<>();

  CrashTest() {
    Random random = new Random(11);
    EngineModel model = new EngineModel();
    models.add(model.copy());
    for (int i = 1; i <= BATCHES; i++) {
      WriteBatch batch = new WriteBatch().at(new AppliedPosition(1 + i / 50, i));
      int first = random.nextInt(20);
      for (int j = 0; j <= random.nextInt(3); j++) {
        byte[] key = EngineModel.bytes("key" + (first + j));
        if (random.nextInt(3) == 0) {
          batch.delete(key, i);
        } else {
          batch.put(key, i, EngineModel.bytes("value" + i + "-".repeat(random.nextInt(60))));
        }
      }
      batches.add(batch);
      model.apply(batch);
      models.add(model.copy());
    }
  }

  /** How far a run came before it was cut off. */
  private static final class Progress {
    int acknowledged;
    long durableIndex;
    long floor;
    final List<Path> checkpoints = new ArrayList<>();
    final List<Integer> checkpointSizes = new ArrayList<>();
  }

  private static StorageOptions options(Durability durability) {
    return new StorageOptions(durability, 2_500, 200, 1_500, 4_000, 3, 12, MemtableKind.TRIE);
  }

  /** A disk that is mounted at /disk, which takes the first two operations. */
  private static FaultyFileSystem newDisk() {
    FaultyFileSystem files = new FaultyFileSystem();
    try {
      files.createDirectories(Path.of("/disk"));
      files.syncDirectory(Path.of("/"));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return files;
  }

  private static StorageEngine open(FaultyFileSystem files, Durability durability) {
    return StorageEngine.open(files, HOME, options(durability), StorageResources.inline(10_000));
  }

  /** Runs the script to its end or until the engine throws. */
  private @Nullable StorageException run(
      FaultyFileSystem files, Durability durability, Progress progress) {
    StorageEngine engine = null;
    try {
      engine = open(files, durability);
      for (int i = 0; i < BATCHES; i++) {
        write(engine, i);
        progress.acknowledged = i + 1;
        if (durability == Durability.WAL && isSynced(i)) {
          progress.durableIndex = i + 1L;
        }
        engine = maintain(files, durability, progress, engine, i);
      }
      engine.close();
      return null;
    } catch (StorageException e) {
      if (engine != null) {
        engine.close();
      }
      return e;
    }
  }

  private static StorageEngine maintain(
      FaultyFileSystem files,
      Durability durability,
      Progress progress,
      StorageEngine engine,
      int i) {
    if (i % 25 == 24) {
      progress.durableIndex = engine.flush().index();
    }
    if (i % 40 == 39) {
      progress.floor = i - 20L;
      engine.raiseGarbageFloor(progress.floor);
      engine.compact();
      progress.durableIndex = engine.durablePosition().index();
    }
    if (i % 50 == 30) {
      Path target = Path.of("/disk/copy" + i);
      engine.checkpoint(target);
      progress.checkpoints.add(target);
      progress.checkpointSizes.add(i + 1);
      progress.durableIndex = i + 1L;
    }
    if (i % 45 == 44) {
      if (durability == Durability.EXTERNAL_LOG) {
        progress.durableIndex = engine.flush().index();
      }
      engine.close();
      progress.durableIndex = durability == Durability.WAL ? i + 1L : progress.durableIndex;
      return open(files, durability);
    }
    return engine;
  }

  /** In a WAL. Some are followed by a flush, a checkpoint or a closing. */
  private static boolean isSynced(int batch) {
    return batch % 3 == 0;
  }

  private void write(StorageEngine engine, int batch) {
    if (isSynced(batch)) {
      engine.write(batches.get(batch));
    } else {
      engine.writeUnsynced(batches.get(batch));
    }
  }

  @ParameterizedTest
  @EnumSource
  void loses_nothing_when_the_power_fails_at_any_operation(Durability durability) {
    FaultyFileSystem whole = newDisk();
    assertThat(run(whole, durability, new Progress())).isNull();
    long operations = whole.operations();
    System.out.println("crash " + durability + ": " + operations + " operations");
    assertThat(operations).isGreaterThan(150);
    long seed = Seeds.seed("crash " + durability, 5);
    for (long at = 3; at <= operations; at++) {
      for (Random random : new Random[] {null, new Random(seed + at)}) {
        FaultyFileSystem files = newDisk();
        files.crashAt(at);
        Progress progress = new Progress();
        run(files, durability, progress);
        files.crash(random);
        String when = "operation " + at + " (" + whole.log().get((int) at - 1) + "), " + random;
        checkAfterCrash(files, durability, progress, when);
      }
    }
  }

  private void checkAfterCrash(
      FaultyFileSystem files, Durability durability, Progress progress, String when) {
    try (StorageEngine engine = open(files, durability)) {
      int held = (int) engine.appliedPosition().index();
      assertThat((long) held)
          .as(when)
          .isBetween(progress.durableIndex, Math.min(BATCHES, progress.acknowledged + 1L));
      if (durability == Durability.EXTERNAL_LOG) {
        assertThat(engine.durablePosition()).as(when).isEqualTo(engine.appliedPosition());
      }
      checkHolds(engine, held, progress.floor, when);
      for (int i = held; i < BATCHES; i++) {
        engine.write(batches.get(i));
      }
      checkHolds(engine, BATCHES, progress.floor, when);
      engine.compact();
      checkHolds(engine, BATCHES, progress.floor, when);
    } catch (StorageException e) {
      throw new AssertionError(when, e);
    }
    for (int i = 0; i < progress.checkpoints.size(); i++) {
      checkCheckpoint(files, durability, progress, i, when);
    }
  }

  private void checkCheckpoint(
      FaultyFileSystem files, Durability durability, Progress progress, int i, String when) {
    try (StorageEngine copy =
        StorageEngine.open(
            files,
            progress.checkpoints.get(i),
            options(durability),
            StorageResources.inline(10_000))) {
      int size = progress.checkpointSizes.get(i);
      assertThat(copy.appliedPosition().index()).as(when).isEqualTo(size);
      checkHolds(copy, size, progress.floor, when);
    }
  }

  /** The state after the first `held` batches, at the newest timestamp and at the floor. */
  private void checkHolds(StorageEngine engine, int held, long floor, String when) {
    for (long timestamp : new long[] {Long.MAX_VALUE, Math.max(floor, held - 10L)}) {
      EngineModel model = models.get(held);
      assertThat(EngineModel.scan(engine, null, null, timestamp, StorageEngine.Direction.FORWARD))
          .as("%s, %d batches at timestamp %d", when, held, timestamp)
          .isEqualTo(model.scan(null, null, timestamp, StorageEngine.Direction.FORWARD));
    }
  }

  @ParameterizedTest
  @EnumSource
  void heals_when_any_single_operation_fails(Durability durability) {
    FaultyFileSystem whole = newDisk();
    assertThat(run(whole, durability, new Progress())).isNull();
    for (long at = 3; at <= whole.operations(); at++) {
      String when = "operation " + at + " (" + whole.log().get((int) at - 1) + ")";
      FaultyFileSystem files = newDisk();
      files.failAt(at);
      try {
        runThroughFailure(files, durability, when);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(when, e);
      }
    }
  }

  /** Repeats what throws until it does not, which must be at once; then compares, also reopened. */
  private void runThroughFailure(FaultyFileSystem files, Durability durability, String when) {
    StorageEngine engine = twice(() -> open(files, durability));
    int failures = 0;
    for (int i = 0; i < BATCHES; i++) {
      try {
        write(engine, i);
      } catch (StorageException.IoFailure e) {
        failures++;
        assertThat(engine.appliedPosition().index()).as(when).isEqualTo(i);
        write(engine, i);
      }
      StorageEngine open = engine;
      if (i % 25 == 24) {
        twice(open::flush);
      }
      if (i % 40 == 39) {
        open.raiseGarbageFloor(i - 20);
        twice(() -> {
          open.compact();
          return true;
        });
      }
      if (i % 45 == 44) {
        twice(open::flush);
        open.close();
        engine = twice(() -> open(files, durability));
      }
    }
    assertThat(failures).as(when).isLessThan(2);
    twice(engine::flush);
    checkHolds(engine, BATCHES, BATCHES - 21, when);
    assertThat(engine.stats().backgroundError()).as(when).isEmpty();
    engine.close();
    files.crash(null);
    try (StorageEngine reopened = open(files, durability)) {
      checkHolds(reopened, BATCHES, BATCHES - 21, when);
    }
  }

  private static <T> T twice(java.util.function.Supplier<T> action) {
    try {
      return action.get();
    } catch (StorageException.IoFailure e) {
      return action.get();
    }
  }
}
