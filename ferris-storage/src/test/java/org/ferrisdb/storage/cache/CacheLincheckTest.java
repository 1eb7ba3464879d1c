package org.ferrisdb.storage.cache;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.memtable.SkipListMemtable;
import org.ferrisdb.storage.metrics.ReadCounters;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Readers of two tables with room for one open table and one block, and an edit that removes the
 * tables, through interleavings that Lincheck chooses: a reader that holds a view is served, from
 * whatever was opened, closed, cached and evicted meanwhile; and in the end nothing is open or
 * cached, and a removed table was let go once. {@link ReferenceCountTest} has threads that really
 * run. {@code -Dferris.lincheck.iterations=N} runs more scenarios, {@code
 * -Dferris.lincheck.invocations=N} each of them longer.
 */
@Tag("lincheck") // in a JVM of its own
final class CacheLincheckTest {
  private static final int ITERATIONS = Integer.getInteger("ferris.lincheck.iterations", 3);

  /** Of each scenario; a retain that was not atomic took some thousand to be found. */
  private static final int INVOCATIONS = Integer.getInteger("ferris.lincheck.invocations", 100);

  /** Of one invocation, in the first of which classes are still being instrumented. */
  private static final long SLOW_MACHINE_MILLIS = 180_000;

  private static final int TABLES = 2;
  private static final int KEYS = 2;

  /** A block of one key, and the cache's own; not two. */
  private static final long CACHE_BYTES = 200;

  /** What is one step: it is of one thread, or never changes. */
  private static final List<String> STEPS =
      List.of(
          "org.ferrisdb.storage.io.Bytes",
          "org.ferrisdb.storage.key.RangeTombstones",
          "org.ferrisdb.storage.manifest.Version",
          "org.ferrisdb.storage.metrics.ReadCounters",
          "org.ferrisdb.storage.metrics.StripedCounters",
          "org.ferrisdb.storage.sstable.Block",
          "org.ferrisdb.storage.sstable.BloomFilter",
          "org.ferrisdb.storage.sstable.TableIndex",
          "org.ferrisdb.storage.testing.FaultyFileSystem",
          "org.ferrisdb.storage.testing.EngineModel");

  /** Views of two tables; each is read, and goes. */
  @Param(name = "table", gen = IntGen.class, conf = "0:1")
  @Param(name = "key", gen = IntGen.class, conf = "0:1")
  public static final class Subject {
    private final FaultyFileSystem files = new FaultyFileSystem();
    private final ClockBlockCache blocks = new ClockBlockCache(CACHE_BYTES);
    private final TableCache cache = new TableCache(blocks, 1);
    private final AtomicInteger unused = new AtomicInteger();
    private final TableView[] views = new TableView[TABLES];
    private final boolean[] removed = new boolean[TABLES];

    public Subject() {
      for (int table = 0; table < TABLES; table++) {
        VersionEdit.Added added = new VersionEdit.Added(0, write(table + 1));
        VersionEdit edit =
            new VersionEdit(1, 1, AppliedPosition.NONE, 0, List.of(), List.of(added));
        views[table] = view(null, Version.empty().apply(edit));
      }
    }

    private TableMetadata write(int number) {
      SkipListMemtable memtable = new SkipListMemtable();
      for (int key = 0; key < KEYS; key++) {
        byte[] value = EngineModel.bytes("t" + number + " k" + key);
        memtable.add(EngineModel.bytes("k" + key), 1, 1, EntryKind.PUT, value);
      }
      return SmallTables.write(files, number, memtable, 1, Compression.NONE);
    }

    private TableView view(@Nullable TableView before, Version version) {
      return TableView.of(
          version,
          before,
          t ->
              new TableHandle(
                  files, SmallTables.path(t.number()), t, cache, unused::incrementAndGet),
          values -> {
            throw new AssertionError("no value file " + values);
          });
    }

    /** What the table says of the key, if the table is still there. */
    @Operation
    public String get(@Param(name = "table") int table, @Param(name = "key") int key) {
      TableView view = views[table];
      if (!view.tryRetain()) {
        return "removed";
      }
      try {
        Versioned found =
            view.get(EngineModel.bytes("k" + key), Long.MAX_VALUE, new ReadCounters());
        return found == null ? "nothing" : EngineModel.text(found.value());
      } finally {
        view.release();
      }
    }

    /** An edit without the table follows. */
    @Operation(nonParallelGroup = "edits")
    public void remove(@Param(name = "table") int table) {
      if (!removed[table]) {
        removed[table] = true;
        view(views[table], Version.empty()).release();
        views[table].release();
      }
    }

    /** Removes the rest; nothing is left. */
    @Validate
    public void nothingIsLeft() {
      for (int table = 0; table < TABLES; table++) {
        remove(table);
      }
      if (unused.get() != TABLES || cache.openTables() != 0 || blocks.bytes() != 0) {
        throw new IllegalStateException(
            "%d of %d tables were let go, %d are open, %d bytes of blocks are left"
                .formatted(unused.get(), TABLES, cache.openTables(), blocks.bytes()));
      }
    }
  }

  /** What they should do. */
  public static final class Model {
    private final boolean[] removed = new boolean[TABLES];

    public String get(int table, int key) {
      return removed[table] ? "removed" : "t" + (table + 1) + " k" + key;
    }

    public void remove(int table) {
      removed[table] = true;
    }
  }

  /** Threads are switched where files are opened, kept, let go and closed. */
  @Test
  void whoever_holds_a_view_finds_its_table_open() {
    options(2)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(
                    "org.ferrisdb.storage.sstable.SSTableReader",
                    "org.ferrisdb.storage.cache.ClockBlockCache")
                .allMethods()
                .ignore())
        .check(Subject.class);
  }

  /** They are switched where blocks come and go, too. */
  @Test
  void blocks_come_and_go_and_none_is_left() {
    options(3)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses("org.ferrisdb.storage.sstable.SSTableReader")
                .methods("open", "load")
                .ignore())
        .check(Subject.class);
  }

  private static ModelCheckingOptions options(int threads) {
    return new ModelCheckingOptions()
        .threads(threads)
        .actorsBefore(1)
        .actorsPerThread(2)
        .actorsAfter(1)
        .iterations(ITERATIONS)
        .invocationsPerIteration(INVOCATIONS)
        .invocationTimeout$lincheck(SLOW_MACHINE_MILLIS)
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(STEPS.toArray(String[]::new))
                .allMethods()
                .ignore())
        .sequentialSpecification(Model.class);
  }
}
