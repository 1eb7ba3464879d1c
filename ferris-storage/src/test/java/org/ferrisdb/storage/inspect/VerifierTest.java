package org.ferrisdb.storage.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.inspect.Finding.Kind;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.TableFormat;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Every kind of damage is planted and found; sound engines and what a crash leaves pass. */
final class VerifierTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final StorageOptions OPTIONS =
      new StorageOptions(Durability.WAL, 8_000, 200, 3_000, 20_000, 3, 12, MemtableKind.TRIE);

  private FaultyFileSystem files = build();

  private static FaultyFileSystem build() {
    Random random = new Random(5);
    FaultyFileSystem files = new FaultyFileSystem();
    try (StorageEngine engine =
        StorageEngine.open(files, HOME, OPTIONS, StorageResources.inline(1 << 20))) {
      for (int i = 1; i <= 150; i++) {
        byte[] key = EngineModel.bytes("key" + random.nextInt(50));
        engine.write(
            random.nextInt(4) == 0
                ? new WriteBatch().delete(key, i)
                : new WriteBatch().put(key, i, EngineModel.bytes("value " + i)));
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

  private List<Finding> verify() throws IOException {
    List<Finding> told = new ArrayList<>();
    Verifier.Report report = Verifier.verify(files, HOME, told::add);
    assertThat(told).isEqualTo(report.findings());
    assertThat(report.problems())
        .isEqualTo(told.stream().filter(f -> !f.kind().harmless()).count());
    return told;
  }

  private byte[] bytes(String name) {
    return files.bytes(HOME.resolve(name));
  }

  private void rewrite(String name, byte[] bytes) throws IOException {
    if (files.exists(HOME.resolve(name))) {
      files.delete(HOME.resolve(name));
    }
    try (FileSystem.WritableFile file = files.create(HOME.resolve(name))) {
      file.append(ByteBuffer.wrap(bytes));
    }
  }

  private String first(String part) throws IOException {
    return files.list(HOME).stream().filter(n -> n.contains(part)).findFirst().orElseThrow();
  }

  @Test
  void a_sound_engine_has_no_findings_and_everything_was_read() throws IOException {
    assertThat(verify()).isEmpty();
    Verifier.Report report = Verifier.verify(files, HOME, _ -> {});
    assertThat(report.tables()).isGreaterThan(1);
    assertThat(report.entries()).isBetween(50L, 150L);
    assertThat(report.walFiles()).isEqualTo(1);
    assertThat(report.walRecords()).isGreaterThan(10);
  }

  @Test
  void all_problems_are_reported_not_only_the_first() throws IOException {
    String damaged = first(".sst");
    files.flip(HOME.resolve(damaged), 8 * 40);
    String missing =
        files.list(HOME).stream().filter(n -> n.endsWith(".sst")).skip(1).findFirst().orElseThrow();
    files.delete(HOME.resolve(missing));
    rewrite("000001.sst", EngineModel.bytes("what a crash left"));
    assertThat(verify())
        .extracting(f -> f.kind() + " " + f.file())
        .contains("DAMAGED " + damaged, "MISSING " + missing, "LEFTOVER 000001.sst");
  }

  @Test
  void a_table_of_another_length_is_found() throws IOException {
    String name = first(".sst");
    byte[] bytes = bytes(name);
    rewrite(name, java.util.Arrays.copyOf(bytes, bytes.length - 10));
    assertThat(verify()).extracting(Finding::kind).contains(Kind.WRONG_LENGTH, Kind.DAMAGED);
  }

  @Test
  void a_torn_wal_is_a_note_and_a_hole_in_it_a_problem() throws IOException {
    String name = first(".wal");
    byte[] bytes = bytes(name);
    rewrite(name, java.util.Arrays.copyOf(bytes, bytes.length - 40));
    assertThat(verify()).extracting(Finding::kind).containsExactly(Kind.TORN_TAIL);
    byte[] hole = bytes.clone();
    hole[60] ^= 1;
    rewrite(name, hole);
    assertThat(verify()).extracting(Finding::kind).contains(Kind.DAMAGED);
  }

  @Test
  void a_lost_or_damaged_current_is_found_and_the_tables_are_read_nevertheless()
      throws IOException {
    rewrite("CURRENT", EngineModel.bytes("MANIFEST-000003 00000000\n"));
    files.flip(HOME.resolve(first(".sst")), 8 * 40);
    assertThat(verify())
        .extracting(f -> f.kind() + " " + f.file())
        .contains("DAMAGED CURRENT", "DAMAGED " + first(".sst"));
    files.delete(HOME.resolve("CURRENT"));
    assertThat(verify()).extracting(Finding::kind).contains(Kind.MISSING);
  }

  @Test
  void a_hole_in_the_manifest_is_found() throws IOException {
    String name = first("MANIFEST");
    files.flip(HOME.resolve(name), 8 * 60);
    assertThat(verify()).extracting(f -> f.kind() + " " + f.file()).contains("DAMAGED " + name);
  }

  @Test
  void tables_that_overlap_and_properties_that_differ_are_found() throws IOException {
    long number = Manifest.current(files, HOME);
    DurableState state = Manifest.load(files, HOME, number);
    TableMetadata real = state.version().level(1).getFirst();
    TableProperties p = real.properties();
    TableProperties other =
        new TableProperties(
            p.entries() + 1,
            p.tombstones(),
            p.ranges(),
            p.keys(),
            p.minTimestamp(),
            p.maxTimestamp(),
            p.smallest(),
            p.end());
    try (Manifest manifest = Manifest.create(files, HOME, 900, DurableState.initial())) {
      manifest.append(
          edit(new VersionEdit.Added(1, new TableMetadata(real.number(), real.length(), other))));
      manifest.append(edit(new VersionEdit.Added(1, real)));
    }
    files.delete(HOME.resolve(FileNames.Kind.MANIFEST.name(number)));
    assertThat(verify())
        .extracting(f -> f.kind() + " " + f.file())
        .contains(
            "OVERLAP MANIFEST-000900", "MANIFEST " + FileNames.Kind.TABLE.name(real.number()));
  }

  private static VersionEdit edit(VersionEdit.Added added) {
    return new VersionEdit(901, 0, AppliedPosition.NONE, 0, List.of(), List.of(added));
  }

  /** Planted with right checksums: only the comparison of the parts can find them. */
  enum Plant {
    ORDER,
    COUNT,
    KEY_BOUND,
    TIMESTAMP_BOUND,
    FILTER,
    INDEX,
    SHARED
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SHARED")
  void a_lie_under_a_right_checksum_is_found(Plant plant) throws IOException {
    Kind expected =
        switch (plant) {
          case ORDER -> Kind.OUT_OF_ORDER;
          case COUNT -> Kind.WRONG_COUNT;
          case KEY_BOUND, TIMESTAMP_BOUND -> Kind.OUT_OF_BOUNDS;
          case FILTER -> Kind.FILTER;
          case INDEX -> Kind.INDEX;
          case SHARED -> Kind.DAMAGED;
        };
    assertThat(verifyPlanted(plant)).extracting(Finding::kind).contains(expected);
  }

  @Test
  void an_entry_that_shares_more_than_there_is_ends_its_block_with_a_finding() throws IOException {
    assertThat(verifyPlanted(Plant.SHARED)).extracting(Finding::kind).contains(Kind.DAMAGED);
  }

  @Test
  void the_tables_that_lies_are_planted_in_are_sound_themselves() throws IOException {
    FaultyFileSystem disk = new FaultyFileSystem();
    TestTables.write(disk, TestTables.FILE);
    assertThat(TableVerifier.verify(disk, TestTables.FILE, TableVerifier.Values.UNASKED).findings())
        .isEmpty();
  }

  private static List<Finding> verifyPlanted(Plant plant) throws IOException {
    FaultyFileSystem disk = new FaultyFileSystem();
    byte[] table = TestTables.write(disk, TestTables.FILE);
    Consumer<byte[]> change =
        switch (plant) {
          case ORDER -> b -> replace(b, "banana", "aanana");
          case COUNT -> b -> TestTables.part(b, "properties", p -> p[0]++);
          case KEY_BOUND ->
              b -> TestTables.part(b, "properties", p -> replace(p, "cherry", "cherrx"));
          case TIMESTAMP_BOUND -> b -> TestTables.part(b, "properties", p -> p[5]--);
          case FILTER ->
              b ->
                  TestTables.part(
                      b, "filter", p -> java.util.Arrays.fill(p, 1, p.length, (byte) 0));
          case INDEX -> b -> TestTables.part(b, "index", p -> replace(p, "cherry", "cherrx"));
          case SHARED -> b -> b[16] = 9;
        };
    change.accept(table);
    TestTables.mendChecksums(table);
    disk.delete(TestTables.FILE);
    try (FileSystem.WritableFile file = disk.create(TestTables.FILE)) {
      file.append(ByteBuffer.wrap(table));
    }
    return TableVerifier.verify(disk, TestTables.FILE, TableVerifier.Values.UNASKED).findings();
  }

  private static void replace(byte[] bytes, String from, String to) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(from);
    assertThat(at).as(from).isNotNegative();
    System.arraycopy(EngineModel.bytes(to), 0, bytes, at, to.length());
  }

  /** What the engine itself would refuse, the verifier finds; what passes here reads right. */
  @Test
  void no_flipped_bit_passes_that_the_engine_notices() throws IOException {
    Random random = Seeds.random("verifier", 11);
    FaultyFileSystem sound = files;
    int noticed = 0;
    for (String name : sound.list(HOME)) {
      int length = sound.bytes(HOME.resolve(name)).length;
      int step = Math.max(1, length / 150);
      for (int at = 0; at < length; at += step) {
        files = sound.copy();
        files.flip(HOME.resolve(name), 8L * at + random.nextInt(8));
        boolean found = verify().stream().anyMatch(f -> !f.kind().harmless());
        EngineInspector.inspect(files, HOME);
        Inspector.inspect(
            files, HOME.resolve(name), new Inspector.Request(true, true, -1, null), _ -> {});
        if (refuses(files.copy())) {
          noticed++;
          assertThat(found).as("%s byte %d", name, at).isTrue();
        }
      }
    }
    assertThat(noticed).isGreaterThan(100);
  }

  private static boolean refuses(FaultyFileSystem damaged) {
    try (StorageEngine engine =
        StorageEngine.open(damaged, HOME, OPTIONS, StorageResources.inline(1 << 20))) {
      for (int i = 0; i < 50; i++) {
        engine.get(EngineModel.bytes("key" + i), Long.MAX_VALUE);
      }
      return false;
    } catch (StorageException.Corruption e) {
      return true;
    }
  }

  /** Fuzz: no file makes the readers fail in any way but with findings. */
  @Test
  void garbage_in_any_file_gives_findings_and_no_exception() throws IOException {
    Random random = Seeds.random("garbage", 23);
    for (int round = 0; round < 300; round++) {
      for (String name : List.of("000007.sst", "000007.wal", "MANIFEST-000007", "CURRENT")) {
        FaultyFileSystem disk = new FaultyFileSystem();
        byte[] bytes = new byte[random.nextInt(400)];
        random.nextBytes(bytes);
        int length = TestTables.FOOTER_BYTES;
        if (bytes.length > length && random.nextBoolean()) {
          byte[] footer = new byte[length];
          random.nextBytes(footer);
          System.arraycopy(EngineModel.bytes(TableFormat.MAGIC), 0, footer, length - 8, 8);
          Bytes.putInt(footer, length - 16, TableFormat.VERSION);
          Bytes.putInt(footer, length - 12, Bytes.crc32c(footer, 0, length - 12));
          System.arraycopy(footer, 0, bytes, bytes.length - length, length);
        }
        try (FileSystem.WritableFile file = disk.create(Path.of("/", name))) {
          file.append(ByteBuffer.wrap(bytes));
        }
        assertThat(
                Inspector.inspect(
                    disk, Path.of("/", name), new Inspector.Request(true, true, -1, null), _ -> {}))
            .as(name)
            .isEqualTo(name.endsWith(".wal") || name.startsWith("MANIFEST"));
      }
    }
  }

  @Test
  void a_kind_of_entry_is_told_by_its_tag() {
    assertThat(EntryKind.values()).hasSize(2); // a third needs a word in PartBuilder
  }
}
