package org.ferrisdb.storage.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.memtable.SkipListMemtable;
import org.ferrisdb.storage.metrics.ReadCounters;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.SSTableWriter;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Readers of tables that leave, with room for one open table and one block, through interleavings
 * that Lincheck chooses: two load the same block, a block or a table is pushed out while somebody
 * reads it, the last reader closes a table and deletes it. What only looks at bytes is one step.
 * {@link ReferenceCountTest} does the same with threads that really run. {@code
 * -Dferris.lincheck.iterations=N} runs more scenarios.
 */
final class CacheLincheckTest {
  private static final int ITERATIONS = Integer.getInteger("ferris.lincheck.iterations", 3);
  private static final int INVOCATIONS = 50;

  /** Of one invocation, in the first of which classes are still being instrumented. */
  private static final long SLOW_MACHINE_MILLIS = 180_000;

  private static final int TABLES = 2;
  private static final int KEYS = 4;
  private static final int BUDGET = 250; // one block and its overhead, not two

  /** What is one step: it looks at bytes, or at what never changes. */
  private static final List<String> STEPS =
      List.of(
          "org.ferrisdb.storage.manifest.TableMetadata",
          "org.ferrisdb.storage.manifest.Version",
          "org.ferrisdb.storage.metrics.ReadCounters",
          "org.ferrisdb.storage.metrics.StripedCounters",
          "org.ferrisdb.storage.sstable.Block",
          "org.ferrisdb.storage.sstable.TableIndex",
          "org.ferrisdb.storage.testing.EngineModel",
          "org.ferrisdb.storage.testing.FaultyFileSystem");

  private static final FaultyFileSystem DISK = new FaultyFileSystem();
  private static final List<TableMetadata> CONTENT = new ArrayList<>();

  static {
    try {
      for (int number = 1; number <= TABLES; number++) {
        CONTENT.add(table(number));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A table of two blocks; its number is its entries' timestamp. */
  private static TableMetadata table(int number) throws IOException {
    SkipListMemtable memtable = new SkipListMemtable();
    for (int key = 0; key < KEYS; key++) {
      memtable.add(EngineModel.bytes("k" + key), number, 1, EntryKind.PUT, new byte[30]);
    }
    try (SSTableWriter writer = SSTableWriter.create(DISK, path(number), 80, Compression.LZ4);
        EntryIterator entries = memtable.iterator(1)) {
      for (entries.seekFirst(); entries.valid(); entries.next()) {
        writer.add(entries);
      }
      TableProperties properties = writer.finish();
      return new TableMetadata(number, writer.length(), properties);
    }
  }

  private static Path path(long number) {
    return Path.of("/" + number + ".sst");
  }

  /** The calls. */
  @Param(name = "key", gen = IntGen.class, conf = "0:3")
  @Param(name = "table", gen = IntGen.class, conf = "1:2")
  public static final class Subject {
    private final FaultyFileSystem files = DISK.copy();
    private final ClockBlockCache blocks = new ClockBlockCache(BUDGET);
    private final TableCache tables = new TableCache(blocks, 1);
    private final AtomicInteger deleted = new AtomicInteger();
    private volatile TableView current = view(null, CONTENT);

    private TableView view(@Nullable TableView before, List<TableMetadata> shown) {
      List<VersionEdit.Added> added =
          shown.stream().map(table -> new VersionEdit.Added(0, table)).toList();
      VersionEdit edit = new VersionEdit(1, 1, AppliedPosition.NONE, 0, List.of(), added);
      return TableView.of(Version.empty().apply(edit), before, this::handle);
    }

    private TableHandle handle(TableMetadata table) {
      Path path = path(table.number());
      return new TableHandle(files, path, table, tables, () -> delete(path));
    }

    private void delete(Path path) {
      try {
        files.delete(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      deleted.incrementAndGet();
    }

    /** The newest table that is there answers; 0 if there is none. */
    @Operation
    public long read(@Param(name = "key") int key) {
      TableView view = current;
      while (!view.tryRetain()) {
        view = current;
      }
      try {
        Versioned found =
            view.get(EngineModel.bytes("k" + key), Long.MAX_VALUE, new ReadCounters());
        return found == null ? 0 : found.timestamp();
      } finally {
        view.release();
      }
    }

    /** Takes a table out; its file is deleted as soon as nobody reads it. */
    @Operation(nonParallelGroup = "edits")
    public void remove(@Param(name = "table") int table) {
      TableView before = current;
      List<TableMetadata> shown = new ArrayList<>(before.version().level(0));
      if (shown.removeIf(each -> each.number() == table)) {
        current = view(before, shown);
        before.release();
      }
    }

    /** Whether the blocks keep to their budget. */
    @Operation
    public boolean isWithinBudget() {
      return blocks.bytes() >= 0 && blocks.bytes() <= BUDGET;
    }

    /** When the last view goes, nothing is open or counted. */
    @Validate
    public void isLetGo() {
      int left = current.version().level(0).size();
      current.release();
      // AssertJ's objects do not bear being looked at by Lincheck.
      if (blocks.bytes() != 0 || tables.openTables() != 0 || deleted.get() != TABLES - left) {
        throw new AssertionError(
            "left: %d bytes, %d open tables; deleted: %d of %d that are gone"
                .formatted(blocks.bytes(), tables.openTables(), deleted.get(), TABLES - left));
      }
    }
  }

  /** What they should do. */
  public static final class Model {
    private final TreeSet<Long> tables = new TreeSet<>(List.of(1L, 2L));

    public long read(int key) {
      return tables.isEmpty() ? 0 : tables.last();
    }

    public void remove(int table) {
      tables.remove((long) table);
    }

    public boolean isWithinBudget() {
      return true;
    }
  }

  @Test
  void readers_get_right_answers_and_nothing_is_left() {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .threads(2)
            .actorsBefore(1)
            .actorsPerThread(3)
            .actorsAfter(1)
            .iterations(ITERATIONS)
            .invocationsPerIteration(INVOCATIONS)
            .invocationTimeout$lincheck(SLOW_MACHINE_MILLIS)
            .sequentialSpecification(Model.class);
    options
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(STEPS.toArray(String[]::new))
                .allMethods()
                .ignore())
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses("org.ferrisdb.storage.sstable.SSTableReader")
                .methods("open", "load", "hash", "mayContain", "hide")
                .ignore())
        .check(Subject.class);
  }
}
