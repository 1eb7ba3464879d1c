package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage to any byte of any file is either noticed or harmless; it is never served. */
final class CorruptionTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final StorageOptions OPTIONS =
      new StorageOptions(Durability.WAL, 4_000, 200, 3_000, 20_000, 3, 12, MemtableKind.TRIE);

  private final EngineModel model = new EngineModel();

  private static StorageEngine open(FaultyFileSystem files) {
    return StorageEngine.open(files, HOME, OPTIONS, StorageResources.inline(1 << 20));
  }

  /** Tables in two levels, a manifest with several edits, a WAL with several records. */
  private FaultyFileSystem build(Random random) {
    FaultyFileSystem files = new FaultyFileSystem();
    try (StorageEngine engine = open(files)) {
      for (int i = 1; i <= 150; i++) {
        WriteBatch batch = new WriteBatch();
        byte[] key = EngineModel.bytes("key" + random.nextInt(50));
        if (random.nextInt(4) == 0) {
          batch.delete(key, i);
        } else {
          batch.put(key, i, EngineModel.bytes("value " + i + "~".repeat(random.nextInt(40))));
        }
        engine.write(batch);
        model.apply(batch);
        if (i == 60) {
          engine.compact();
        }
        if (i == 130) {
          engine.flush();
        }
      }
    }
    return files;
  }

  @Test
  void a_flipped_bit_is_noticed_or_harmless() throws IOException {
    long seed = Seeds.seed("corruption", 3);
    Random random = new Random(seed);
    FaultyFileSystem files = build(random);
    int noticed = 0;
    int harmless = 0;
    for (String name : files.list(HOME)) {
      int length = files.bytes(HOME.resolve(name)).length;
      int step = Math.max(1, length / 1500);
      for (int at = 0; at < length; at += step) {
        FaultyFileSystem damaged = files.copy();
        damaged.flip(HOME.resolve(name), 8L * at + random.nextInt(8));
        if (isNoticed(damaged, name + " byte " + at)) {
          noticed++;
        } else {
          harmless++;
        }
      }
    }
    System.out.println("corruption: " + noticed + " noticed, " + harmless + " harmless");
    assertThat(noticed).isGreaterThan(10 * harmless);
  }

  private boolean isNoticed(FaultyFileSystem damaged, String where) {
    try (StorageEngine engine = open(damaged)) {
      assertThat(EngineModel.scan(engine, null, null, Long.MAX_VALUE, Direction.FORWARD))
          .as(where)
          .isEqualTo(model.scan(null, null, Long.MAX_VALUE, Direction.FORWARD));
      for (String key : model.keys()) {
        assertThat(EngineModel.get(engine, key, 100)).as(where).isEqualTo(model.get(key, 100));
      }
      return false;
    } catch (StorageException.Corruption e) {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CURRENT", "MANIFEST-", ".sst"})
  void a_missing_file_is_noticed(String which) throws IOException {
    FaultyFileSystem files = build(new Random(1));
    for (String name : files.list(HOME)) {
      if (name.contains(which)) {
        files.delete(HOME.resolve(name));
        break;
      }
    }
    assertThatThrownBy(() -> open(files)).isInstanceOf(StorageException.Corruption.class);
  }

  @ParameterizedTest
  @EnumSource
  void a_directory_is_opened_in_the_other_mode_without_loss(Durability durability) {
    FaultyFileSystem files = build(new Random(2));
    StorageOptions options =
        new StorageOptions(durability, 4_000, 200, 3_000, 20_000, 3, 12, MemtableKind.TRIE);
    try (StorageEngine engine =
        StorageEngine.open(files, HOME, options, StorageResources.inline(1 << 20))) {
      model.assertSame(engine, Long.MAX_VALUE);
    }
  }
}
