package org.ferrisdb.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.memtable.TrieMemtable;
import org.ferrisdb.storage.metrics.ReadCounters;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Readers of tables that come and go, with room for one open table and two blocks: nobody is served
 * from what is closed, and at the end nothing is open, cached or forgotten.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ReferenceCountTest {
  private static final int ROUNDS = Integer.getInteger("ferris.cache.rounds", 1_500);
  private static final int TABLES = 6;
  private static final int KEYS = 60;
  private static final int READERS = 4;

  private final FaultyFileSystem files = new FaultyFileSystem();
  private final ClockBlockCache blocks = new ClockBlockCache(900);
  private final TableCache tables = new TableCache(blocks, 1);
  private final AtomicInteger unused = new AtomicInteger();
  private final List<TableMetadata> content = new ArrayList<>();

  /** Tables of the same keys; the value says which table. */
  private TableMetadata table(int number) {
    TrieMemtable memtable = new TrieMemtable();
    for (int key = 0; key < KEYS; key++) {
      memtable.add(
          EngineModel.bytes("key" + key),
          number,
          1,
          EntryKind.PUT,
          EngineModel.bytes("t" + number));
    }
    return SmallTables.write(files, number, memtable, 200, Compression.LZ4);
  }

  private TableView view(@Nullable TableView before, List<TableMetadata> shown) {
    List<VersionEdit.Added> added =
        shown.stream().map(table -> new VersionEdit.Added(0, table)).toList();
    Version version =
        Version.empty().apply(new VersionEdit(1, 1, AppliedPosition.NONE, 0, List.of(), added));
    return TableView.of(
        version,
        before,
        table ->
            new TableHandle(
                files, SmallTables.path(table.number()), table, tables, unused::incrementAndGet),
        values -> {
          throw new AssertionError("no value file " + values);
        });
  }

  @Test
  void tables_stay_open_for_who_reads_them_and_for_nobody_else() throws Exception {
    long seed = Seeds.seed("reference counts", 21);
    for (int number = 1; number <= TABLES; number++) {
      content.add(table(number));
    }
    AtomicReference<TableView> current = new AtomicReference<>(view(null, content));
    int removed = 0;
    AtomicInteger reads = new AtomicInteger();
    try (ExecutorService pool = Executors.newCachedThreadPool()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        Random random = new Random(seed + i);
        running.add(
            pool.submit(() -> {
              for (int round = 0; round < 4 * ROUNDS; round++) {
                read(current, random, reads);
              }
            }));
      }
      Random random = new Random(seed + READERS);
      for (int round = 0; round < ROUNDS; round++) {
        List<TableMetadata> shown = new ArrayList<>(content);
        shown.removeIf(table -> random.nextBoolean());
        TableView before = current.get();
        long gone =
            before.version().level(0).stream().filter(table -> !shown.contains(table)).count();
        removed += (int) gone;
        current.set(view(before, shown));
        before.release();
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    current.get().release();
    assertThat(unused).as("each removed table was let go once").hasValue(removed);
    assertThat(blocks.bytes()).isZero();
    assertThat(reads.get()).isGreaterThan(ROUNDS);
    System.out.printf("reference counts: %d reads, %d tables removed%n", reads.get(), removed);
  }

  /** The newest table of the view answers, or none if it has none. */
  private static void read(AtomicReference<TableView> current, Random random, AtomicInteger reads) {
    TableView view = current.get();
    if (!view.tryRetain()) {
      return; // replaced just now
    }
    try {
      List<TableMetadata> shown = view.version().level(0);
      String key = "key" + random.nextInt(KEYS);
      Versioned found = view.get(EngineModel.bytes(key), Long.MAX_VALUE, new ReadCounters());
      assertThat(found == null ? 0 : found.timestamp())
          .isEqualTo(shown.isEmpty() ? 0 : shown.getFirst().number());
      reads.incrementAndGet();
    } finally {
      view.release();
    }
  }
}
