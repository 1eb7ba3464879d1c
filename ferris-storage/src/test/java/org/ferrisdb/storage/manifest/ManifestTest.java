package org.ferrisdb.storage.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Golden;
import org.junit.jupiter.api.Test;

/** The bytes of a manifest and of CURRENT, and what edits add up to. */
final class ManifestTest {
  private static final Path HOME = Path.of("/");

  private final FaultyFileSystem files = new FaultyFileSystem();

  private static TableMetadata table(long number, String from, String to) {
    TableProperties properties =
        new TableProperties(
            10, 2, 1, 8, 100, 900, EngineModel.bytes(from), EngineModel.bytes(to + "\0"));
    return new TableMetadata(number, 4096, properties);
  }

  /** Of the table this engine has what is from "cherry" on. */
  private static TableMetadata bounded(TableMetadata table) {
    KeyRange range = new KeyRange(EngineModel.bytes("cherry"), null);
    return new TableMetadata(
        table.number(), table.length(), table.properties(), new TableMetadata.Bounds(range, 1000));
  }

  private static VersionEdit add(int level, TableMetadata table) {
    return new VersionEdit(
        20,
        15,
        new AppliedPosition(2, 77),
        5,
        List.of(),
        List.of(new VersionEdit.Added(level, table)));
  }

  @Test
  void a_manifest_has_the_bytes_that_the_drawing_says() throws IOException {
    try (Manifest manifest = Manifest.create(files, HOME, 3, DurableState.initial())) {
      manifest.append(add(0, table(12, "apple", "plum")));
      manifest.append(
          new VersionEdit(
              21,
              15,
              new AppliedPosition(2, 77),
              5,
              List.of(new VersionEdit.Removed(0, 12)),
              List.of(new VersionEdit.Added(1, bounded(table(12, "apple", "plum"))))));
    }
    Golden.file(
        "manifest.txt",
        Golden.hexdump(files.bytes(HOME.resolve("MANIFEST-000003")))
            + "\nCURRENT\n"
            + Golden.hexdump(files.bytes(HOME.resolve("CURRENT"))));
    assertThat(Manifest.current(files, HOME)).isEqualTo(3);
    DurableState state = Manifest.load(files, HOME, 3);
    assertThat(state.nextFileNumber()).isEqualTo(21);
    assertThat(state.logNumber()).isEqualTo(15);
    assertThat(state.position()).isEqualTo(new AppliedPosition(2, 77));
    assertThat(state.version().level(0)).isEmpty();
    assertThat(state.version().level(1)).extracting(TableMetadata::number).containsExactly(12L);
    TableMetadata kept = state.version().level(1).getFirst();
    assertThat(EngineModel.text(kept.smallest())).isEqualTo("cherry");
    assertThat(EngineModel.text(kept.end())).isEqualTo("plum\0");
    assertThat(kept.bytes()).isEqualTo(1000);
  }

  @Test
  void level_0_is_listed_newest_first_and_deeper_levels_by_key() {
    Version version =
        Version.empty()
            .apply(add(0, table(5, "a", "z")))
            .apply(add(0, table(9, "a", "z")))
            .apply(add(1, table(7, "m", "p")))
            .apply(add(1, table(8, "a", "c")));
    assertThat(version.level(0)).extracting(TableMetadata::number).containsExactly(9L, 5L);
    assertThat(version.level(1)).extracting(TableMetadata::number).containsExactly(8L, 7L);
  }

  @Test
  void an_edit_that_contradicts_the_state_is_corruption() {
    Version version = Version.empty().apply(add(1, table(7, "m", "p")));
    assertThatThrownBy(() -> version.apply(add(1, table(8, "a", "m"))))
        .isInstanceOf(StorageException.Corruption.class)
        .hasMessageContaining("overlap");
    VersionEdit removal =
        new VersionEdit(
            1, 1, AppliedPosition.NONE, 0, List.of(new VersionEdit.Removed(2, 7)), List.of());
    assertThatThrownBy(() -> version.apply(removal))
        .isInstanceOf(StorageException.Corruption.class);
  }

  @Test
  void names_that_are_not_ours_have_no_number() {
    assertThat(FileNames.Kind.TABLE.number("000012.sst")).isEqualTo(12);
    assertThat(FileNames.Kind.MANIFEST.number("MANIFEST-1234567")).isEqualTo(1_234_567);
    for (String name : List.of("12.sst", "000012.sst.bak", "0000x2.sst", "LOCK", ".sst")) {
      assertThat(FileNames.Kind.TABLE.number(name)).as(name).isEqualTo(-1);
    }
  }
}
