package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.TrackedFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random operations, the engine beside a map of versions. */
final class StorageEngineModelTest {
  private static final int STEPS = 3_000;

  @TempDir Path directory;

  private final EngineModel model = new EngineModel();

  @SuppressWarnings("NullAway.Init") // opened first thing by each run
  private StorageEngine engine;

  private long timestamp = 1;
  private long index;
  private long floor;
  private int copies;

  static StorageOptions tiny(Durability durability) {
    return new StorageOptions(durability, 12_000, 300, 4_000, 16_000, 3, 12, MemtableKind.TRIE);
  }

  @ParameterizedTest
  @EnumSource
  void behaves_like_a_map_of_versions_with_background_threads(Durability durability) {
    try (StorageResources resources = Leaks.threads(20_000, 2)) {
      run(durability, resources, Seeds.random("model " + durability, 42));
    }
  }

  @ParameterizedTest
  @EnumSource
  void behaves_like_a_map_of_versions_inline(Durability durability) {
    try (StorageResources resources = Leaks.inline(20_000)) {
      run(durability, resources, Seeds.random("inline model " + durability, 7));
    }
  }

  /** Whatever memtables are made of, at every opening. */
  private static StorageOptions tiny(Durability durability, Random random) {
    MemtableKind[] kinds = MemtableKind.values();
    return tiny(durability).withMemtable(kinds[random.nextInt(kinds.length)]);
  }

  private void run(Durability durability, StorageResources resources, Random random) {
    TrackedFileSystem files = new TrackedFileSystem();
    Path home = directory.resolve("engine");
    engine = StorageEngine.open(files, home, tiny(durability, random), resources);
    for (int step = 0; step < STEPS; step++) {
      int dice = random.nextInt(1000);
      if (dice < 600) {
        write(random);
      } else if (dice < 800) {
        String key = key(random);
        long at = readTimestamp(random);
        assertThat(EngineModel.get(engine, key, at))
            .as("step %d: get %s at %d", step, key, at)
            .isEqualTo(model.get(key, at));
      } else if (dice < 975) {
        scan(random, step);
      } else if (dice < 985) {
        engine.flush();
        assertThat(engine.durablePosition()).isEqualTo(engine.appliedPosition());
      } else if (dice < 988) {
        engine.compact();
      } else if (dice < 993) {
        floor = Math.max(floor, timestamp - random.nextInt(200));
        engine.raiseGarbageFloor(floor);
      } else if (dice < 996) {
        checkCheckpoint(files, durability, resources);
      } else {
        if (durability == Durability.EXTERNAL_LOG) {
          engine.flush();
        }
        engine.close();
        engine = StorageEngine.open(files, home, tiny(durability, random), resources);
        assertThat(engine.appliedPosition().index()).isEqualTo(index);
      }
    }
    model.assertSame(engine, timestamp);
    engine.compact();
    model.assertSame(engine, timestamp);
    assertThat(engine.stats().backgroundError()).isEmpty();
    engine.close();
  }

  private void checkCheckpoint(
      TrackedFileSystem files, Durability durability, StorageResources resources) {
    Path target = directory.resolve("copy" + copies++);
    StorageEngine.Checkpoint checkpoint = engine.checkpoint(target);
    assertThat(checkpoint.position().index()).isEqualTo(index);
    assertThat(files(target))
        .isEqualTo(
            checkpoint.files().stream().map(StorageEngine.CheckpointFile::name).sorted().toList());
    try (StorageEngine copy = StorageEngine.open(files, target, tiny(durability), resources)) {
      assertThat(copy.appliedPosition()).isEqualTo(engine.appliedPosition());
      model.assertSame(copy, timestamp);
      copy.write(new WriteBatch().delete(EngineModel.bytes("k1"), timestamp).at(at(index + 1)));
    }
    model.assertSame(engine, timestamp);
  }

  private static List<String> files(Path target) {
    try {
      return new TrackedFileSystem().list(target);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void write(Random random) {
    WriteBatch batch = new WriteBatch().at(at(++index));
    timestamp += random.nextInt(3);
    java.util.Set<String> used = new java.util.HashSet<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      String key = key(random);
      if (!used.add(key)) {
        continue;
      }
      if (random.nextInt(4) == 0) {
        batch.delete(EngineModel.bytes(key), timestamp);
      } else {
        String value = "v" + index + "x".repeat(random.nextInt(10) == 0 ? 700 : 10);
        batch.put(EngineModel.bytes(key), timestamp, EngineModel.bytes(value));
      }
    }
    engine.write(batch);
    model.apply(batch);
  }

  private void scan(Random random, int step) {
    @Nullable String from = random.nextInt(3) == 0 ? null : key(random);
    @Nullable String to = random.nextInt(3) == 0 ? null : key(random);
    long at = readTimestamp(random);
    for (Direction direction : Direction.values()) {
      assertThat(EngineModel.scan(engine, from, to, at, direction))
          .as("step %d: %s scan [%s, %s) at %d", step, direction, from, to, at)
          .isEqualTo(model.scan(from, to, at, direction));
    }
  }

  private long readTimestamp(Random random) {
    return random.nextBoolean()
        ? Long.MAX_VALUE
        : floor + (timestamp - floor) * random.nextInt(1000) / 1000;
  }

  private static AppliedPosition at(long index) {
    return new AppliedPosition(3, index);
  }

  private static String key(Random random) {
    int number = random.nextInt(60);
    return number < 30 ? "k" + number : "key/with/a/common/prefix/" + number;
  }
}
