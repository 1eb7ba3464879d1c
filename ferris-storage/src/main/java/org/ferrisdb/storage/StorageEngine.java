package org.ferrisdb.storage;

import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * CONTRACT STUB, written first so that all modules compile against it; ferris-storage fills it in.
 */
public final class StorageEngine implements AutoCloseable {
  private StorageEngine() {}

  /**
   * Opens (or creates) the engine that lives in {@code directory}, recovering it from its manifest
   * and, in {@link Durability#WAL}, from its WAL.
   */
  public static StorageEngine open(
      FileSystem files, Path directory, StorageOptions options, StorageResources resources) {
    throw new UnsupportedOperationException();
  }

  /**
   * Applies the batch atomically: readers see all of it or nothing. One writer at a time (the
   * caller's duty in EXTERNAL_LOG mode; in WAL mode concurrent callers are grouped).
   */
  public void write(WriteBatch batch) {
    throw new UnsupportedOperationException();
  }

  /** The newest version of the key at or below the timestamp, tombstones included; null if none. */
  public @Nullable Versioned get(byte[] key, long timestamp) {
    throw new UnsupportedOperationException();
  }

  /**
   * A cursor over the live keys (tombstones skipped, one entry a key: the newest at or below
   * timestamp) of [from, to), in key order or in reverse. A null bound is open. Pins what it reads
   * until closed.
   */
  public EntryCursor cursor(
      byte @Nullable [] from, byte @Nullable [] to, long timestamp, Direction direction) {
    throw new UnsupportedOperationException();
  }

  /** The position of the newest batch written. */
  public AppliedPosition appliedPosition() {
    throw new UnsupportedOperationException();
  }

  /** The position up to which everything is on disk and survives power loss. */
  public AppliedPosition durablePosition() {
    throw new UnsupportedOperationException();
  }

  /** Flushes every memtable and returns once durable; returns the position made durable. */
  public AppliedPosition flush() {
    throw new UnsupportedOperationException();
  }

  /**
   * Flushes, then hard-links a complete, openable copy of the engine into {@code target}, which
   * must not exist and lies on the same file system; synced before return.
   */
  public Checkpoint checkpoint(Path target) {
    throw new UnsupportedOperationException();
  }

  /** Versions that are shadowed at this timestamp may be dropped by compaction. Never goes back. */
  public void raiseGarbageFloor(long timestamp) {
    throw new UnsupportedOperationException();
  }

  /** What the engine holds: levels, bytes, memtables, stalls; cheap, for metrics and status. */
  public EngineStats stats() {
    throw new UnsupportedOperationException();
  }

  /** Stops background work and closes files. In EXTERNAL_LOG mode does not flush. */
  @Override
  public void close() {}

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
