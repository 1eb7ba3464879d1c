package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A full disk refuses writes with a reason, serves reads, and is forgotten once there is space. */
final class DiskFullTest {
  private static final Path HOME = Path.of("/disk/engine");

  private final FaultyFileSystem files = new FaultyFileSystem();
  private final EngineModel model = new EngineModel();
  private int written;

  private StorageEngine open(Durability durability, StorageResources resources) {
    StorageOptions options =
        new StorageOptions(durability, 10_000, 500, 8_000, 40_000, 3, 12, MemtableKind.TRIE);
    return StorageEngine.open(files, HOME, options, resources);
  }

  private void write(StorageEngine engine) {
    int i = written + 1;
    WriteBatch batch =
        new WriteBatch()
            .put(EngineModel.bytes("key" + i * 7919 % 500), i, incompressible(i))
            .at(new AppliedPosition(1, i));
    engine.write(batch);
    written = i;
    model.apply(batch);
  }

  private static byte[] incompressible(int seed) {
    java.util.Random random = new java.util.Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      text.append((char) ('!' + random.nextInt(90)));
    }
    return EngineModel.bytes(text.toString());
  }

  private StorageException.IoFailure writeUntilRefused(StorageEngine engine) {
    for (int i = 0; i < 2_000; i++) {
      try {
        write(engine);
      } catch (StorageException.IoFailure e) {
        return e;
      }
    }
    throw new AssertionError("a full disk took 2,000 writes");
  }

  @ParameterizedTest
  @EnumSource
  void writes_are_refused_and_accepted_again_inline(Durability durability) {
    try (StorageEngine engine = open(durability, Leaks.inline(1 << 20))) {
      for (int i = 0; i < 300; i++) {
        write(engine);
      }
      files.setBudget(files.usedBytes() + 7_000);
      StorageException.IoFailure refused = writeUntilRefused(engine);
      assertThat(refused)
          .hasMessageContaining("No space left")
          .hasMessageContaining("/disk/engine");
      assertThat(engine.stats().memtableBytes()).isLessThan(40_000);
      model.assertSame(engine, Long.MAX_VALUE);
      long used = files.usedBytes();
      for (int i = 0; i < 20; i++) {
        assertThatThrownBy(() -> write(engine)).isInstanceOf(StorageException.IoFailure.class);
      }
      assertThat(files.usedBytes()).as("retries pile up nothing").isLessThanOrEqualTo(used + 200);
      files.setBudget(Long.MAX_VALUE);
      for (int i = 0; i < 300; i++) {
        write(engine);
      }
      assertThat(engine.flush().index()).isEqualTo(written);
      assertThat(engine.stats().backgroundError()).isEmpty();
      model.assertSame(engine, Long.MAX_VALUE);
    }
    files.crash(null);
    try (StorageEngine engine = open(durability, Leaks.inline(1 << 20))) {
      model.assertSame(engine, Long.MAX_VALUE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_engine_heals_by_itself_when_space_returns(Durability durability) {
    try (StorageResources resources = Leaks.threads(1 << 20, 1);
        StorageEngine engine = open(durability, resources)) {
      for (int i = 0; i < 50; i++) {
        write(engine);
      }
      files.setBudget(0);
      StorageException.IoFailure refused = writeUntilRefused(engine);
      assertThat(refused).hasMessageContaining("No space left");
      assertThat(engine.stats().backgroundError()).contains("No space left");
      model.assertSame(engine, Long.MAX_VALUE);
      files.setBudget(Long.MAX_VALUE);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> engine.stats().backgroundError().isEmpty());
      for (int i = 0; i < 300; i++) {
        write(engine);
      }
      model.assertSame(engine, Long.MAX_VALUE);
      engine.flush();
    }
    files.crash(null);
    try (StorageEngine engine = open(durability, Leaks.inline(1 << 20))) {
      model.assertSame(engine, Long.MAX_VALUE);
    }
  }
}
