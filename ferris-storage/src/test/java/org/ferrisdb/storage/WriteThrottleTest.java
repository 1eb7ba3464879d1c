package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.metrics.StallReason;
import org.ferrisdb.storage.metrics.StallStats;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.ManualTicker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writers are slowed down before they are stopped, and it is told why. */
final class WriteThrottleTest {
  private static final int MEMTABLE = 200_000;

  /** Runs what it was given when the test says so. */
  private static final class Later implements Executor {
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    void run() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
    }
  }

  private final ManualTicker ticker = new ManualTicker();
  private final Later flushes = new Later();
  private final Later compactions = new Later();
  private StorageResources resources = resources(ResourceOptions.of(1 << 20, 1));
  private StorageEngine engine = open();
  private final AtomicBoolean enough = new AtomicBoolean();
  private @Nullable Thread writer;
  private long written;

  private StorageResources resources(ResourceOptions options) {
    return new StorageResources(options, ticker, flushes, compactions, null, null);
  }

  private StorageEngine open() {
    StorageOptions options =
        new StorageOptions(
            Durability.EXTERNAL_LOG,
            MEMTABLE,
            4_000,
            1 << 20,
            1 << 20,
            2,
            6,
            MemtableKind.SKIP_LIST);
    return StorageEngine.open(new FaultyFileSystem(), Path.of("/disk/e"), options, resources);
  }

  @AfterEach
  void close() throws InterruptedException {
    enough.set(true);
    while (writer != null && !writer.join(Duration.ofMillis(1))) {
      flushes.run(); // it may wait for one
      compactions.run();
    }
    flushes.run();
    compactions.run();
    engine.close();
    resources.close();
  }

  private Thread startWriter() {
    enough.set(false);
    writer =
        Thread.ofPlatform()
            .start(() -> {
              while (!enough.get()) {
                write();
              }
            });
    return writer;
  }

  /** Whether the throttle has stopped it: it may wait for a lock or a class, too. */
  private static boolean isStopped(Thread writer) {
    return writer.getState() == Thread.State.WAITING
        && Stream.of(writer.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("awaitRoom"));
  }

  private void write() {
    written++;
    engine.write(
        new WriteBatch()
            .put(EngineModel.bytes("key" + written), 1, new byte[1_000])
            .at(new AppliedPosition(1, written)));
  }

  private StallStats stalls(StallReason reason) {
    return engine.stats().stalls().stream()
        .filter(s -> s.reason() == reason)
        .findFirst()
        .orElseThrow();
  }

  private void writeUntilFrozen(int memtables) {
    while (engine.stats().immutableMemtables() < memtables) {
      write();
    }
  }

  @Test
  void nobody_waits_while_only_one_memtable_waits_for_its_flush() {
    writeUntilFrozen(2);
    assertThat(ticker.sleeps()).isEmpty();
    assertThat(engine.stats().stallNanos()).isZero();
  }

  @Test
  void writers_wait_a_little_more_and_more_while_the_last_memtable_fills() {
    writeUntilFrozen(2);
    for (int i = 0; i < 40; i++) {
      write();
    }
    long early = ticker.sleeps().stream().mapToLong(Long::longValue).sum();
    while (engine.stats().memtableBytes() < 2.9 * MEMTABLE) {
      write();
    }
    StallStats slowed = stalls(StallReason.IMMUTABLE_MEMTABLES);
    assertThat(slowed.count()).isEqualTo(ticker.sleeps().size()).isPositive();
    assertThat(slowed.nanos()).isGreaterThan(10 * early).isEqualTo(engine.stats().stallNanos());
    assertThat(ticker.sleeps()).allMatch(nanos -> nanos <= 5_000_000);
    assertThat(stalls(StallReason.STOPPED).count()).isZero();
    flushes.run();
    int sleeps = ticker.sleeps().size();
    for (int i = 0; i < 20; i++) {
      write();
    }
    assertThat(ticker.sleeps()).as("the pressure is gone").hasSize(sleeps);
  }

  @Test
  @Timeout(60)
  void at_the_wall_writers_stop_until_a_flush_has_ended() throws InterruptedException {
    Thread stopped = startWriter();
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> isStopped(stopped));
    assertThat(engine.stats().immutableMemtables()).isEqualTo(2);
    ticker.advance(77_000_000);
    enough.set(true); // it ends its write, and stops no second time
    flushes.run();
    stopped.join();
    assertThat(stalls(StallReason.STOPPED))
        .isEqualTo(new StallStats(StallReason.STOPPED, 1, 77_000_000));
  }

  @Test
  void many_tables_of_level_0_slow_writers_down() {
    while (engine.stats().levelTables().getFirst() < 3) {
      writeUntilFrozen(1);
      flushes.run(); // and no compaction
    }
    assertThat(ticker.sleeps()).isEmpty();
    while (engine.stats().levelTables().getFirst() < 6) {
      writeUntilFrozen(1);
      flushes.run();
    }
    assertThat(stalls(StallReason.LEVEL0).count()).isPositive();
    assertThat(stalls(StallReason.LEVEL0).nanos()).isEqualTo(engine.stats().stallNanos());
    compactions.run();
    assertThat(engine.stats().levelTables().getFirst()).isZero();
    int sleeps = ticker.sleeps().size();
    for (int i = 0; i < 50; i++) {
      write();
    }
    assertThat(ticker.sleeps()).hasSize(sleeps);
  }

  @Test
  void a_budget_that_is_nearly_used_up_slows_writers_down() throws InterruptedException {
    close();
    resources = resources(ResourceOptions.of(1 << 20, 1).withMemtableBytes(MEMTABLE / 2));
    written = 0;
    engine = open();
    while (resources.stats().memtableBytes() < 0.97 * resources.stats().memtableLimit()) {
      write();
    }
    assertThat(engine.stats().immutableMemtables()).as("frozen before it was full").isEqualTo(1);
    assertThat(stalls(StallReason.MEMORY_BUDGET).count()).isPositive();
    assertThat(stalls(StallReason.STOPPED).count()).isZero();
  }

  /**
   * It has small memtables flushed, so level 0 grows beyond where a full one would have stopped.
   */
  @Test
  @Timeout(60)
  void level_0_stops_writers_also_when_the_budget_has_memtables_flushed_early()
      throws InterruptedException {
    close();
    resources = resources(ResourceOptions.of(1 << 20, 1).withMemtableBytes(MEMTABLE / 2));
    written = 0;
    engine = open();
    Thread stopped = startWriter();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          flushes.run(); // and no compaction
          // Beyond the stop comes only what was frozen before it: what the budget has room for.
          assertThat(level0()).as("tables of level 0").isLessThan(6 + 2 + 5);
          return level0() >= 6 + 2
              && engine.stats().immutableMemtables() == 0 // no flush helps
              && isStopped(stopped);
        });
    long stops = stalls(StallReason.STOPPED).count();
    enough.set(true);
    compactions.run();
    stopped.join();
    assertThat(level0()).isZero();
    assertThat(stalls(StallReason.STOPPED).count()).isGreaterThan(stops);
  }

  private int level0() {
    return engine.stats().levelTables().getFirst();
  }

  @Test
  void the_figures_tell_what_was_written_and_read() {
    for (int i = 0; i < 3; i++) {
      writeUntilFrozen(1);
      flushes.run();
    }
    compactions.run();
    EngineStats stats = engine.stats();
    assertThat(stats.work().userBytes()).isBetween(1_004 * written, 1_008 * written);
    assertThat(stats.work().compactedReadBytes()).isEqualTo(stats.work().flushedBytes());
    assertThat(stats.work().compactedBytes()).isEqualTo(stats.tableBytes()).isPositive();
    assertThat(stats.work().writeAmplification()).isPositive();
    assertThat(stats.spaceAmplification()).isEqualTo(1);
    ResourceStats before = resources.stats();
    for (int i = 1; i <= 100; i++) {
      assertThat(engine.get(EngineModel.bytes("key" + i), 5)).isNotNull();
      assertThat(engine.get(EngineModel.bytes("key" + i + "no"), 5)).isNull();
    }
    stats = engine.stats();
    assertThat(stats.reads().gets()).isEqualTo(200);
    assertThat(stats.reads().tables()).isBetween(180L, 200L);
    assertThat(stats.reads().filterNegatives()).isBetween(75L, 100L);
    assertThat(stats.reads().filterFalsePositives()).isLessThan(10);
    ResourceStats after = resources.stats();
    long misses = after.blockCacheMisses() - before.blockCacheMisses();
    long hits = after.blockCacheHits() - before.blockCacheHits();
    assertThat(misses).isPositive();
    assertThat(hits).isPositive();
    assertThat(hits + misses).isBetween(100L, 100 + stats.reads().filterFalsePositives());
    assertThat(after.openTables()).isEqualTo(1);
  }
}
