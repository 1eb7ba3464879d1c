package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.flow.Ticker;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.Limits;
import org.ferrisdb.storage.manifest.DirectoryLock;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.metrics.EngineMetrics;
import org.ferrisdb.storage.metrics.StallStats;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * An embedded, multi-version key-value store on a log-structured merge tree.
 *
 * <p>A write goes to the memtable (and before it to the WAL, in {@link Durability#WAL}). Full
 * memtables are flushed to tables, tables are compacted into deeper levels. A read at a timestamp
 * asks memtables, then tables from new to old, and stops at the first version that is old enough.
 *
 * <p>This class wires the parts and checks what callers pass; the work is done by {@code
 * CommitPipeline} (writing), {@code Tree} (reading), {@code BackgroundWork} (flush), {@code
 * Compactions}, {@code VersionSet} (the durable state), {@code Recovery} and {@code Checkpointer}.
 *
 * <p>Safe for many threads. An {@link StorageException.IoFailure} of a write in WAL mode leaves its
 * outcome unknown until the engine is reopened or has flushed; nothing else changes state when it
 * throws. Nothing here uses the wall clock.
 */
public final class StorageEngine implements AutoCloseable {
  private final FileSystem files;
  private final Path directory;
  private final StorageOptions options;
  private final FileSystem.Lock lock;
  private final VersionSet versions;
  private final Tree tree;
  private final BackgroundWork background;
  private final CommitPipeline pipeline;
  private final MemtableShare memory;
  private final EngineMetrics metrics = new EngineMetrics();
  private final ReentrantLock closing = new ReentrantLock();
  private volatile boolean closed;

  private StorageEngine(
      FileSystem files,
      Path directory,
      StorageOptions options,
      StorageResources resources,
      FileSystem.Lock lock,
      VersionSet versions) {
    this.files = files;
    this.directory = directory;
    this.options = options;
    this.lock = lock;
    this.versions = versions;
    DurableState state = versions.state();
    TableView none =
        TableView.of(
            Version.empty(),
            null,
            table -> {
              throw new AssertionError("an empty version has no table " + table);
            },
            values -> {
              throw new AssertionError("an empty version has no value file " + values);
            });
    Slot first = new Slot(options.memtable().create(), state.logNumber(), state.position());
    this.tree = new Tree(new ReadState(first, List.of(), none), metrics.reads(), resources.help());
    this.memory = new MemtableShare(tree, resources);
    WalFiles wal = new WalFiles(files, versions);
    this.background =
        new BackgroundWork(
            files, directory, options, resources, versions, wal, tree, memory, metrics);
    this.pipeline =
        new CommitPipeline(
            directory, options, resources, versions, wal, tree, background, memory, metrics);
  }

  /**
   * Opens (or creates) the engine that lives in {@code directory}, recovering it from its manifest
   * and, in {@link Durability#WAL}, from its WAL.
   *
   * @throws StorageException.InUse if another engine has the directory open, in this process or
   *     another
   */
  public static StorageEngine open(
      FileSystem files, Path directory, StorageOptions options, StorageResources resources) {
    FileSystem.Lock lock = null;
    VersionSet versions = null;
    StorageEngine engine = null;
    try {
      options.compression().load(); // before it is found out in the background
      lock = Recovery.lock(files, directory);
      versions = Recovery.openVersions(files, directory);
      engine = new StorageEngine(files, directory, options, resources, lock, versions);
      engine.background.installInitialTables();
      StorageEngine opening = engine;
      Recovery.replay(
          files, directory, versions.state(), () -> opening.beginReplay(resources.ticker()));
      engine.pipeline.opened();
      engine.background.compactions().schedule();
      return engine;
    } catch (IOException | RuntimeException | Error e) {
      if (engine != null) {
        engine.close();
      } else {
        release(versions, lock);
      }
      if (e instanceof Error error) {
        throw error;
      }
      throw failure(directory + ": can not be opened", (Exception) e);
    }
  }

  private static void release(@Nullable VersionSet versions, FileSystem.@Nullable Lock lock) {
    if (versions != null) {
      versions.close();
    }
    if (lock != null) {
      DirectoryLock.release(lock);
    }
  }

  private Replay beginReplay(Ticker ticker) {
    return new Replay(options, versions, tree, background, memory, ticker);
  }

  /**
   * Applies the batch atomically: readers see all of it or nothing. One writer at a time (the
   * caller's duty in EXTERNAL_LOG mode; in WAL mode concurrent callers are grouped).
   */
  public void write(WriteBatch batch) {
    requireOpen();
    validate(batch);
    pipeline.commit(batch, true);
  }

  /**
   * The same, but in {@link Durability#WAL} it returns once the operating system has the record:
   * the batch survives the process, and a power loss only if a later {@link #write}, {@link #flush}
   * or {@link #close} has returned. What a power loss takes is an end of what was written, in
   * order: no batch is there without all before it.
   */
  public void writeUnsynced(WriteBatch batch) {
    requireOpen();
    validate(batch);
    pipeline.commit(batch, false);
  }

  /** The newest version of the key at or below the timestamp, tombstones included; null if none. */
  public @Nullable Versioned get(byte[] key, long timestamp) {
    requireOpen();
    return tree.get(key, timestamp);
  }

  /**
   * A cursor over the live keys (tombstones skipped, one entry a key: the newest at or below
   * timestamp) of [from, to), in key order or in reverse. A null bound is open. Pins what it reads
   * until closed.
   */
  public EntryCursor cursor(
      byte @Nullable [] from, byte @Nullable [] to, long timestamp, Direction direction) {
    requireOpen();
    return tree.cursor(from, to, timestamp, direction == Direction.FORWARD);
  }

  /** The position of the newest batch written. */
  public AppliedPosition appliedPosition() {
    return tree.state().active().position;
  }

  /** The position up to which everything is on disk and survives power loss. */
  public AppliedPosition durablePosition() {
    return options.durability() == Durability.WAL
        ? pipeline.syncedPosition()
        : versions.state().position();
  }

  /** Flushes every memtable and returns once durable; returns the position made durable. */
  public AppliedPosition flush() {
    requireOpen();
    return pipeline.flush();
  }

  /**
   * Flushes, then hard-links a complete, openable copy of the engine into {@code target}, which
   * must not exist and lies on the same file system; synced before return.
   */
  public Checkpoint checkpoint(Path target) {
    return checkpoint(target, KeyRange.ALL);
  }

  /**
   * The same of the keys of a range alone, for an engine that takes them over. Tables that reach
   * over the range's ends are shared: the copy sees its part of them.
   */
  public Checkpoint checkpoint(Path target, KeyRange range) {
    requireOpen();
    pipeline.flush();
    try {
      return new Checkpointer(files, directory, versions, tree).create(target, range);
    } catch (IOException e) {
      throw failure(target + ": the checkpoint failed", e);
    }
  }

  /**
   * Removes the keys of a range with all their versions, whatever the timestamp: they now belong to
   * another engine, or to nobody. Nothing is rewritten. Durable when it returns; an {@link
   * StorageException.IoFailure} leaves it unknown whether it will have happened after a reopening,
   * as does a crash. Cursors that are open go on to see what they saw.
   *
   * @param position the entry of the replicated log that says so; in {@link
   *     Durability#EXTERNAL_LOG} after all before, in {@link Durability#WAL} it may be NONE
   */
  public void excise(KeyRange range, AppliedPosition position) {
    requireOpen();
    if (range.isEmpty()) {
      throw new StorageException.Refused("range to excise: holds no key; its end must be greater");
    }
    pipeline.flush(); // most of it, without holding writers up
    pipeline.betweenBatches(position, () -> background.excise(range, position));
    background.compactions().schedule();
  }

  /**
   * Takes in tables that {@link TableBuilder} has made, all in one step. Every version in them must
   * be newer than what the engine holds of its key, as if it were written now. The files stay where
   * they are, and may be deleted afterwards. Durable when it returns, else as {@link #excise}.
   *
   * @throws StorageException.Corruption if a file is not a sound table
   */
  public void ingest(List<Path> tables, AppliedPosition position) {
    requireOpen();
    Ingestion ingestion = new Ingestion(files, directory, versions::newFileNumber);
    List<Ingestion.Candidate> candidates;
    try {
      candidates = ingestion.verify(tables);
    } catch (IOException e) {
      throw failure(directory + ": can not ingest", e);
    }
    pipeline.flush(); // most of it, without holding writers up
    pipeline.betweenBatches(position, () -> background.ingest(ingestion, candidates, position));
    background.compactions().schedule();
  }

  /** Versions that are shadowed at this timestamp may be dropped by compaction. Never goes back. */
  public void raiseGarbageFloor(long timestamp) {
    requireOpen();
    background.compactions().raiseGarbageFloor(timestamp);
  }

  /**
   * Flushes, then compacts everything into the deepest level, in the caller's thread: for tools,
   * tests and benchmarks. Writing may go on.
   */
  public void compact() {
    flush();
    try {
      background.compactions().compactAll();
    } catch (IOException e) {
      throw failure(directory + ": the compaction failed", e);
    }
  }

  /** What the engine holds: levels, bytes, memtables, stalls; cheap, for metrics and status. */
  public EngineStats stats() {
    ReadState state = tree.state();
    Version version = state.tables().version();
    List<Integer> tables = version.levels().stream().map(List::size).toList();
    List<Long> bytes = IntStream.range(0, Version.LEVELS).mapToObj(version::bytes).toList();
    StorageException refusal = pipeline.refusal();
    StorageException error = refusal != null ? refusal : background.error();
    List<StallStats> stalls = metrics.stalls().stats();
    return new EngineStats(
        state.memtableBytes(),
        state.frozen().size(),
        tables,
        bytes,
        values(version),
        background.flushes(),
        background.compactions().completed(),
        stalls.stream().mapToLong(StallStats::nanos).sum(),
        stalls,
        metrics.work(),
        metrics.reads().stats(),
        metrics.walSync().stats(),
        error == null ? "" : String.valueOf(error.getMessage()));
  }

  private static ValueStats values(Version version) {
    List<ValueUse> files = ValueFiles.of(version).all();
    return new ValueStats(
        files.size(),
        files.stream().mapToLong(ValueUse::length).sum(),
        files.stream().mapToLong(ValueUse::bytes).sum());
  }

  /** How many compactions run at this moment. */
  int runningCompactions() {
    return background.compactions().runningNow();
  }

  /** The corrupt file that flush or compaction keeps finding; null while they find none. */
  public StorageException.@Nullable Corruption corruption() {
    return background.error() instanceof StorageException.Corruption found ? found : null;
  }

  /**
   * Reads everything in the directory of a checkpoint, or of an engine that is not open, and
   * verifies every checksum.
   *
   * @throws StorageException.Corruption naming the first file that is not what was written
   */
  public static void verify(FileSystem files, Path directory) {
    try {
      Verification.run(files, directory);
    } catch (IOException e) {
      throw failure(directory + ": can not be verified", e);
    }
  }

  /**
   * Stops background work and closes files. In EXTERNAL_LOG mode does not flush.
   *
   * @throws StorageException.IoFailure if it is closed now, and batches of {@link #writeUnsynced}
   *     may be lost
   */
  @Override
  public void close() {
    closing.lock();
    try {
      if (!closed) {
        closed = true;
        background.beginClose();
        try {
          pipeline.close();
        } finally {
          closeRest();
        }
      }
    } finally {
      closing.unlock();
    }
  }

  private void closeRest() {
    try {
      background.close();
    } finally {
      try {
        memory.close();
        tree.close();
      } finally {
        release(versions, lock); // last: from now on another engine may be opened here
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new StorageException.Closed(directory + ": the engine is closed");
    }
  }

  private static StorageException failure(String what, Exception e) {
    return e instanceof StorageException known
        ? known
        : new StorageException.IoFailure(what + " (" + e.getMessage() + ")", e);
  }

  private void validate(WriteBatch batch) {
    batch.ops().forEach(op -> Limits.require(op.key(), op.timestamp(), op.value()));
    batch.ranges().forEach(Limits::require);
    long bytes = options.durability() == Durability.WAL ? batch.bytes() : batch.payloadBytes();
    Limits.requireAtMost("batch", bytes, Limits.BATCH_BYTES);
    Limits.requireAtMost("batch", batch.ranges().size(), Limits.BATCH_RANGES, " deleted ranges");
  }

  /** Direction of a cursor. */
  public enum Direction {
    /** Ascending keys. */
    FORWARD,
    /** Descending keys. */
    REVERSE
  }

  /**
   * A checkpoint that {@link #checkpoint} made.
   *
   * @param directory where its files are
   * @param position what it holds
   * @param files the names of its files, relative to the directory, with their lengths
   */
  public record Checkpoint(Path directory, AppliedPosition position, List<CheckpointFile> files) {}

  /**
   * One file of a checkpoint.
   *
   * @param name relative to the checkpoint's directory
   * @param length in bytes
   */
  public record CheckpointFile(String name, long length) {}
}
