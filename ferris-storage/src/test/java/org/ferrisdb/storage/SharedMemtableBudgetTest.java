package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engines of a process keep within one limit of memory, whoever of them fills it. */
final class SharedMemtableBudgetTest {
  private static final long LIMIT = 40_000;
  private static final long NEVER_FULL = 1 << 20;

  @TempDir Path directory;

  private final FaultyFileSystem files = new FaultyFileSystem();

  /** Skip lists, because they grow in small steps. */
  private static StorageOptions options(Durability durability) {
    return new StorageOptions(
        durability, NEVER_FULL, 500, 8_000, 40_000, 3, 12, MemtableKind.SKIP_LIST);
  }

  private static StorageResources inline() {
    return StorageResources.inline(ResourceOptions.of(50_000, 1).withMemtableBytes(LIMIT));
  }

  /** An engine, what it should hold, and how many batches that is. */
  private static final class Pair {
    final StorageEngine engine;
    final EngineModel model;
    long written;

    Pair(StorageEngine engine, EngineModel model, long written) {
      this.engine = engine;
      this.model = model;
      this.written = written;
    }

    void write(int bytes) {
      WriteBatch batch = next(bytes);
      engine.write(batch);
      written++;
      model.apply(batch);
    }

    WriteBatch next(int bytes) {
      long i = written + 1;
      return new WriteBatch()
          .put(EngineModel.bytes("key" + i * 7919 % 300), i, EngineModel.bytes("v".repeat(bytes)))
          .at(new AppliedPosition(1, i));
    }
  }

  private Pair open(String name, Durability durability, StorageResources resources) {
    return new Pair(
        StorageEngine.open(files, Path.of("/disk", name), options(durability), resources),
        new EngineModel(),
        0);
  }

  private static long held(List<Pair> engines) {
    return engines.stream().mapToLong(pair -> pair.engine.stats().memtableBytes()).sum();
  }

  @ParameterizedTest
  @EnumSource
  void an_idle_engine_is_flushed_so_that_others_can_write(Durability durability) {
    try (StorageResources resources = inline()) {
      Pair idle = open("idle", durability, resources);
      Pair busy = open("busy", durability, resources);
      try {
        for (int i = 0; i < 110; i++) {
          idle.write(100);
        }
        assertThat(idle.engine.stats().flushes()).isZero();
        long before = idle.engine.stats().memtableBytes();
        while (idle.engine.stats().flushes() == 0) {
          assertThat(busy.engine.stats().memtableBytes()).isLessThan(before);
          busy.write(100);
        }
        assertThat(busy.engine.stats().flushes()).as("the largest went first").isZero();
        assertThat(idle.engine.stats().memtableBytes()).isLessThan(2_000);
        assertThat(idle.engine.durablePosition().index()).isEqualTo(110);
        idle.write(100);
        idle.model.assertSame(idle.engine, Long.MAX_VALUE);
        busy.model.assertSame(busy.engine, Long.MAX_VALUE);
      } finally {
        idle.engine.close();
        busy.engine.close();
      }
      assertThat(resources.stats().memtableBytes()).as("all was given back").isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void many_engines_stay_within_the_limit_and_lose_nothing(Durability durability) {
    Random random = Seeds.random("SharedMemtableBudgetTest", 11);
    List<Pair> engines = new ArrayList<>();
    try (StorageResources resources = inline()) {
      for (int i = 0; i < 5; i++) {
        engines.add(open("e" + i, durability, resources));
      }
      for (int i = 0; i < 4_000; i++) {
        int which = (int) Math.min(4, Math.abs(random.nextGaussian() * 2));
        engines.get(which).write(random.nextInt(400));
        assertThat(held(engines)).isLessThan(LIMIT + 5 * 1_024 + 1_000);
        if (random.nextInt(500) == 0) {
          Pair old = engines.get(which);
          old.engine.close();
          if (durability == Durability.WAL) {
            Pair reopened = open("e" + which, durability, resources);
            engines.set(which, new Pair(reopened.engine, old.model, old.written));
          } else {
            engines.remove(which);
            engines.add(open("f" + i, durability, resources));
          }
        }
      }
      long flushes = 0;
      for (Pair pair : engines) {
        flushes += pair.engine.stats().flushes();
        pair.model.assertSame(pair.engine, Long.MAX_VALUE);
      }
      assertThat(flushes).isGreaterThan(10);
      files.crash(null);
      engines.forEach(pair -> pair.engine.close());
      assertThat(resources.stats().memtableBytes()).isZero();
      for (int i = 0; i < 5 && durability == Durability.WAL; i++) {
        Pair after = open("e" + i, durability, resources);
        engines.get(i).model.assertSame(after.engine, Long.MAX_VALUE);
        after.engine.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_full_budget_that_can_not_be_flushed_refuses_writes_and_heals(Durability durability) {
    try (StorageResources resources = inline()) {
      Pair one = open("one", durability, resources);
      Pair other = open("other", durability, resources);
      for (int i = 0; i < 100; i++) {
        one.write(100);
      }
      files.setBudget(files.usedBytes() + (durability == Durability.WAL ? 40_000 : 300));
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  other.write(100);
                }
              })
          .isInstanceOf(StorageException.IoFailure.class)
          .hasMessageContaining("No space left");
      assertThat(held(List.of(one, other))).isLessThan(LIMIT + 5_000);
      other.model.assertSame(other.engine, Long.MAX_VALUE);
      files.setBudget(Long.MAX_VALUE);
      for (int i = 0; i < 400; i++) {
        other.write(100);
        one.write(100);
      }
      assertThat(one.engine.stats().backgroundError()).isEmpty();
      assertThat(other.engine.stats().backgroundError()).isEmpty();
      one.model.assertSame(one.engine, Long.MAX_VALUE);
      other.model.assertSame(other.engine, Long.MAX_VALUE);
      one.engine.close();
      other.engine.close();
    }
  }

  /** What it holds in its memtable nobody gets back before it is closed; they need not wait. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Timeout(60)
  void a_broken_engine_does_not_stop_the_others_at_a_full_budget(boolean flushFails) {
    try (StorageResources resources = inline()) {
      Pair one = open("one", Durability.WAL, resources);
      Pair other = open("other", Durability.WAL, resources);
      files.beforeEach(what -> {
        if (flushFails && what.startsWith("create /disk/one") && what.endsWith(".sst")) {
          throw new OutOfMemoryError("no memory for this flush");
        }
      });
      while (resources.stats().memtableBytes() < (flushFails ? 0.85 : 0.7) * LIMIT) {
        one.write(100);
      }
      files.beforeEach(what -> {
        if (what.startsWith("append /disk/one") && what.contains(".wal")) {
          throw new OutOfMemoryError("no memory for this write");
        }
        if (flushFails && what.startsWith("create /disk/one") && what.endsWith(".sst")) {
          throw new OutOfMemoryError("no memory for this flush");
        }
      });
      assertThatThrownBy(() -> one.write(100)).isInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() -> one.write(100))
          .isInstanceOf(StorageException.IoFailure.class)
          .hasMessageContaining("must be reopened");
      for (int i = 0; i < 1_000; i++) {
        other.write(100);
        assertThat(resources.stats().memtableBytes()).isLessThan(LIMIT + 2_000);
      }
      other.model.assertSame(other.engine, Long.MAX_VALUE);
      files.beforeEach(what -> {});
      one.engine.close();
      Pair again = open("one", Durability.WAL, resources);
      if (!one.model.isSame(again.engine, Long.MAX_VALUE)) {
        one.model.apply(one.next(100)); // the outcome of the write that broke off was not known
        one.model.assertSame(again.engine, Long.MAX_VALUE);
      }
      again.engine.close();
      other.engine.close();
      assertThat(resources.stats().memtableBytes()).isZero();
    }
  }

  /** A deadlock between engines would run into the timeout. */
  @ParameterizedTest
  @EnumSource
  @Timeout(120)
  void writers_of_many_engines_at_the_limit_never_wait_for_each_other(Durability durability)
      throws Exception {
    ResourceOptions shared = ResourceOptions.of(50_000, 1).withMemtableBytes(LIMIT);
    List<Pair> engines = new ArrayList<>();
    try (StorageResources resources = new StorageResources(shared);
        ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        engines.add(
            new Pair(
                StorageEngine.open(
                    new DiskFileSystem(),
                    directory.resolve("e" + i),
                    options(durability),
                    resources),
                new EngineModel(),
                0));
      }
      List<Future<?>> running = new ArrayList<>();
      for (Pair pair : engines) {
        running.add(
            writers.submit(() -> {
              for (int i = 0; i < 1_000; i++) {
                pair.write(100);
              }
            }));
      }
      for (Future<?> writer : running) {
        writer.get();
      }
      for (Pair pair : engines) {
        pair.model.assertSame(pair.engine, Long.MAX_VALUE);
        assertThat(pair.engine.stats().backgroundError()).isEmpty();
      }
      assertThat(engines.stream().mapToLong(pair -> pair.engine.stats().flushes()).sum())
          .isGreaterThan(8);
      assertThat(resources.stats().memtableBytes()).isLessThan(LIMIT + 4 * 1_024 + 1_000);
      engines.forEach(pair -> pair.engine.close());
    }
  }

  @Test
  @Timeout(60)
  void a_full_disk_is_told_to_writers_of_all_engines_and_forgotten() {
    ResourceOptions shared = ResourceOptions.of(50_000, 1).withMemtableBytes(LIMIT);
    try (StorageResources resources = new StorageResources(shared)) {
      Pair one = open("one", Durability.EXTERNAL_LOG, resources);
      Pair other = open("other", Durability.EXTERNAL_LOG, resources);
      files.setBudget(0);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  one.write(100);
                }
              })
          .isInstanceOf(StorageException.IoFailure.class)
          .hasMessageContaining("the memtables of all engines hold")
          .hasMessageContaining("No space left");
      assertThatThrownBy(() -> other.write(100)).isInstanceOf(StorageException.IoFailure.class);
      one.model.assertSame(one.engine, Long.MAX_VALUE);
      files.setBudget(Long.MAX_VALUE);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> one.engine.stats().backgroundError().isEmpty());
      for (int i = 0; i < 300; i++) {
        one.write(100);
        other.write(100);
      }
      one.model.assertSame(one.engine, Long.MAX_VALUE);
      other.model.assertSame(other.engine, Long.MAX_VALUE);
      one.engine.close();
      other.engine.close();
    }
  }
}
