package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.Verifier;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.testing.Checksums;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damage to any byte of any file is either noticed, by an exception that names file and offset, or
 * harmless. It is never served, and nothing else is ever thrown.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CorruptionTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final int BATCHES = 110;

  /** About half of the values are as long as that. */
  private static final int APART = 28;

  private static final StorageOptions OPTIONS =
      new StorageOptions(Durability.WAL, 3_000, 300, 3_000, 20_000, 3, 12, MemtableKind.TRIE);

  /** What the engine holds after the first n batches. */
  private final List<EngineModel> models = new ArrayList<>(List.of(new EngineModel()));

  private final StorageResources resources = Leaks.inline(0);
  private LevelCompression compression = new LevelCompression(Compression.LZ4, Compression.ZSTD);
  private int noticed;
  private int harmless;

  /** No block stays in memory, so every read looks at the disk. */
  private StorageEngine open(FaultyFileSystem files) {
    return StorageEngine.open(
        files, HOME, OPTIONS.withCompression(compression).withValuesApartFrom(APART), resources);
  }

  /** Tables in two levels, a manifest with several edits, a WAL with records of both kinds. */
  private FaultyFileSystem build(Random random) {
    FaultyFileSystem files = new FaultyFileSystem();
    EngineModel model = new EngineModel();
    try (StorageEngine engine = open(files)) {
      for (int i = 1; i <= BATCHES; i++) {
        WriteBatch batch = new WriteBatch().at(new AppliedPosition(1, i));
        byte[] key = EngineModel.bytes("key" + random.nextInt(40));
        if (random.nextInt(4) == 0) {
          batch.delete(key, i);
        } else {
          batch.put(key, i, EngineModel.bytes("value " + i + "~".repeat(random.nextInt(40))));
        }
        if (i % 27 == 0) {
          batch.deleteRange(EngineModel.bytes("key2"), EngineModel.bytes("key28"), i);
        }
        if (i % 3 == 0) {
          engine.write(batch);
        } else {
          engine.writeUnsynced(batch);
        }
        model.apply(batch);
        models.add(model.copy());
        if (i == 50) {
          engine.compact();
        }
        if (i == 95) {
          engine.flush();
        }
      }
    }
    return files;
  }

  private EngineModel model() {
    return models.getLast();
  }

  // ---- one byte

  @ParameterizedTest
  @CsvSource({"false, ZSTD", "true, ZSTD", "true, LZ4"})
  void every_byte_of_every_file_is_noticed_or_harmless(boolean whileOpen, Compression bottom)
      throws IOException {
    compression = new LevelCompression(Compression.LZ4, bottom);
    Random random = Seeds.random("corruption " + whileOpen + " " + bottom, 3);
    FaultyFileSystem files = build(random);
    if (whileOpen) {
      open(files).close(); // so that opening has nothing more to flush
    }
    assertThat(files.list(HOME).stream().filter(name -> name.endsWith(".sst")))
        .flatExtracting(name -> compressions(files.bytes(HOME.resolve(name))))
        .contains(bottom);
    for (String name : files.list(HOME)) {
      if (whileOpen && !name.endsWith(".sst") && !name.endsWith(".val")) {
        continue; // an open engine reads no others
      }
      Path file = HOME.resolve(name);
      int length = files.bytes(file).length;
      for (int at = 0; at < length; at++) {
        FaultyFileSystem damaged = files.copy();
        long bit = 8L * at + random.nextInt(8);
        String where = name + " byte " + at + " of " + length + ", bit " + bit % 8;
        if (whileOpen) {
          readWhileOpen(damaged, file, bit, where);
        } else {
          damaged.flip(file, bit);
          read(damaged, where, BATCHES);
        }
      }
    }
    System.out.printf(
        "corruption, open %s, %s: %d noticed, %d harmless%n", whileOpen, bottom, noticed, harmless);
    assertThat(noticed).isGreaterThan(whileOpen ? 1_000 : 10 * harmless);
  }

  private static List<Compression> compressions(byte[] table) {
    return Checksums.dataBlockEnds(table).stream()
        .map(end -> Compression.ofCode(table[end - 5]))
        .toList();
  }

  private void readWhileOpen(FaultyFileSystem damaged, Path file, long bit, String where) {
    try (StorageEngine engine = open(damaged)) {
      assertThat(engine.get(EngineModel.bytes("key1"), Long.MAX_VALUE)).isNotNull();
      damaged.flip(file, bit);
      readAll(engine, model(), where);
    }
  }

  /** Opens and reads everything; at least so many batches must be there. */
  private void read(FaultyFileSystem damaged, String where, int atLeast) {
    try (StorageEngine engine = open(damaged)) {
      int held = (int) engine.appliedPosition().index();
      assertThat(held).as(where).isBetween(atLeast, BATCHES);
      readAll(engine, models.get(held), where);
    } catch (StorageException e) {
      note(e, where);
    } catch (RuntimeException e) {
      throw new AssertionError(where, e);
    }
  }

  /** Each read is right or throws; what throws does not keep the others from being right. */
  private void readAll(StorageEngine engine, EngineModel model, String where) {
    int before = noticed;
    for (long timestamp : new long[] {Long.MAX_VALUE, 100, 60, 30}) {
      for (Direction direction : Direction.values()) {
        attempt(
            where,
            () ->
                assertThat(EngineModel.scan(engine, null, null, timestamp, direction))
                    .isEqualTo(model.scan(null, null, timestamp, direction)));
      }
      for (String key : model.keys()) {
        attempt(
            where,
            () ->
                assertThat(EngineModel.get(engine, key, timestamp))
                    .isEqualTo(model.get(key, timestamp)));
      }
    }
    if (noticed > before) {
      noticed = before + 1;
    } else {
      harmless++;
    }
  }

  private void attempt(String where, Runnable read) {
    try {
      read.run();
    } catch (StorageException e) {
      note(e, where);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(where, e);
    }
  }

  private void note(StorageException e, String where) {
    assertThat(e)
        .as(where)
        .isInstanceOfAny(StorageException.Corruption.class, StorageException.UnknownVersion.class)
        .hasMessageContaining(HOME.toString() + "/");
    if (!String.valueOf(e.getMessage()).contains("missing")) {
      assertThat(e).as(where).hasMessageMatching("(?s).*offset \\d+.*");
    }
    noticed++;
  }

  // ---- lengths

  /**
   * What a lost end of a WAL or a manifest held can not be missed: a crash leaves the same. But
   * then what is there is the state after an earlier batch, or is seen to be damaged.
   */
  @Test
  void a_file_cut_at_any_length_is_noticed_or_a_state_of_before() throws IOException {
    FaultyFileSystem files = build(Seeds.random("cut", 4));
    for (String name : files.list(HOME)) {
      byte[] whole = files.bytes(HOME.resolve(name));
      boolean records = name.endsWith(".wal") || name.startsWith("MANIFEST");
      for (int length = 0; length < whole.length; length++) {
        FaultyFileSystem damaged = files.copy();
        damaged.replace(HOME.resolve(name), Arrays.copyOf(whole, length));
        int before = noticed;
        read(damaged, name + " cut to " + length, records ? 0 : BATCHES);
        if (name.endsWith(".val")) { // of which there may be nothing that any reader sees
          assertThat(problems(damaged)).as("%s cut to %d", name, length).isNotEmpty();
        } else if (!records) {
          assertThat(noticed).as("%s cut to %d", name, length).isEqualTo(before + 1);
        }
      }
    }
    System.out.printf("cut: %d noticed, %d harmless%n", noticed, harmless);
  }

  private static List<Finding> problems(FaultyFileSystem damaged) throws IOException {
    List<Finding> found = new ArrayList<>();
    Verifier.Report _ = Verifier.verify(damaged, HOME, found::add);
    return found.stream().filter(finding -> !finding.kind().harmless()).toList();
  }

  /**
   * Of several logs only the newest may end early: one that another follows was ended before that
   * other was begun. A cut at or before its first record is no exception.
   */
  @Test
  void an_older_log_cut_at_any_length_is_noticed() throws IOException {
    FaultyFileSystem files = new FaultyFileSystem();
    files.beforeEach(what -> {
      if (what.startsWith("create") && what.endsWith(".sst")) {
        throw new StackOverflowError("no memtable is ever flushed");
      }
    });
    StorageOptions small =
        new StorageOptions(Durability.WAL, 1_000, 500, 8_000, 40_000, 2, 4, MemtableKind.TRIE);
    try (StorageEngine engine = StorageEngine.open(files, HOME, small, resources)) {
      for (int i = 1; logs(files).size() < 3; i++) {
        engine.write(
            new WriteBatch().put(EngineModel.bytes("key" + i), i, new byte[30 + i])); // not flushed
      }
    }
    files.beforeEach(what -> {});
    List<String> logs = logs(files);
    for (String name : logs.subList(0, 2)) {
      byte[] whole = files.bytes(HOME.resolve(name));
      for (int length = 0; length < whole.length; length++) {
        FaultyFileSystem damaged = files.copy();
        damaged.replace(HOME.resolve(name), Arrays.copyOf(whole, length));
        String where = name + " cut to " + length;
        assertThat(problems(damaged)).as(where).isNotEmpty();
        assertThatThrownBy(() -> open(damaged).close())
            .as(where)
            .isInstanceOf(StorageException.Corruption.class)
            .hasMessageContaining(".wal");
      }
    }
    open(files).close();
  }

  private static List<String> logs(FaultyFileSystem files) throws IOException {
    return files.list(HOME).stream().filter(name -> name.endsWith(".wal")).toList();
  }

  @Test
  void bytes_at_the_end_are_noticed_or_harmless() throws IOException {
    Random random = Seeds.random("appended", 5);
    FaultyFileSystem files = build(random);
    for (String name : files.list(HOME)) {
      byte[] whole = files.bytes(HOME.resolve(name));
      for (int more = 1; more < 200; more++) {
        byte[] longer = Arrays.copyOf(whole, whole.length + more);
        for (int at = whole.length; more % 2 == 0 && at < longer.length; at++) {
          longer[at] = (byte) random.nextInt();
        }
        FaultyFileSystem damaged = files.copy();
        damaged.replace(HOME.resolve(name), longer);
        int before = noticed;
        read(damaged, name + " and " + more + " bytes", BATCHES);
        // The end of a manifest may be torn at any time, and what is in LOCK nobody reads.
        if (name.endsWith(".val")) {
          assertThat(problems(damaged)).as("%s and %d bytes", name, more).isNotEmpty();
        } else if (!name.startsWith("MANIFEST") && !name.equals(FileNames.LOCK)) {
          assertThat(noticed).as("%s and %d bytes", name, more).isEqualTo(before + 1);
        }
      }
    }
    System.out.printf("appended: %d noticed, %d harmless%n", noticed, harmless);
  }

  // ---- what damage does not touch

  /** Two tables of level 0, and of the one that a scan does not need every byte is wrong. */
  @ParameterizedTest
  @EnumSource
  void a_scan_does_not_depend_on_tables_outside_of_its_range(StorageEngine.Direction direction)
      throws IOException {
    FaultyFileSystem files = new FaultyFileSystem();
    try (StorageEngine engine = open(files)) {
      for (String part : List.of("a", "m")) {
        for (int i = 10; i < 40; i++) {
          engine.write(new WriteBatch().put(EngineModel.bytes(part + i), i, new byte[20]));
        }
        engine.flush();
      }
    }
    List<String> tables =
        files.list(HOME).stream().filter(name -> name.endsWith(".sst")).sorted().toList();
    Path damaged = HOME.resolve(tables.getLast());
    byte[] bytes = files.bytes(damaged);
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] ^= 0x55;
    }
    files.replace(damaged, bytes);
    try (StorageEngine engine = open(files)) {
      assertThat(EngineModel.scan(engine, "a", "b", Long.MAX_VALUE, direction)).hasSize(30);
      assertThat(EngineModel.scan(engine, null, "m", Long.MAX_VALUE, direction)).hasSize(30);
      assertThat(EngineModel.scan(engine, "n", null, Long.MAX_VALUE, direction)).isEmpty();
      try (EntryCursor cursor = engine.cursor(null, null, Long.MAX_VALUE, direction)) {
        assertThatThrownBy(
                () -> {
                  while (cursor.next()) {
                    // Until it comes to the damage.
                  }
                })
            .isInstanceOf(StorageException.Corruption.class);
        assertThatThrownBy(cursor::next)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("broke off");
        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  // ---- whole files

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
    try (StorageEngine engine = StorageEngine.open(files, HOME, options, Leaks.inline(1 << 20))) {
      model().assertSame(engine, Long.MAX_VALUE);
    }
  }
}
