package org.ferrisdb.storage.sstable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.testing.Checksums;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Golden;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables and blocks: their bytes, and reading back what was written. */
final class SSTableTest {
  private static final Path FILE = Path.of("/000001.sst");

  private final FaultyFileSystem files = new FaultyFileSystem();

  private static void add(SSTableWriter writer, String key, long timestamp, String value)
      throws IOException {
    byte[] bytes = EngineModel.bytes(value);
    long tag = EntryOrder.tag(timestamp, value.isEmpty() ? EntryKind.TOMBSTONE : EntryKind.PUT);
    byte[] keyBytes = EngineModel.bytes(key);
    writer.add(keyBytes, keyBytes.length, tag, bytes, 0, bytes.length, false);
  }

  private SSTableReader open() {
    return SSTableReader.open(files, FILE, files.bytes(FILE).length, BlockPool.NONE);
  }

  @Test
  void a_block_has_the_bytes_that_the_drawing_says() {
    BlockBuilder builder = new BlockBuilder(2);
    for (String key : List.of("apple", "apricot", "banana")) {
      byte[] bytes = EngineModel.bytes(key);
      long tag = EntryOrder.tag(7, EntryKind.PUT);
      int common = key.equals("apricot") ? 2 : 0;
      builder.add(
          bytes, bytes.length, common, tag, EngineModel.bytes("v"), 0, 1, key.equals("banana"));
    }
    Golden.file("block.txt", Golden.hexdump(builder.finish().toByteArray()));
  }

  /**
   * The library decides which frame it makes; what must be read for ever is in {@code
   * CompressionTest}. Another library may change this file, and only behind the window byte.
   */
  @Test
  void a_block_compressed_with_zstd_has_the_bytes_that_the_drawing_says() throws IOException {
    try (SSTableWriter writer = SSTableWriter.create(files, FILE, 400, Compression.ZSTD)) {
      for (int i = 0; i < 10; i++) {
        add(writer, "account/0000" + i, 7, "{\"owner\":\"nobody\",\"balance\":" + i + "}");
      }
      writer.finish();
    }
    byte[] bytes = files.bytes(FILE);
    assertThat(Checksums.dataBlockEnds(bytes)).hasSize(1);
    int end = Checksums.dataBlockEnds(bytes).getFirst();
    Golden.file("block-zstd.txt", Golden.hexdump(Arrays.copyOfRange(bytes, 16, end)));
    SSTableReader table = open();
    assertThat(show(table, "account/00009", 9)).isEqualTo("PUT@7");
    table.release();
  }

  /** Not compressed: LZ4 leaves it to the encoder which bytes it writes. */
  @Test
  void a_table_has_the_bytes_that_the_drawing_says() throws IOException {
    try (SSTableWriter writer = SSTableWriter.create(files, FILE, 60, Compression.NONE)) {
      add(writer, "apple", 9, "green");
      add(writer, "apple", 4, "red");
      add(writer, "apricot", 5, "");
      add(writer, "banana", 2, "yellow");
      add(writer, "cherry", 3, "red");
      writer.finish();
    }
    Golden.file("sstable.txt", Golden.hexdump(files.bytes(FILE)));
  }

  @Test
  void a_table_with_range_tombstones_has_the_bytes_that_the_drawing_says() throws IOException {
    RangeTombstones ranges =
        RangeTombstones.EMPTY
            .with(new RangeTombstone(EngineModel.bytes("b"), EngineModel.bytes("m"), 6), 0)
            .with(new RangeTombstone(EngineModel.bytes("k"), EngineModel.bytes("p"), 8), 0);
    try (SSTableWriter writer = SSTableWriter.create(files, FILE, 60, Compression.NONE)) {
      add(writer, "cherry", 7, "red");
      writer.setRanges(ranges);
      TableProperties properties = writer.finish();
      assertThat(properties.ranges()).isEqualTo(4);
      assertThat(EngineModel.text(properties.smallest())).isEqualTo("b");
      assertThat(EngineModel.text(properties.end())).isEqualTo("p");
      assertThat(properties.minTimestamp()).isEqualTo(6);
      assertThat(properties.maxTimestamp()).isEqualTo(8);
    }
    Golden.file("sstable-ranges.txt", Golden.hexdump(files.bytes(FILE)));
    SSTableReader table = open();
    assertThat(show(table, "cherry", 9)).isEqualTo("PUT@7");
    assertThat(show(table, "lemon", 9)).isEqualTo("TOMBSTONE@8");
    assertThat(show(table, "lemon", 7)).isEqualTo("TOMBSTONE@6");
    assertThat(show(table, "lemon", 5)).isEqualTo("nothing");
    assertThat(show(table, "p", 9)).isEqualTo("nothing");
    table.release();
  }

  private static String show(SSTableReader table, String key, long timestamp) {
    byte[] bytes = EngineModel.bytes(key);
    Versioned found = table.hide(table.get(bytes, timestamp, ValueResolver.NONE), bytes, timestamp);
    return found == null ? "nothing" : found.kind() + "@" + found.timestamp();
  }

  @ParameterizedTest
  @EnumSource
  void every_version_is_found_at_every_timestamp(Compression compression) throws IOException {
    Random random = Seeds.random("sstable " + compression, 99);
    for (int round = 0; round < 30; round++) {
      roundTrip(random, compression);
      files.delete(FILE);
    }
  }

  private void roundTrip(Random random, Compression compression) throws IOException {
    NavigableMap<String, NavigableMap<Long, String>> expected = new TreeMap<>();
    int keys = 1 + random.nextInt(120);
    for (int i = 0; i < keys; i++) {
      String key = "a".repeat(random.nextInt(4)) + Integer.toString(random.nextInt(300), 36);
      NavigableMap<Long, String> history = expected.computeIfAbsent(key, k -> new TreeMap<>());
      for (int v = random.nextInt(4); v >= 0; v--) {
        history.put((long) random.nextInt(40), "v".repeat(1 + random.nextInt(300)));
      }
    }
    List<String> order = new ArrayList<>();
    try (SSTableWriter writer =
        SSTableWriter.create(files, FILE, 50 + random.nextInt(900), compression)) {
      for (Map.Entry<String, NavigableMap<Long, String>> entry : expected.entrySet()) {
        for (Map.Entry<Long, String> version : entry.getValue().descendingMap().entrySet()) {
          add(writer, entry.getKey(), version.getKey(), version.getValue());
          order.add(entry.getKey() + "@" + version.getKey());
        }
      }
      TableProperties properties = writer.finish();
      assertThat(properties.keys()).isEqualTo(expected.size());
      assertThat(properties.entries()).isEqualTo(order.size());
    }
    SSTableReader table = open();
    checkGets(table, expected);
    checkWalks(table, order, expected);
    table.release();
  }

  private static void checkGets(
      SSTableReader table, NavigableMap<String, NavigableMap<Long, String>> expected) {
    for (int i = 0; i < 300; i++) {
      for (String prefix : List.of("", "a", "aa")) {
        String key = prefix + Integer.toString(i, 36);
        byte[] bytes = EngineModel.bytes(key);
        NavigableMap<Long, String> history = expected.getOrDefault(key, new TreeMap<>());
        for (long timestamp : new long[] {0, 5, 20, Long.MAX_VALUE >> 1}) {
          boolean mayContain = table.mayContain(SSTableReader.hash(bytes));
          Versioned found = mayContain ? table.get(bytes, timestamp, ValueResolver.NONE) : null;
          Map.Entry<Long, String> wanted = history.floorEntry(timestamp);
          assertThat(found == null).as("%s at %d", key, timestamp).isEqualTo(wanted == null);
          if (found != null && wanted != null) {
            assertThat(found.timestamp()).isEqualTo(wanted.getKey());
            assertThat(EngineModel.text(found.value())).isEqualTo(wanted.getValue());
          }
        }
      }
    }
  }

  private static void checkWalks(
      SSTableReader table,
      List<String> order,
      NavigableMap<String, NavigableMap<Long, String>> expected) {
    EntryIterator entries = table.iterator(false);
    List<String> found = new ArrayList<>();
    for (entries.seekFirst(); entries.valid(); entries.next()) {
      found.add(EngineModel.text(entries.entry().keyCopy()) + "@" + entries.entry().timestamp());
    }
    assertThat(found).isEqualTo(order);
    found.clear();
    for (entries.seekLast(); entries.valid(); entries.prev()) {
      found.add(EngineModel.text(entries.entry().keyCopy()) + "@" + entries.entry().timestamp());
    }
    assertThat(found).isEqualTo(order.reversed());
    checkZigzag(entries, order);
    for (String key : List.of("", "a", "a5", "b", "5", "zzzz")) {
      entries.seek(EngineModel.bytes(key), Long.MAX_VALUE);
      String first = expected.ceilingKey(key);
      assertThat(entries.valid() ? EngineModel.text(entries.entry().keyCopy()) : null)
          .isEqualTo(first);
      entries.seekBefore(EngineModel.bytes(key));
      Map.Entry<String, NavigableMap<Long, String>> before = expected.lowerEntry(key);
      String last = before == null ? null : before.getKey();
      assertThat(entries.valid() ? EngineModel.text(entries.entry().keyCopy()) : null)
          .isEqualTo(last);
      if (before != null) {
        assertThat(entries.entry().timestamp()).isEqualTo(before.getValue().firstKey());
      }
    }
    entries.close();
  }

  /** Back and forth, some steps each way, over borders of restarts and blocks. */
  private static void checkZigzag(EntryIterator entries, List<String> order) {
    Random random = new Random(order.size());
    int at = order.size() / 2;
    entries.seekFirst();
    for (int i = 0; i < at; i++) {
      entries.next();
    }
    for (int turn = 0; turn < 200; turn++) {
      boolean forward = random.nextBoolean();
      for (int steps = random.nextInt(40); steps > 0; steps--) {
        int next = forward ? at + 1 : at - 1;
        if (next < 0 || next == order.size()) {
          break;
        }
        at = next;
        if (forward) {
          entries.next();
        } else {
          entries.prev();
        }
        assertThat(EngineModel.text(entries.entry().keyCopy()) + "@" + entries.entry().timestamp())
            .isEqualTo(order.get(at));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 5_000})
  void the_filter_admits_every_key_and_few_others(int keys) {
    long[] hashes = new long[keys];
    for (int i = 0; i < keys; i++) {
      hashes[i] = hash("present" + i);
    }
    BloomFilter filter = BloomFilter.decode(BloomFilter.build(hashes, keys).encode(), "test", 0);
    for (long hash : hashes) {
      assertThat(filter.mayContain(hash)).isTrue();
    }
    int wrong = 0;
    for (int i = 0; i < 10_000; i++) {
      wrong += filter.mayContain(hash("absent" + i)) ? 1 : 0;
    }
    assertThat(wrong).isLessThan(200);
  }

  /** The index's numbers against a search through the keys, with all that makes numbers equal. */
  @Test
  void the_index_finds_what_a_search_through_its_keys_finds() {
    Random random = Seeds.random("table index", 17);
    List<String> prefixes = List.of("", "a", "common/prefix/", "\0", "\uFFFD");
    for (int round = 0; round < 400; round++) {
      String prefix = prefixes.get(random.nextInt(prefixes.size()));
      NavigableMap<byte[], List<Long>> entries = new TreeMap<>(Arrays::compareUnsigned);
      for (int i = random.nextInt(12); i >= 0; i--) {
        String key = prefix + "0".repeat(random.nextInt(12)) + "k" + random.nextInt(4);
        List<Long> stamps = entries.computeIfAbsent(EngineModel.bytes(key), k -> new ArrayList<>());
        stamps.add(100L - 10L * stamps.size());
      }
      BlockBuilder builder = new BlockBuilder(1);
      entries.forEach((key, stamps) ->
          stamps.forEach(stamp -> {
            long tag = EntryOrder.tag(stamp, EntryKind.PUT);
            builder.add(key, key.length, 0, tag, new byte[12], 0, 12, false);
          }));
      Block block = new Block(builder.finish().toByteArray(), "test", 0);
      TableIndex index = new TableIndex(block, "test");
      List<byte[]> sought = new ArrayList<>(entries.keySet());
      for (byte[] key : entries.keySet()) {
        sought.add(Arrays.copyOf(key, random.nextInt(key.length)));
        sought.add(Arrays.copyOf(key, key.length + 1));
        byte[] other = key.clone();
        other[random.nextInt(key.length)] += (byte) (random.nextInt(3) - 1);
        sought.add(other);
      }
      for (byte[] key : sought) {
        long timestamp = 45L + random.nextInt(60);
        assertThat(index.find(key, timestamp))
            .as("round %d: %s at %d", round, EngineModel.text(key), timestamp)
            .isEqualTo(block.firstRestartAtOrAfter(key, timestamp, 0, block.restartCount));
      }
    }
  }

  private static long hash(String key) {
    return SSTableReader.hash(EngineModel.bytes(key));
  }

  @ParameterizedTest
  @ValueSource(ints = {TableFormat.VERSION - 1, TableFormat.VERSION + 1})
  void another_version_is_refused_untouched(int version) throws IOException {
    try (SSTableWriter writer = SSTableWriter.create(files, FILE, 60, Compression.LZ4)) {
      add(writer, "apple", 9, "green");
      writer.finish();
    }
    byte[] bytes = files.bytes(FILE);
    Bytes.putInt(bytes, 8, version);
    Bytes.putInt(bytes, 12, Bytes.crc32c(bytes, 0, 12));
    files.delete(FILE);
    try (FileSystem.WritableFile file = files.create(FILE)) {
      file.append(ByteBuffer.wrap(bytes));
    }
    assertThatThrownBy(this::open).isInstanceOf(StorageException.UnknownVersion.class);
    assertThat(files.bytes(FILE)).isEqualTo(bytes);
  }
}
