package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.cache.TableHandle;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.cache.ValueHandle;
import org.ferrisdb.storage.compaction.GarbageFilter;
import org.ferrisdb.storage.compaction.TableSequenceWriter;
import org.ferrisdb.storage.compaction.ValuePlacement;
import org.ferrisdb.storage.flow.IoLimiter.Urgency;
import org.ferrisdb.storage.flow.LimitedFileSystem;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.metrics.EngineMetrics;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * Flushes of one engine, one at a time on the shared threads, and what else changes its tables:
 * excisions and ingestions. {@link Compactions} are a class of their own.
 *
 * <p>When a flush or a compaction fails, the reason is kept for whoever has to wait for it, and it
 * is tried again later, less and less often: a disk that was full may have space again. Nothing is
 * lost meanwhile: what could not be flushed is still in its memtable, and what could not be
 * compacted in its tables.
 */
final class BackgroundWork {
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 5_000;

  private final FileSystem files;
  private final Path directory;
  private final StorageOptions options;
  private final StorageResources resources;
  private final VersionSet versions;
  private final WalFiles wal;
  private final Tree tree;
  private final MemtableShare memory;
  private final EngineMetrics metrics;
  private final Compactions compactions;

  private final ReentrantLock lock = new ReentrantLock(); // guards the two below
  private boolean flushing;
  private int deleting;

  private volatile boolean closed;
  private volatile @Nullable StorageException flushError;

  /** Made beforehand, for when there is no memory to make any. */
  private final StorageException unexplained;

  private final AtomicLong failedFlushes = new AtomicLong();
  private final AtomicLong flushes = new AtomicLong();
  private long lastFlushNanos; // when a flush ended last
  private long flushRetryMillis = FIRST_RETRY_MILLIS;

  BackgroundWork(
      FileSystem files,
      Path directory,
      StorageOptions options,
      StorageResources resources,
      VersionSet versions,
      WalFiles wal,
      Tree tree,
      MemtableShare memory,
      EngineMetrics metrics) {
    this.files = files;
    this.directory = directory;
    this.unexplained =
        new StorageException.IoFailure(
            directory + ": a flush failed; it is tried again by itself",
            new IOException("no memory to say more"));
    this.options = options;
    this.resources = resources;
    this.versions = versions;
    this.wal = wal;
    this.tree = tree;
    this.memory = memory;
    this.metrics = metrics;
    this.lastFlushNanos = resources.ticker().nanos();
    this.compactions =
        new Compactions(
            files, directory, options, resources, versions, tree, metrics, this::install);
  }

  // ---- what others ask

  /** Why flushing fails at the moment; null if it does not. */
  @Nullable StorageException flushError() {
    return flushError;
  }

  /** Why flushing or compacting fails at the moment; null if neither does. */
  @Nullable StorageException error() {
    StorageException flush = flushError;
    return flush != null ? flush : compactions.error();
  }

  /** How many attempts to flush have failed since open. */
  long failedFlushes() {
    return failedFlushes.get();
  }

  long flushes() {
    return flushes.get();
  }

  /** The compactions. */
  Compactions compactions() {
    return compactions;
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
    boolean taken = false;
    try {
      resources.runFlush(this::runFlushes);
      taken = true;
    } finally {
      if (!taken) { // not even a thread could be started
        ended();
      }
    }
  }

  private void ended() {
    lock.lock();
    try {
      flushing = false;
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
      noteFailure(e);
    } finally {
      ended();
    }
    if (!failed && !closed) {
      scheduleFlush(); // one may have been frozen between the last look and the end
      compactions.schedule();
    }
  }

  private void noteFailure(Throwable e) {
    flushError = unexplained;
    failedFlushes.incrementAndGet();
    lastFlushNanos = resources.ticker().nanos(); // what fails says nothing of the rate
    try {
      flushError = explain(directory, "flush", e);
    } finally { // also when there is no memory for so much as a message
      try {
        memory.flushed(flushError);
      } finally {
        resources.retryLater(this::scheduleFlush, flushRetryMillis);
        flushRetryMillis = Math.min(2 * flushRetryMillis, LAST_RETRY_MILLIS);
      }
    }
  }

  /** The exception to tell of what a thread in the background met. */
  static StorageException explain(Path directory, String what, Throwable e) {
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
    ReadState state = tree.state(); // once: a writer may freeze between two looks
    Slot oldest = state.frozen().getLast();
    Slot following = state.after(oldest);
    long start = resources.ticker().nanos();
    List<TableMetadata> tables = oldest.written;
    if (tables == null) {
      tables = writeTable(oldest);
      oldest.written = tables; // if the edit fails, the next attempt only repeats the edit
    }
    long values =
        ValueFiles.of(versions.state().version()).added(tables).stream()
            .mapToLong(ValueUse::length)
            .sum();
    commitFlush(oldest, following.logNumber, tables);
    deleteOldLogs(oldest.logNumber, following.logNumber);
    flushes.incrementAndGet();
    long end = resources.ticker().nanos();
    long ready = Math.max(oldest.frozenNanos, lastFlushNanos);
    metrics.flushed(oldest.memtable.bytes(), bytes(tables) + values, end - start, end - ready);
    lastFlushNanos = end;
  }

  private static long bytes(List<TableMetadata> tables) {
    return tables.stream().mapToLong(TableMetadata::length).sum();
  }

  private List<TableMetadata> writeTable(Slot slot) throws IOException {
    if (slot.memtable.isEmpty()) {
      return List.of();
    }
    FileSystem limited =
        LimitedFileSystem.of(files, resources.limiter(), () -> Urgency.AT_ONCE, this::checkOpen);
    Compression compression = options.compression().of(0, 0);
    TableSequenceWriter writer =
        new TableSequenceWriter(
            limited,
            directory,
            versions::newFileNumber,
            options.blockBytes(),
            compression,
            Long.MAX_VALUE,
            new ValuePlacement(
                limited,
                directory,
                versions::newFileNumber,
                compression,
                options.valuesApartFrom(),
                null));
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
    wal.obsolete(to);
    for (long number = from; number < to; number++) {
      Path log = versions.path(FileNames.Kind.WAL, number);
      if (files.exists(log)) {
        versions.deleteQuietly(log);
      }
    }
  }

  /** The view of a new state; called while no other change can happen. */
  private TableView view(DurableState after) {
    return TableView.of(after.version(), tree.state().tables(), this::handle, this::valueHandle);
  }

  private void install(DurableState after) {
    tree.install(view(after), null);
  }

  /** Shows readers the tables that recovery found. */
  void installInitialTables() {
    install(versions.state());
  }

  private TableHandle handle(TableMetadata table) {
    Path path = versions.path(FileNames.Kind.TABLE, table.number());
    return new TableHandle(files, path, table, resources.tables(), () -> deleteFile(path));
  }

  private ValueHandle valueHandle(ValueUse use) {
    Path path = versions.path(FileNames.Kind.VALUES, use.file());
    return new ValueHandle(files, path, use, resources.tables(), () -> deleteFile(path));
  }

  /** Deletes on a background thread: whoever let go last may be a reader in a hurry. */
  private void deleteFile(Path path) {
    lock.lock();
    try {
      if (closed) {
        return; // the next open removes it
      }
      deleting++;
    } finally {
      lock.unlock();
    }
    boolean taken = false;
    try {
      resources.runCompaction(() -> {
        try {
          versions.deleteQuietly(path);
        } finally {
          deletionEnded();
        }
      });
      taken = true;
    } catch (StorageException.Closed | OutOfMemoryError e) {
      // No thread could be had: the next open removes it.
    } finally {
      if (!taken) {
        deletionEnded();
      }
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

  // ---- changes that are neither

  /**
   * Cuts a range out, see {@link Excision}; everything written is in tables. The inputs of a
   * compaction must not be cut under it, and writers wait meanwhile: so a compaction gives way.
   */
  void excise(KeyRange range, AppliedPosition position) throws IOException {
    compactions.alone(() -> {
      TableView view = tree.retainTables();
      try {
        change(
            new Excision(files, directory, versions::newFileNumber).prepare(view, range), position);
      } finally {
        view.release();
      }
    });
  }

  /** Takes tables in; everything written is in tables. */
  void ingest(Ingestion ingestion, List<Ingestion.Candidate> tables, AppliedPosition position)
      throws IOException {
    // A compaction's outputs may overlap the tables in its level; level 0 is always right.
    boolean noCompaction = compactions.tryAlone();
    try {
      change(ingestion.prepare(tables, versions.state().version(), noCompaction), position);
    } finally {
      if (noCompaction) {
        compactions.endAlone();
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
          this::install);
    } catch (IOException e) {
      versions.abandon(change.addedTables());
      throw e;
    }
  }

  /** Starts nothing more; what runs ends at its next look. */
  void beginClose() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    compactions.beginClose();
  }

  /** Starts nothing more and waits until what runs has ended. */
  void close() {
    beginClose();
    tree.await(this::busy);
    compactions.forgetFailures();
  }

  private boolean busy() {
    if (compactions.busy()) {
      return true; // before the deletions that it may leave
    }
    lock.lock();
    try {
      return flushing || deleting > 0;
    } finally {
      lock.unlock();
    }
  }
}
