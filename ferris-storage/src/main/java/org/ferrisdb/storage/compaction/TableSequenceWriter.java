package org.ferrisdb.storage.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.SSTableWriter;
import org.jspecify.annotations.Nullable;

/**
 * Writes a merged stream into tables: the work of both flush and compaction. Tables are cut at
 * their target size, but only between user keys, so that the versions of a key never lie in two
 * tables of a level. If anything fails, what was written is deleted again, to give its space back.
 *
 * <p>One run per object, one thread.
 */
public final class TableSequenceWriter {
  private static final int CHECK_EVERY = 256;

  private final FileSystem files;
  private final Path directory;
  private final LongSupplier numbers;
  private final int blockBytes;
  private final long tableBytes;
  private final List<TableMetadata> done = new ArrayList<>();
  private @Nullable SSTableWriter writer;
  private @Nullable Path path;
  private long number;

  /**
   * A writer of tables.
   *
   * @param numbers hands out file numbers
   * @param tableBytes where to cut; {@link Long#MAX_VALUE} for one table
   */
  public TableSequenceWriter(
      FileSystem files, Path directory, LongSupplier numbers, int blockBytes, long tableBytes) {
    this.files = files;
    this.directory = directory;
    this.numbers = numbers;
    this.blockBytes = blockBytes;
    this.tableBytes = tableBytes;
  }

  /** Tells a long run to end early. */
  public interface Cancellation {
    /** Throws if the run should end. */
    void check();
  }

  /**
   * Writes what the filter keeps of the entries; the tables are durable, names included, when this
   * returns.
   */
  public List<TableMetadata> write(
      MergingIterator entries, GarbageFilter filter, Cancellation cancellation) throws IOException {
    boolean complete = false;
    try {
      int count = 0;
      for (entries.seekStart(); entries.valid(); entries.advance()) {
        if (++count % CHECK_EVERY == 0) {
          cancellation.check();
        }
        EntryIterator entry = entries.current();
        if (full() && !filter.isSameKey(entry)) {
          finishTable();
        }
        if (filter.keep(entry)) {
          writer().add(entry);
        }
      }
      finishTable();
      files.syncDirectory(directory);
      complete = true;
      return List.copyOf(done);
    } finally {
      if (!complete) {
        discard();
      }
    }
  }

  private boolean full() {
    SSTableWriter open = writer;
    return open != null && open.estimatedBytes() >= tableBytes;
  }

  private SSTableWriter writer() throws IOException {
    SSTableWriter open = writer;
    if (open == null) {
      number = numbers.getAsLong();
      path = directory.resolve(FileNames.Kind.TABLE.name(number));
      open = SSTableWriter.create(files, path, blockBytes, Compression.LZ4);
      writer = open;
    }
    return open;
  }

  private void finishTable() throws IOException {
    SSTableWriter open = writer;
    if (open != null) {
      var properties = open.finish();
      long length = open.length();
      open.close();
      writer = null;
      done.add(new TableMetadata(number, length, properties));
    }
  }

  private void discard() {
    SSTableWriter open = writer;
    Path unfinished = path;
    if (open != null && unfinished != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It is deleted next.
      }
      delete(unfinished);
    }
    for (TableMetadata table : done) {
      delete(directory.resolve(FileNames.Kind.TABLE.name(table.number())));
    }
  }

  private void delete(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      // No edit names the file, so the next open removes it.
    }
  }

  /** Whether older data for a key may lie in the levels below one of a version. */
  public static GarbageFilter.Beneath beneath(Version version, int level) {
    return (key, keyLength) -> {
      byte[] exact = Arrays.copyOf(key, keyLength);
      for (int below = level + 1; below < Version.LEVELS; below++) {
        if (!version.overlapping(below, exact, exact).isEmpty()) {
          return true;
        }
      }
      return false;
    };
  }
}
