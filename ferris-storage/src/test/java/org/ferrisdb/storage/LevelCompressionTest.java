package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.ferrisdb.storage.compaction.CompactionPicker;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.testing.Checksums;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which blocks an engine compresses with what; and that its readers need not know. */
final class LevelCompressionTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final LevelCompression ZSTD_BELOW =
      new LevelCompression(Compression.LZ4, Compression.ZSTD);

  private final FaultyFileSystem files = new FaultyFileSystem();
  private final EngineModel model = new EngineModel();
  private long timestamp;

  private StorageEngine open(LevelCompression compression) {
    StorageOptions options = StorageOptions.defaults(Durability.WAL).withCompression(compression);
    return StorageEngine.open(files, HOME, options, Leaks.inline(0));
  }

  private void write(StorageEngine engine, String prefix) {
    for (int i = 0; i < 300; i++) {
      WriteBatch batch = new WriteBatch();
      batch.put(
          EngineModel.bytes(prefix + i), ++timestamp, EngineModel.bytes("value of key ".repeat(9)));
      model.apply(batch);
      engine.writeUnsynced(batch);
    }
    engine.flush();
  }

  /** The kinds of the data blocks of all tables. */
  private Set<Compression> used() throws IOException {
    Set<Compression> used = EnumSet.noneOf(Compression.class);
    for (String name : files.list(HOME)) {
      if (name.endsWith(".sst")) {
        used.addAll(used(HOME.resolve(name)));
      }
    }
    return used;
  }

  private Set<Compression> used(List<TableMetadata> tables) {
    Set<Compression> used = EnumSet.noneOf(Compression.class);
    for (TableMetadata table : tables) {
      used.addAll(used(HOME.resolve(FileNames.Kind.TABLE.name(table.number()))));
    }
    return used;
  }

  private Set<Compression> used(Path table) {
    Set<Compression> used = EnumSet.noneOf(Compression.class);
    byte[] bytes = files.bytes(table);
    for (int end : Checksums.dataBlockEnds(bytes)) {
      used.add(Objects.requireNonNull(Compression.ofCode(bytes[end - 5])));
    }
    return used;
  }

  @Test
  void a_flush_uses_the_upper_and_a_compaction_into_the_deepest_level_the_bottom()
      throws IOException {
    try (StorageEngine engine = open(ZSTD_BELOW)) {
      write(engine, "a");
      assertThat(used()).containsExactly(Compression.LZ4);
      engine.compact();
      assertThat(used()).containsExactly(Compression.ZSTD);
      write(engine, "b");
      assertThat(used()).containsExactly(Compression.LZ4, Compression.ZSTD);
      model.assertSame(engine, Long.MAX_VALUE);
      StorageEngine.verify(files, HOME);
    }
    try (StorageEngine engine = open(LevelCompression.LZ4)) {
      model.assertSame(engine, Long.MAX_VALUE);
      engine.compact();
      assertThat(used()).containsExactly(Compression.LZ4);
    }
    try (StorageEngine engine = open(LevelCompression.same(Compression.NONE))) {
      engine.compact();
      assertThat(used()).containsExactly(Compression.NONE);
      model.assertSame(engine, Long.MAX_VALUE);
    }
  }

  /** Each of the tables overlaps nothing, so it would go down as it is. */
  @Test
  void what_sinks_into_the_deepest_level_is_rewritten_for_it() throws IOException {
    StorageOptions options =
        new StorageOptions(Durability.WAL, 1 << 20, 1_000, 5_000, 4_000, 2, 12, MemtableKind.TRIE)
            .withCompression(ZSTD_BELOW);
    try (StorageEngine engine = StorageEngine.open(files, HOME, options, Leaks.inline(0))) {
      for (char prefix = 'a'; prefix <= 'p'; prefix++) {
        write(engine, String.valueOf(prefix));
      }
      model.assertSame(engine, Long.MAX_VALUE);
    }
    Version version = Manifest.load(files, HOME, Manifest.current(files, HOME)).version();
    int deepest = CompactionPicker.deepest(version);
    assertThat(deepest).isGreaterThan(1);
    assertThat(used(version.level(deepest))).containsExactly(Compression.ZSTD);
    assertThat(used(version.level(deepest - 1))).containsExactly(Compression.LZ4);
  }

  @Test
  void a_table_to_be_ingested_is_for_the_bottom() throws IOException {
    Path ready = HOME.resolve("ready");
    try (StorageEngine engine = open(ZSTD_BELOW)) {
      StorageOptions options = StorageOptions.defaults(Durability.WAL).withCompression(ZSTD_BELOW);
      try (TableBuilder table = TableBuilder.create(files, ready, options)) {
        table.put(EngineModel.bytes("key"), 5, EngineModel.bytes("value ".repeat(100)));
        table.finish();
      }
      engine.ingest(List.of(ready), AppliedPosition.NONE);
      assertThat(used()).containsExactly(Compression.ZSTD);
      assertThat(EngineModel.get(engine, "key", 9)).contains("value value");
    }
  }

  /** What is run without a directory for native libraries. */
  static final class Child {
    public static void main(String[] arguments) {
      StorageOptions options = StorageOptions.defaults(Durability.WAL);
      FaultyFileSystem files = new FaultyFileSystem();
      StorageResources resources = StorageResources.inline(0);
      StorageEngine.open(files, HOME, options, resources).close(); // LZ4 needs none
      try {
        StorageEngine.open(files, HOME, options.withCompression(ZSTD_BELOW), resources).close();
        System.out.println("opened");
      } catch (StorageException.IoFailure e) {
        System.out.println(e.getMessage());
      }
      resources.close();
    }
  }

  @Test
  void without_the_native_library_it_is_refused_at_opening_with_a_remedy(@TempDir Path directory)
      throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process child =
        new ProcessBuilder(
                java.toString(),
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + directory.resolve("missing"),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(output)
        .contains("Zstd is not to be had here")
        .contains("-Djava.io.tmpdir=DIR")
        .doesNotContain("opened");
  }

  @Test
  void less_at_the_bottom_than_above_is_refused_with_a_remedy() {
    assertThatThrownBy(() -> new LevelCompression(Compression.ZSTD, Compression.LZ4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "LZ4 at the bottom and Zstd above it: data would grow on its way down; use Zstd at the"
                + " bottom as well, or less above");
    for (Compression upper : Compression.values()) {
      assertThat(LevelCompression.same(upper).of(0, 3)).isEqualTo(upper);
    }
  }

  @Test
  void level_0_is_never_the_bottom_and_the_deepest_with_a_table_is() {
    assertThat(ZSTD_BELOW.of(0, 0)).isEqualTo(Compression.LZ4);
    assertThat(ZSTD_BELOW.of(1, 0)).isEqualTo(Compression.ZSTD);
    assertThat(ZSTD_BELOW.of(1, 2)).isEqualTo(Compression.LZ4);
    assertThat(ZSTD_BELOW.of(2, 2)).isEqualTo(Compression.ZSTD);
    assertThat(ZSTD_BELOW.of(3, 2)).isEqualTo(Compression.ZSTD);
  }
}
