package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.key.Limits;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.TrackedFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine promises to those who share it, hold it and misuse it. */
final class StorageEngineTest {
  private static final Path HOME = Path.of("/disk/engine");

  @TempDir Path directory;

  private final FaultyFileSystem files = new FaultyFileSystem();

  private static StorageOptions tiny(Durability durability) {
    return new StorageOptions(durability, 20_000, 500, 8_000, 30_000, 3, 8, MemtableKind.TRIE);
  }

  private StorageEngine open(Durability durability) {
    return StorageEngine.open(files, HOME, tiny(durability), Leaks.inline(50_000));
  }

  private static WriteBatch put(String key, long timestamp, String value) {
    return new WriteBatch().put(bytes(key), timestamp, bytes(value));
  }

  private static byte[] bytes(String text) {
    return EngineModel.bytes(text);
  }

  @Test
  void a_cursor_sees_one_state_for_as_long_as_it_is_open() {
    try (StorageEngine engine = open(Durability.WAL)) {
      for (int i = 0; i < 300; i++) {
        engine.write(put("key" + i, 5, "old"));
      }
      List<String> before = EngineModel.scan(engine, null, null, Long.MAX_VALUE, Direction.FORWARD);
      EntryCursor cursor = engine.cursor(null, null, Long.MAX_VALUE, Direction.FORWARD);
      EntryCursor idle = engine.cursor(null, null, Long.MAX_VALUE, Direction.REVERSE);
      assertThat(cursor.next()).isTrue();
      List<String> seen = new ArrayList<>(List.of(show(cursor)));
      engine.raiseGarbageFloor(100);
      for (int i = 0; i < 300; i++) {
        engine.write(
            i % 2 == 0 ? put("key" + i, 6, "new") : new WriteBatch().delete(bytes("key" + i), 6));
      }
      engine.compact();
      engine.write(put("key0", 7, "newest"));
      engine.compact();
      while (cursor.next()) {
        seen.add(show(cursor));
      }
      assertThat(seen).isEqualTo(before);
      List<String> reverse = new ArrayList<>();
      while (idle.next()) {
        reverse.add(show(idle));
      }
      assertThat(reverse).isEqualTo(before.reversed());
      int pinned = tableFiles();
      cursor.close();
      idle.close();
      assertThat(tableFiles()).as("closing the cursor frees the old tables").isLessThan(pinned);
    }
  }

  private int tableFiles() {
    try {
      return (int) files.list(HOME).stream().filter(name -> name.endsWith(".sst")).count();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String show(EntryCursor cursor) {
    return EngineModel.text(cursor.key())
        + "="
        + EngineModel.text(cursor.value())
        + "@"
        + cursor.timestamp();
  }

  @ParameterizedTest
  @EnumSource
  void readers_see_a_batch_whole_or_not_at_all(Durability durability) throws Exception {
    int keys = 20;
    try (StorageResources resources = Leaks.threads(20_000, 2);
        StorageEngine engine =
            StorageEngine.open(
                new TrackedFileSystem(), directory.resolve("e"), tiny(durability), resources);
        ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicLong acknowledged = new AtomicLong();
      AtomicBoolean stop = new AtomicBoolean();
      List<Future<Long>> results = new ArrayList<>();
      for (Direction direction : Direction.values()) {
        results.add(readers.submit(() -> readWhole(engine, keys, direction, acknowledged, stop)));
      }
      for (int round = 1; round <= 1500; round++) {
        WriteBatch batch = new WriteBatch().at(new AppliedPosition(1, round));
        for (int key = 0; key < keys; key++) {
          batch.put(bytes("key" + key), round, bytes("round" + round));
        }
        engine.write(batch);
        acknowledged.set(round);
        engine.raiseGarbageFloor(round - 1);
      }
      stop.set(true);
      for (Future<Long> result : results) {
        assertThat(result.get()).isPositive();
      }
      assertThat(engine.stats().flushes()).isGreaterThan(5);
      assertThat(engine.stats().compactions()).isGreaterThan(2);
      assertThat(engine.stats().backgroundError()).isEmpty();
    }
  }

  /** Scans again and again; each scan must find all keys with the same value, and no old one. */
  private static long readWhole(
      StorageEngine engine,
      int keys,
      Direction direction,
      AtomicLong acknowledged,
      AtomicBoolean stop) {
    long scans = 0;
    while (!stop.get()) {
      long atLeast = acknowledged.get();
      List<String> values = new ArrayList<>();
      try (EntryCursor cursor = engine.cursor(null, null, Long.MAX_VALUE, direction)) {
        while (cursor.next()) {
          values.add(EngineModel.text(cursor.value()));
        }
      }
      if (atLeast > 0) {
        assertThat(values).hasSize(keys);
        assertThat(values).containsOnly(values.getFirst());
        assertThat(Long.parseLong(values.getFirst().substring(5))).isGreaterThanOrEqualTo(atLeast);
        Versioned found = engine.get(bytes("key3"), Long.MAX_VALUE);
        assertThat(found == null ? -1 : found.timestamp()).isGreaterThanOrEqualTo(atLeast);
      }
      scans++;
    }
    return scans;
  }

  @Test
  void concurrent_writers_share_syncs_and_lose_nothing() throws Exception {
    int writers = 16;
    int each = 60;
    Path home = directory.resolve("e");
    try (StorageResources resources = Leaks.threads(20_000, 2)) {
      StorageOptions options = StorageOptions.defaults(Durability.WAL);
      try (StorageEngine engine =
              StorageEngine.open(new TrackedFileSystem(), home, options, resources);
          ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> results = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
          String name = "writer" + w + "/";
          results.add(
              pool.submit(() -> {
                start.await();
                for (int i = 0; i < each; i++) {
                  engine.write(put(name + i, i, "value"));
                  assertThat(engine.get(bytes(name + i), i)).isNotNull();
                }
                return null;
              }));
        }
        start.countDown();
        for (Future<?> result : results) {
          result.get();
        }
      }
      try (StorageEngine engine =
          StorageEngine.open(new TrackedFileSystem(), home, options, resources)) {
        assertThat(EngineModel.scan(engine, null, null, each, Direction.FORWARD))
            .hasSize(writers * each);
      }
    }
  }

  @Test
  void an_interrupted_reader_takes_no_table_away_from_others() {
    try (StorageResources resources = Leaks.threads(0, 1);
        StorageEngine engine =
            StorageEngine.open(
                new TrackedFileSystem(), directory.resolve("e"), tiny(Durability.WAL), resources)) {
      for (int i = 0; i < 100; i++) {
        engine.write(put("key" + i, 1, "value"));
      }
      engine.flush();
      Thread.currentThread().interrupt();
      assertThat(engine.get(bytes("key5"), 1)).isNotNull();
      engine.write(put("key5", 2, "written while interrupted"));
      assertThat(Thread.interrupted()).as("the flag is kept").isTrue();
      assertThat(EngineModel.scan(engine, null, null, 2, Direction.FORWARD)).hasSize(100);
    }
  }

  @Test
  void limits_are_refused_by_name_and_nothing_is_written() {
    try (StorageEngine engine = open(Durability.WAL)) {
      byte[] key = bytes("k");
      WriteBatch large = new WriteBatch();
      for (int i = 0; i < 6; i++) {
        large.put(bytes("k" + i), 1, new byte[1 << 20]);
      }
      for (WriteBatch bad :
          List.of(
              new WriteBatch().put(new byte[0], 1, key),
              new WriteBatch().put(new byte[Limits.KEY_BYTES + 1], 1, key),
              new WriteBatch().put(key, 1, new byte[Limits.VALUE_BYTES + 1]),
              new WriteBatch().put(key, -1, key),
              large)) {
        assertThatThrownBy(() -> engine.write(bad)).isInstanceOf(StorageException.Refused.class);
      }
      assertThat(EngineModel.scan(engine, null, null, Long.MAX_VALUE, Direction.FORWARD)).isEmpty();
      engine.write(
          new WriteBatch()
              .put(new byte[Limits.KEY_BYTES], Long.MAX_VALUE, new byte[Limits.VALUE_BYTES]));
      engine.compact();
      Versioned found = engine.get(new byte[Limits.KEY_BYTES], Long.MAX_VALUE);
      assertThat(found == null ? -1 : found.timestamp()).isEqualTo(Long.MAX_VALUE);
      assertThat(found == null ? new byte[0] : found.value()).hasSize(Limits.VALUE_BYTES);
    }
  }

  @Test
  void with_an_external_log_positions_must_rise_and_replays_are_refused() {
    try (StorageEngine engine = open(Durability.EXTERNAL_LOG)) {
      engine.write(put("a", 1, "x").at(new AppliedPosition(1, 5)));
      assertThatThrownBy(() -> engine.write(put("a", 2, "y").at(new AppliedPosition(1, 5))))
          .isInstanceOf(StorageException.Refused.class)
          .hasMessageContaining("not after");
      assertThatThrownBy(() -> engine.write(put("a", 2, "y")))
          .isInstanceOf(StorageException.Refused.class);
      assertThat(engine.durablePosition()).isEqualTo(AppliedPosition.NONE);
      engine.write(new WriteBatch().at(new AppliedPosition(2, 6)));
      assertThat(engine.appliedPosition()).isEqualTo(new AppliedPosition(2, 6));
      assertThat(engine.flush()).isEqualTo(new AppliedPosition(2, 6));
      engine.write(new WriteBatch().at(new AppliedPosition(2, 7)));
      assertThat(engine.flush())
          .as("a flush of nothing but a position")
          .isEqualTo(new AppliedPosition(2, 7));
    }
    try (StorageEngine engine = open(Durability.EXTERNAL_LOG)) {
      assertThat(engine.appliedPosition()).isEqualTo(new AppliedPosition(2, 7));
    }
  }

  @Test
  void a_closed_engine_says_so_and_closes_twice() {
    StorageEngine engine = open(Durability.WAL);
    engine.write(put("a", 1, "x"));
    engine.close();
    engine.close();
    assertThatThrownBy(() -> engine.get(bytes("a"), 1)).isInstanceOf(StorageException.Closed.class);
    assertThatThrownBy(() -> engine.write(put("a", 1, "x")))
        .isInstanceOf(StorageException.Closed.class);
    assertThatThrownBy(engine::flush).isInstanceOf(StorageException.Closed.class);
  }

  @Test
  void a_checkpoint_needs_a_new_directory() {
    try (StorageEngine engine = open(Durability.WAL)) {
      assertThatThrownBy(() -> engine.checkpoint(HOME))
          .isInstanceOf(StorageException.Refused.class)
          .hasMessageContaining("/disk/engine");
    }
  }

  @Test
  void a_batch_deletes_at_most_256_ranges() {
    assertThat(Limits.BATCH_RANGES).isEqualTo(256);
    try (StorageEngine engine = open(Durability.WAL)) {
      engine.write(put("r255x", 1, "value"));
      engine.write(ranges(256));
      assertThat(EngineModel.get(engine, "r255x", 9)).isNull();
      engine.write(put("r256x", 9, "value"));
      assertThatThrownBy(() -> engine.write(ranges(257)))
          .isInstanceOf(StorageException.Refused.class)
          .hasMessageContaining("257 deleted ranges, the limit is 256");
      assertThat(EngineModel.get(engine, "r256x", 9)).isEqualTo("value");
    }
  }

  private static WriteBatch ranges(int count) {
    WriteBatch batch = new WriteBatch();
    for (int i = 0; i < count; i++) {
      batch.deleteRange(bytes("r" + i), bytes("r" + i + "y"), 9);
    }
    return batch;
  }

  /** Of a replicated log: nobody may refuse for its size what stands there already. */
  @Test
  void a_batch_of_very_many_small_operations_is_taken_from_an_external_log() {
    WriteBatch batch = new WriteBatch().at(new AppliedPosition(1, 1));
    for (int i = 0; i < 300_000; i++) {
      batch.delete(bytes("k" + i), 7);
    }
    try (StorageEngine engine = open(Durability.EXTERNAL_LOG)) {
      engine.write(batch);
      engine.write(put("k5", 8, "v").at(new AppliedPosition(1, 2)));
      assertThat(EngineModel.get(engine, "k5", 9)).isEqualTo("v");
      assertThat(EngineModel.get(engine, "k299999", 9)).isNull();
      WriteBatch large = new WriteBatch().at(new AppliedPosition(1, 3));
      for (int i = 0; i < 6; i++) {
        large.put(bytes("large" + i), 9, new byte[1 << 20]);
      }
      assertThatThrownBy(() -> engine.write(large)).isInstanceOf(StorageException.Refused.class);
    }
  }

  @Test
  void a_table_builder_takes_a_key_from_an_array_that_is_used_again() {
    Path ready = Path.of("/disk/ready.sst");
    byte[] key = bytes("a");
    try (StorageEngine engine = open(Durability.WAL)) {
      try (TableBuilder table = TableBuilder.create(files, ready, tiny(Durability.WAL))) {
        for (char c : "bdx".toCharArray()) {
          key[0] = (byte) c;
          table.put(key, 10, bytes("v" + c));
        }
        key[0] = 'c';
        assertThatThrownBy(() -> table.put(key, 9, key)).hasMessageContaining("sort them");
        table.finish();
        assertThatThrownBy(table::finish).hasMessageContaining("is finished");
        assertThatThrownBy(() -> table.put(bytes("z"), 9, key)).hasMessageContaining("is finished");
      }
      engine.ingest(List.of(ready), AppliedPosition.NONE);
      assertThat(EngineModel.scan(engine, null, null, 20, Direction.FORWARD))
          .containsExactly("b=vb@10", "d=vd@10", "x=vx@10");
    }
  }

  /** In one batch or two: a transaction that deletes two ranges commits them at one timestamp. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void two_ranges_that_overlap_may_be_deleted_at_one_timestamp(boolean inOneBatch) {
    try (StorageEngine engine = open(Durability.WAL)) {
      for (char key = 'a'; key < 'z'; key++) {
        engine.write(put(String.valueOf(key), 5, "old"));
      }
      WriteBatch first = new WriteBatch().deleteRange(bytes("b"), bytes("m"), 9);
      WriteBatch second = inOneBatch ? first : new WriteBatch();
      second.deleteRange(bytes("f"), bytes("t"), 9);
      engine.write(first);
      if (!inOneBatch) {
        engine.write(second);
      }
      for (int look = 0; look < 3; look++) {
        assertThat(EngineModel.scan(engine, null, null, 20, Direction.FORWARD))
            .containsExactly(
                "a=old@5", "t=old@5", "u=old@5", "v=old@5", "w=old@5", "x=old@5", "y=old@5");
        assertThat(EngineModel.get(engine, "g", 20)).isNull();
        assertThat(EngineModel.get(engine, "g", 8)).isEqualTo("old");
        if (look == 0) {
          engine.flush();
        } else {
          engine.compact();
        }
      }
    }
    StorageEngine.verify(files, HOME);
  }

  @Test
  void overwritten_data_does_not_pile_up_once_the_floor_has_passed_it() {
    try (StorageEngine engine = open(Durability.WAL)) {
      String value = "x".repeat(200);
      for (int i = 1; i <= 3_000; i++) {
        engine.write(put("key" + i % 10, i, value + i));
        engine.raiseGarbageFloor(i);
      }
      engine.flush();
      long bytes = engine.stats().levelBytes().stream().mapToLong(Long::longValue).sum();
      assertThat(bytes).isLessThan(60_000);
    }
  }
}
