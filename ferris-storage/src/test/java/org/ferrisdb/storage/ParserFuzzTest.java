package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.sstable.ValueReference;
import org.ferrisdb.storage.testing.Checksums;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.Seeds;
import org.ferrisdb.storage.wal.BatchRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nonsense under right checksums, as a bug or malice would write it: every parser takes it for what
 * it is or for corruption. Nothing else is thrown, nothing runs for ever, and no length is believed
 * to the point of taking memory for it. {@code -Dferris.fuzz.cases=N} makes the run longer.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParserFuzzTest {
  private static final int CASES = Integer.getInteger("ferris.fuzz.cases", 2_000);
  private static final Path HOME = Path.of("/disk/engine");

  /** The files are a few KB; each KB of a compressed block may stand for 255. */
  private static final long ALLOCATION_LIMIT = 16 << 20;

  private static final long[] NUMBERS = {
    0,
    1,
    2,
    127,
    128,
    255,
    1 << 16,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    -1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 32,
    1L << 35,
    1L << 59
  };

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final StorageResources resources = Leaks.inline(1 << 20);
  private Compression compression = Compression.LZ4;
  private int refused;
  private int taken;
  private long mostAllocated;

  private StorageEngine open(FaultyFileSystem files) {
    StorageOptions options =
        new StorageOptions(Durability.WAL, 2_500, 300, 3_000, 20_000, 3, 12, MemtableKind.TRIE)
            .withCompression(LevelCompression.same(compression))
            .withValuesApartFrom(45);
    return StorageEngine.open(files, HOME, options, resources);
  }

  private FaultyFileSystem build(Random random) {
    FaultyFileSystem files = new FaultyFileSystem();
    try (StorageEngine engine = open(files)) {
      for (int i = 1; i <= 100; i++) {
        WriteBatch batch = new WriteBatch().at(new AppliedPosition(1, i));
        byte[] value = new byte[30 + random.nextInt(30)];
        if (compression == Compression.NONE) {
          random.nextBytes(value);
        }
        batch.put(EngineModel.bytes("key" + random.nextInt(40)), i, value);
        batch.delete(EngineModel.bytes("gone" + random.nextInt(40)), i);
        if (i % 10 == 0) {
          batch.deleteRange(EngineModel.bytes("key1"), EngineModel.bytes("key" + (2 + i % 7)), i);
        }
        engine.write(batch);
        if (i == 50) {
          engine.compact();
        }
      }
    }
    return files;
  }

  @ParameterizedTest
  @EnumSource
  void nonsense_under_right_checksums_is_corruption_or_content(Compression used)
      throws IOException {
    compression = used;
    Random random = Seeds.random("fuzz " + used, 8);
    FaultyFileSystem files = build(random);
    assertThat(blocks(files)).as("blocks compressed so").isPositive();
    List<String> names =
        files.list(HOME).stream()
            .filter(name -> !name.equals(FileNames.CURRENT) && !name.equals(FileNames.LOCK))
            .toList();
    for (int i = 0; i < CASES; i++) {
      long seed = random.nextLong();
      Random mine = new Random(seed);
      String name = names.get(i % names.size());
      byte[] content = files.bytes(HOME.resolve(name));
      Checksums checksums = Checksums.of(name, content);
      garble(content, checksums, mine);
      checksums.repair(content);
      FaultyFileSystem damaged = files.copy();
      damaged.replace(HOME.resolve(name), content);
      use(damaged, "%s, case %d of seed %d".formatted(name, i, seed));
    }
    System.out.printf(
        "fuzz: %d refused, %d taken, at most %d KB allocated%n",
        refused, taken, mostAllocated >> 10);
    assertThat(refused).isGreaterThan(CASES / 10);
  }

  /** How many data blocks are compressed as wanted. */
  private long blocks(FaultyFileSystem files) throws IOException {
    long count = 0;
    for (String name : files.list(HOME)) {
      if (name.endsWith(".sst")) {
        byte[] table = files.bytes(HOME.resolve(name));
        count +=
            Checksums.dataBlockEnds(table).stream()
                .filter(end -> table[end - 5] == compression.code())
                .count();
      }
    }
    return count;
  }

  /** A few changes to what is under one checksum. */
  private static void garble(byte[] content, Checksums checksums, Random random) {
    Checksums.Region region = checksums.regions().get(random.nextInt(checksums.regions().size()));
    for (int edits = random.nextInt(3); edits >= 0; edits--) {
      int at = region.from() + random.nextInt(region.to() - region.from());
      int room = region.to() - at;
      long number = NUMBERS[random.nextInt(NUMBERS.length)] + random.nextInt(3) - 1;
      switch (random.nextInt(6)) {
        case 0 -> content[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> content[at] = (byte) random.nextInt();
        case 2 -> {
          if (room >= 4) {
            Bytes.putInt(content, at, (int) number);
          }
        }
        case 3 -> {
          if (room >= 8) {
            Bytes.putLong(content, at, number);
          }
        }
        case 4 -> { // a varint
          for (int i = 0; i < Math.min(room, 10); i++) {
            content[at + i] = (byte) (number >>> 7 == 0 ? number : number | 0x80);
            number >>>= 7;
            if (number == 0) {
              break;
            }
          }
        }
        default -> {
          for (int i = 0; i < Math.min(room, 1 + random.nextInt(40)); i++) {
            content[at + i] = (byte) random.nextInt();
          }
        }
      }
    }
  }

  private void use(FaultyFileSystem damaged, String what) {
    long before = threads.getCurrentThreadAllocatedBytes();
    try (StorageEngine engine = open(damaged)) {
      for (Direction direction : Direction.values()) {
        attempt(() -> EngineModel.scan(engine, null, null, Long.MAX_VALUE, direction));
        attempt(() -> EngineModel.scan(engine, "key2", null, 50, direction));
      }
      for (String key : List.of("key1", "key20", "gone33", "a", "z")) {
        attempt(() -> EngineModel.get(engine, key, Long.MAX_VALUE));
        attempt(() -> EngineModel.get(engine, key, 40));
      }
      attempt(engine::compact);
      attempt(() -> StorageEngine.verify(damaged, HOME));
      taken++;
    } catch (StorageException.Corruption | StorageException.UnknownVersion e) {
      refused++;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    mostAllocated = Math.max(mostAllocated, allocated);
    assertThat(allocated).as(what).isLessThan(ALLOCATION_LIMIT);
  }

  private void attempt(Runnable use) {
    try {
      use.run();
    } catch (StorageException.Corruption | StorageException.UnknownVersion e) {
      refused++;
    }
  }

  @Test
  void a_current_that_names_anything_is_corruption() throws IOException {
    FaultyFileSystem files = build(new Random(1));
    for (String name :
        List.of(
            "",
            "MANIFEST-",
            "MANIFEST-1",
            "MANIFEST-999999999999999999",
            "MANIFEST-9999999999999999999",
            "MANIFEST-00000x",
            "MANIFEST-000001 000001",
            "../engine/MANIFEST-000001",
            "\0",
            "x".repeat(1000))) {
      FaultyFileSystem damaged = files.copy();
      damaged.replace(HOME.resolve("CURRENT"), Checksums.current(name));
      int before = refused;
      use(damaged, name);
      assertThat(refused).as(name).isEqualTo(before + 1);
    }
  }

  /** A way from bytes to something. */
  private interface Parser {
    void parse(ByteSource source);
  }

  @Test
  void random_bytes_are_corruption_to_every_decoder() {
    Random random = Seeds.random("decoders", 9);
    for (Parser parser :
        List.<Parser>of(
            VersionEdit::decode,
            ParserFuzzTest::readBatch,
            TableProperties::decode,
            ValueReference::decode)) {
      for (int i = 0; i < 50_000; i++) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        for (int at = 0; at < bytes.length; at++) {
          bytes[at] = random.nextInt(3) == 0 ? bytes[at] : (byte) random.nextInt(4);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
          parser.parse(new ByteSource(bytes, 0, bytes.length, "bytes"));
        } catch (StorageException.Corruption e) {
          assertThat(e).hasMessageContaining("bytes: ").hasMessageContaining("offset");
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(ALLOCATION_LIMIT);
      }
    }
  }

  private static void readBatch(ByteSource source) {
    AppliedPosition _ =
        BatchRecord.read(
            source,
            (array, key, keyLength, timestamp, kind, value, valueLength) ->
                assertThat(Math.max(key + keyLength, value + valueLength))
                    .isLessThanOrEqualTo(array.length),
            range -> assertThat(range.timestamp()).isNotNegative());
  }
}
