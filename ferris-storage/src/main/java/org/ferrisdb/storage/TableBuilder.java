package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.Limits;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.sstable.SSTableWriter;

/**
 * Makes a table outside of any engine, to be taken in by {@link StorageEngine#ingest}: the fast way
 * to load what is sorted already. Entries come by key, and of a key the newest first.
 *
 * <p>One thread. A table that is not finished is of no use and may be deleted.
 */
public final class TableBuilder implements AutoCloseable {
  private static final byte[] NOTHING = {};

  private final Path file;
  private final SSTableWriter writer;
  private RangeTombstones ranges = RangeTombstones.EMPTY;
  private byte[] lastKey = NOTHING;
  private long lastTimestamp;
  private boolean finished;

  private TableBuilder(Path file, SSTableWriter writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Creates the file.
   *
   * @param options of the engine that the table is meant for
   */
  public static TableBuilder create(FileSystem files, Path file, StorageOptions options) {
    try {
      return new TableBuilder(
          file,
          SSTableWriter.create(files, file, options.blockBytes(), options.compression().bottom()));
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Adds a value; refuses one that is out of order or over a limit. */
  public void put(byte[] key, long timestamp, byte[] value) {
    add(key, timestamp, EntryKind.PUT, value);
  }

  /** Adds a tombstone; refuses one that is out of order or over a limit. */
  public void delete(byte[] key, long timestamp) {
    add(key, timestamp, EntryKind.TOMBSTONE, NOTHING);
  }

  /**
   * Adds a tombstone of a range, in any order; it hides what the engine holds, and what is here.
   */
  public void deleteRange(byte[] from, byte[] to, long timestamp) {
    requireUnfinished();
    RangeTombstone range = new RangeTombstone(from.clone(), to.clone(), timestamp);
    Limits.require(range);
    ranges = ranges.with(range, 0);
  }

  private void requireUnfinished() {
    if (finished) {
      throw new StorageException.Refused(file + ": is finished; build another table");
    }
  }

  private void add(byte[] key, long timestamp, EntryKind kind, byte[] value) {
    requireUnfinished();
    Limits.require(key, timestamp, value);
    int order = Arrays.compareUnsigned(lastKey, key);
    if (order > 0 || (order == 0 && timestamp >= lastTimestamp)) {
      throw new StorageException.Refused(
          file + ": entries must come by key, and of a key the newest first; sort them");
    }
    if (order < 0) {
      lastKey = key.clone(); // the caller may use the array again
    }
    lastTimestamp = timestamp;
    try {
      writer.add(key, key.length, EntryOrder.tag(timestamp, kind), value, 0, value.length, false);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Completes the file and syncs it; its name is durable once its directory is. */
  public void finish() {
    if (lastKey.length == 0 && ranges.isEmpty()) {
      throw new StorageException.Refused(file + ": a table needs an entry or a range tombstone");
    }
    requireUnfinished();
    finished = true;
    try {
      writer.setRanges(ranges);
      writer.finish();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static StorageException failure(Path file, IOException e) {
    return new StorageException.IoFailure(file + ": " + e.getMessage(), e);
  }
}
