package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.Limits;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.Version;
import org.jspecify.annotations.Nullable;

/**
 * An embedded, multi-version key-value store on a log-structured merge tree.
 *
 * <p>A write goes to the memtable (and before it to the WAL, in {@link Durability#WAL}). Full
 * memtables are flushed to tables, tables are compacted into deeper levels. A read at a timestamp
 * asks memtables, then tables from new to old, and stops at the first version that is old enough.
 *
 * <p>This class wires the parts and checks what callers pass; the work is done by {@code
 * CommitPipeline} (writing), {@code Tree} (reading), {@code BackgroundWork} (flush, compaction),
 * {@code VersionSet} (the durable state), {@code Recovery} and {@code Checkpointer}.
 *
 * <p>Safe for many threads. An {@link StorageException.IoFailure} of a write in WAL mode leaves its
 * outcome unknown until the engine is reopened or has flushed; nothing else changes state when it
 * throws. Nothing here uses the wall clock.
 */
public final class StorageEngine implements AutoCloseable {
  private final FileSystem files;
  private final Path directory;
  private final StorageOptions options;
  private final VersionSet versions;
  private final Tree tree;
  private final BackgroundWork background;
  private final CommitPipeline pipeline;
  private final ReentrantLock closing = new ReentrantLock();
  private volatile boolean closed;

  private StorageEngine(
      FileSystem files,
      Path directory,
      StorageOptions options,
      StorageResources resources,
      VersionSet versions) {
    this.files = files;
    this.directory = directory;
    this.options = options;
    this.versions = versions;
    DurableState state = versions.state();
    TableView none =
        TableView.of(
            Version.empty(),
            null,
            table -> {
              throw new AssertionError("an empty version has no table " + table);
            });
    Slot first = new Slot(options.memtable().create(), state.logNumber(), state.position());
    this.tree = new Tree(new ReadState(first, List.of(), none));
    this.background = new BackgroundWork(files, directory, options, resources, versions, tree);
    this.pipeline =
        new CommitPipeline(files, directory, options, resources, versions, tree, background);
  }

  /**
   * Opens (or creates) the engine that lives in {@code directory}, recovering it from its manifest
   * and, in {@link Durability#WAL}, from its WAL.
   */
  public static StorageEngine open(
      FileSystem files, Path directory, StorageOptions options, StorageResources resources) {
    VersionSet versions = null;
    StorageEngine engine = null;
    try {
      versions = Recovery.openVersions(files, directory);
      engine = new StorageEngine(files, directory, options, resources, versions);
      engine.background.installInitialTables();
      Recovery.replay(files, directory, versions.state(), engine::beginReplay);
      engine.background.scheduleCompaction();
      return engine;
    } catch (IOException | RuntimeException e) {
      if (engine != null) {
        engine.close();
      } else if (versions != null) {
        versions.close();
      }
      throw failure(directory + ": can not be opened", e);
    }
  }

  private Replay beginReplay() {
    return new Replay(options, versions, tree, background);
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
    requireOpen();
    pipeline.flush();
    try {
      return new Checkpointer(files, directory, versions, tree).create(target);
    } catch (IOException e) {
      throw failure(target + ": the checkpoint failed", e);
    }
  }

  /** Versions that are shadowed at this timestamp may be dropped by compaction. Never goes back. */
  public void raiseGarbageFloor(long timestamp) {
    requireOpen();
    background.raiseGarbageFloor(timestamp);
  }

  /**
   * Flushes, then compacts everything into the deepest level, in the caller's thread: for tools,
   * tests and benchmarks. Writing may go on.
   */
  public void compact() {
    flush();
    try {
      background.compactAll();
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
    return new EngineStats(
        state.memtableBytes(),
        state.frozen().size(),
        tables,
        bytes,
        background.flushes(),
        background.compactions(),
        pipeline.stallNanos(),
        error == null ? "" : String.valueOf(error.getMessage()));
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
        try {
          pipeline.close();
        } finally {
          background.close();
          tree.close();
          versions.close();
        }
      }
    } finally {
      closing.unlock();
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

  private static void validate(WriteBatch batch) {
    long bytes = 0;
    for (WriteBatch.Op op : batch.ops()) {
      requireAtMost("key of a batch", op.key().length, Limits.KEY_BYTES);
      requireAtMost("value of a batch", op.value().length, Limits.VALUE_BYTES);
      if (op.key().length == 0) {
        throw new StorageException.Refused("key of a batch: is empty; a key has at least one byte");
      }
      if (op.timestamp() < 0) {
        throw new StorageException.Refused(
            "timestamp of a batch: " + op.timestamp() + "; a timestamp is never negative");
      }
      bytes += op.key().length + op.value().length + Limits.OP_OVERHEAD_BYTES;
    }
    requireAtMost("batch", bytes, Limits.BATCH_BYTES);
  }

  private static void requireAtMost(String what, long bytes, long limit) {
    if (bytes > limit) {
      throw new StorageException.Refused(
          what + ": " + bytes + " bytes, the limit is " + limit + "; split it");
    }
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
