package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.cache.TableHandle;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.compaction.CompactionPicker;
import org.ferrisdb.storage.compaction.CompactionPlan;
import org.ferrisdb.storage.compaction.GarbageFilter;
import org.ferrisdb.storage.compaction.TableSequenceWriter;
import org.ferrisdb.storage.flow.IoLimiter.Urgency;
import org.ferrisdb.storage.flow.LimitedFileSystem;
import org.ferrisdb.storage.flow.WritePressure;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.metrics.EngineMetrics;
import org.jspecify.annotations.Nullable;

/**
 * Flushes and compactions of one engine: at most one of each at a time, on the shared threads.
 *
 * <p>When one fails, the reason is kept for whoever has to wait for it, and it is tried again
 * later, less and less often: a disk that was full may have space again. Nothing is lost meanwhile:
 * what could not be flushed is still in its memtable, and what could not be compacted in its
 * tables.
 */
final class BackgroundWork {
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 5_000;

  private final FileSystem files;
  private final Path directory;
  private final StorageOptions options;
  private final StorageResources resources;
  private final VersionSet versions;
  private final Tree tree;
  private final MemtableShare memory;
  private final EngineMetrics metrics;
  private final AtomicLong garbageFloor;

  private final ReentrantLock lock = new ReentrantLock(); // guards the three flags below
  private boolean flushing;
  private boolean compacting;
  private int deleting;
  private final ReentrantLock compactionTurn = new ReentrantLock(true); // fair: loops let others in
  private final AtomicInteger excisionsWaiting = new AtomicInteger();

  private volatile boolean closed;
  private volatile @Nullable StorageException flushError;
  private volatile @Nullable StorageException compactionError;
  private final AtomicLong failedFlushes = new AtomicLong();
  private final AtomicLong flushes = new AtomicLong();
  private final AtomicLong compactions = new AtomicLong();
  private long lastFlushNanos; // when a flush ended last
  private long flushRetryMillis = FIRST_RETRY_MILLIS;
  private long compactionRetryMillis = FIRST_RETRY_MILLIS;

  BackgroundWork(
      FileSystem files,
      Path directory,
      StorageOptions options,
      StorageResources resources,
      VersionSet versions,
      Tree tree,
      MemtableShare memory,
      EngineMetrics metrics) {
    this.files = files;
    this.directory = directory;
    this.options = options;
    this.resources = resources;
    this.versions = versions;
    this.tree = tree;
    this.memory = memory;
    this.metrics = metrics;
    this.lastFlushNanos = resources.ticker().nanos();
    this.garbageFloor = new AtomicLong(versions.state().garbageFloor());
  }

  // ---- what others ask

  /** Why flushing fails at the moment; null if it does not. */
  @Nullable StorageException flushError() {
    return flushError;
  }

  /** Why flushing or compacting fails at the moment; null if neither does. */
  @Nullable StorageException error() {
    StorageException flush = flushError;
    return flush != null ? flush : compactionError;
  }

  /** How many attempts to flush have failed since open. */
  long failedFlushes() {
    return failedFlushes.get();
  }

  long flushes() {
    return flushes.get();
  }

  long compactions() {
    return compactions.get();
  }

  void raiseGarbageFloor(long timestamp) {
    long before = garbageFloor.getAndAccumulate(timestamp, Math::max);
    if (timestamp > before) {
      scheduleCompaction();
    }
  }

  // ---- flush

  /** Sees to it that frozen memtables are being flushed. */
  void scheduleFlush() {
    if (tree.state().frozen().isEmpty()) {
      return;
    }
    lock.lock();
    try {
      if (flushing || closed) {
        return;
      }
      flushing = true;
    } finally {
      lock.unlock();
    }
    submit(true, this::runFlushes);
  }

  private void submit(boolean flush, Runnable task) {
    try {
      if (flush) {
        resources.runFlush(task);
      } else {
        resources.runCompaction(task);
      }
    } catch (StorageException e) {
      ended(flush);
      throw e;
    }
  }

  private void ended(boolean flush) {
    lock.lock();
    try {
      if (flush) {
        flushing = false;
      } else {
        compacting = false;
      }
    } finally {
      lock.unlock();
    }
    tree.signal();
  }

  private void runFlushes() {
    boolean failed = false;
    try {
      while (!closed && !tree.state().frozen().isEmpty()) {
        flushOldest();
        flushError = null;
        memory.flushed(null);
        flushRetryMillis = FIRST_RETRY_MILLIS;
      }
    } catch (IOException | RuntimeException | Error e) {
      // An Error as well: writers that wait for this flush must learn of it.
      failed = true;
      flushError = explain("flush", e);
      failedFlushes.incrementAndGet();
      lastFlushNanos = resources.ticker().nanos(); // what fails says nothing of the rate
      memory.flushed(flushError);
      resources.retryLater(this::scheduleFlush, flushRetryMillis);
      flushRetryMillis = Math.min(2 * flushRetryMillis, LAST_RETRY_MILLIS);
    } finally {
      ended(true);
    }
    if (!failed && !closed) {
      scheduleFlush(); // one may have been frozen between the last look and the end
      scheduleCompaction();
    }
  }

  private StorageException explain(String what, Throwable e) {
    if (e instanceof StorageException.Corruption corruption) {
      return corruption;
    }
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    return new StorageException.IoFailure(
        directory
            + ": "
            + what
            + " failed ("
            + reason
            + "); it is tried again by itself, so if the"
            + " disk is full, free some space",
        e);
  }

  /** Flushes the oldest frozen memtable: its table first, then the edit that makes it count. */
  private void flushOldest() throws IOException {
    List<Slot> frozen = tree.state().frozen();
    Slot oldest = frozen.getLast();
    Slot following = frozen.size() > 1 ? frozen.get(frozen.size() - 2) : tree.state().active();
    long start = resources.ticker().nanos();
    List<TableMetadata> tables = oldest.written;
    if (tables == null) {
      tables = writeTable(oldest);
      oldest.written = tables; // if the edit fails, the next attempt only repeats the edit
    }
    commitFlush(oldest, following.logNumber, tables);
    flushes.incrementAndGet();
    long end = resources.ticker().nanos();
    long ready = Math.max(oldest.frozenNanos, lastFlushNanos);
    metrics.flushed(oldest.memtable.bytes(), bytes(tables), end - start, end - ready);
    lastFlushNanos = end;
    deleteOldLogs(oldest.logNumber, following.logNumber);
  }

  private static long bytes(List<TableMetadata> tables) {
    return tables.stream().mapToLong(TableMetadata::length).sum();
  }

  private List<TableMetadata> writeTable(Slot slot) throws IOException {
    if (slot.memtable.isEmpty()) {
      return List.of();
    }
    TableSequenceWriter writer =
        new TableSequenceWriter(
            LimitedFileSystem.of(files, resources.limiter(), () -> Urgency.AT_ONCE),
            directory,
            versions::newFileNumber,
            options.blockBytes(),
            options.compression().of(0, 0),
            Long.MAX_VALUE);
    List<EntryIterator> source = List.of(slot.memtable.iterator(Long.MAX_VALUE));
    try (MergingIterator entries = new MergingIterator(source, true)) {
      // A floor of -1 keeps all but the losers of "same key, same timestamp".
      RangeTombstones ranges = slot.memtable.ranges(Long.MAX_VALUE);
      GarbageFilter filter = new GarbageFilter(-1, ranges, (key, length) -> true);
      return writer.write(entries, filter, ranges, this::checkOpen);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new StorageException.Closed(directory + ": the engine is closing");
    }
  }

  private void commitFlush(Slot slot, long logNumber, List<TableMetadata> tables)
      throws IOException {
    versions.commit(
        before ->
            new VersionEdit(
                0,
                logNumber,
                slot.position,
                before.garbageFloor(),
                List.of(),
                tables.stream().map(table -> new VersionEdit.Added(0, table)).toList()),
        after -> tree.install(view(after), slot));
  }

  private void deleteOldLogs(long from, long to) {
    for (long number = from; number < to; number++) {
      Path log = versions.path(FileNames.Kind.WAL, number);
      if (files.exists(log)) {
        versions.deleteQuietly(log);
      }
    }
  }

  /** The view of a new state; called while no other change can happen. */
  private TableView view(DurableState after) {
    return TableView.of(after.version(), tree.state().tables(), this::handle);
  }

  /** Shows readers the tables that recovery found. */
  void installInitialTables() {
    tree.install(view(versions.state()), null);
  }

  private TableHandle handle(TableMetadata table) {
    Path path = versions.path(FileNames.Kind.TABLE, table.number());
    return new TableHandle(files, path, table, resources.tables(), () -> deleteTable(path));
  }

  /** Deletes on a background thread: whoever let go last may be a reader in a hurry. */
  private void deleteTable(Path path) {
    lock.lock();
    try {
      if (closed) {
        return; // the next open removes it
      }
      deleting++;
    } finally {
      lock.unlock();
    }
    try {
      resources.runCompaction(() -> {
        try {
          versions.deleteQuietly(path);
        } finally {
          deletionEnded();
        }
      });
    } catch (StorageException.Closed e) {
      deletionEnded();
    }
  }

  private void deletionEnded() {
    lock.lock();
    try {
      deleting--;
    } finally {
      lock.unlock();
    }
    tree.signal();
  }

  // ---- compaction

  /** Sees to it that a compaction runs if one is due. */
  void scheduleCompaction() {
    if (pick() == null) {
      compactionError = null; // what failed is no longer wanted
      return;
    }
    lock.lock();
    try {
      if (compacting || closed) {
        return;
      }
      compacting = true;
    } finally {
      lock.unlock();
    }
    submit(false, this::runCompactions);
  }

  private @Nullable CompactionPlan pick() {
    return pick(tree.state().tables().version());
  }

  private @Nullable CompactionPlan pick(Version version) {
    return CompactionPicker.pick(version, garbageFloor.get(), options);
  }

  /** Thrown into a compaction that an excision waits for. */
  private static final class GiveWay extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GiveWay() {
      super("an excision goes first", null, false, false);
    }
  }

  private void checkOpenAndNotInTheWay() {
    checkOpen();
    if (excisionsWaiting.get() > 0) {
      throw new GiveWay();
    }
  }

  private void runCompactions() {
    boolean failed = false;
    try {
      while (!closed && compactOnce()) {
        compactionError = null;
        compactionRetryMillis = FIRST_RETRY_MILLIS;
      }
    } catch (GiveWay e) {
      // No failure: it begins anew, behind the excision.
    } catch (IOException | RuntimeException | Error e) {
      failed = true;
      compactionError = explain("compaction", e);
      resources.retryLater(this::scheduleCompaction, compactionRetryMillis);
      compactionRetryMillis = Math.min(2 * compactionRetryMillis, LAST_RETRY_MILLIS);
    } finally {
      ended(false);
    }
    if (!failed && !closed) {
      scheduleCompaction();
    }
  }

  private boolean compactOnce() throws IOException {
    compactionTurn.lock();
    // Planned on what is read. The durable state may be ahead of it by a flush whose tables readers
    // do not have yet, and a plan that names such a table would remove it unread.
    TableView view = tree.retainTables();
    try {
      CompactionPlan plan = pick(view.version());
      if (plan == null) {
        return false;
      }
      compact(plan, view);
      return true;
    } finally {
      view.release();
      compactionTurn.unlock();
    }
  }

  /** Compacts everything to the deepest level, in the caller's thread. */
  void compactAll() throws IOException {
    long firstWritten = versions.newFileNumber();
    int level = 0;
    while (level < Version.LEVELS) {
      checkOpen();
      level = compactLevel(level, firstWritten);
    }
    compactionError = null;
    scheduleCompaction();
  }

  /** One step of compacting everything; returns the level that comes next. */
  private int compactLevel(int level, long firstWritten) throws IOException {
    compactionTurn.lock();
    TableView view = tree.retainTables();
    try {
      Version version = view.version();
      CompactionPlan plan = CompactionPicker.pickManual(version, level, firstWritten);
      if (plan != null) {
        compact(plan, view);
        if (plan.outputLevel() == level) {
          return level; // at the bottom run by run
        }
      }
      return level >= Math.max(1, CompactionPicker.deepest(version)) ? Version.LEVELS : level + 1;
    } catch (GiveWay e) {
      return level;
    } finally {
      view.release();
      compactionTurn.unlock();
    }
  }

  /**
   * Cuts a range out, see {@link Excision}; everything written is in tables. The inputs of a
   * compaction must not be cut under it, and writers wait meanwhile: so a compaction gives way.
   */
  void excise(KeyRange range, AppliedPosition position) throws IOException {
    excisionsWaiting.incrementAndGet();
    try {
      compactionTurn.lock();
    } finally {
      excisionsWaiting.decrementAndGet();
    }
    TableView view = tree.retainTables();
    try {
      change(
          new Excision(files, directory, versions::newFileNumber).prepare(view, range), position);
    } finally {
      view.release();
      compactionTurn.unlock();
    }
  }

  /** Takes tables in; everything written is in tables. */
  void ingest(Ingestion ingestion, List<Ingestion.Candidate> tables, AppliedPosition position)
      throws IOException {
    // A compaction's outputs may overlap the tables in its level; level 0 is always right.
    boolean noCompaction = compactionTurn.tryLock();
    try {
      change(ingestion.prepare(tables, versions.state().version(), noCompaction), position);
    } finally {
      if (noCompaction) {
        compactionTurn.unlock();
      }
    }
  }

  private void change(TableChange change, AppliedPosition position) throws IOException {
    try {
      versions.commit(
          before ->
              new VersionEdit(
                  0,
                  before.logNumber(),
                  position.compareTo(before.position()) > 0 ? position : before.position(),
                  before.garbageFloor(),
                  change.removed(),
                  change.added()),
          after -> tree.install(view(after), null));
    } catch (IOException e) {
      versions.abandon(change.addedTables());
      throw e;
    }
  }

  private void compact(CompactionPlan plan, TableView view) throws IOException {
    long floor = garbageFloor.get();
    if (CompactionPicker.isMove(plan, view.version(), options.compression())) {
      commitCompaction(plan, floor, plan.upper());
      return;
    }
    long start = resources.ticker().nanos();
    List<TableMetadata> outputs =
        new CompactionRun(plan, floor, view, this::checkOpenAndNotInTheWay)
            .write(
                LimitedFileSystem.of(files, resources.limiter(), () -> urgency(plan)),
                directory,
                versions::newFileNumber,
                options);
    try {
      commitCompaction(plan, floor, outputs);
    } catch (IOException e) {
      versions.abandon(outputs);
      throw e;
    }
    long upper = bytes(plan.upper());
    metrics.compacted(
        plan.level() == 0 ? upper : 0,
        upper + bytes(plan.lower()),
        bytes(outputs),
        resources.ticker().nanos() - start);
  }

  /** Level 0 goes before deeper levels, and is not held up at all once writers wait for it. */
  private Urgency urgency(CompactionPlan plan) {
    if (plan.level() > 0) {
      return Urgency.DEEPER;
    }
    int slow = WritePressure.level0Start(options.l0CompactionTrigger(), options.l0StopTrigger());
    return tree.state().tables().version().level(0).size() >= slow
        ? Urgency.AT_ONCE
        : Urgency.LEVEL0;
  }

  private void commitCompaction(CompactionPlan plan, long floor, List<TableMetadata> outputs)
      throws IOException {
    List<VersionEdit.Removed> removed = new ArrayList<>();
    plan.upper().forEach(t -> removed.add(new VersionEdit.Removed(plan.level(), t.number())));
    plan.lower().forEach(t -> removed.add(new VersionEdit.Removed(plan.outputLevel(), t.number())));
    versions.commit(
        before ->
            new VersionEdit(
                0,
                before.logNumber(),
                before.position(),
                Math.max(before.garbageFloor(), floor),
                removed,
                outputs.stream()
                    .map(table -> new VersionEdit.Added(plan.outputLevel(), table))
                    .toList()),
        after -> tree.install(view(after), null));
    compactions.incrementAndGet();
  }

  /** Starts nothing more; what runs ends at its next look. */
  void beginClose() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  /** Starts nothing more and waits until what runs has ended. */
  void close() {
    beginClose();
    tree.await(this::busy);
    compactionTurn.lock(); // a compactAll of another thread ends at its next check
    try {
      compactionError = null;
    } finally {
      compactionTurn.unlock();
    }
  }

  private boolean busy() {
    lock.lock();
    try {
      return flushing || compacting || deleting > 0;
    } finally {
      lock.unlock();
    }
  }
}
