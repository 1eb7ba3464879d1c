package org.ferrisdb.storage.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.SSTableWriter;
import org.jspecify.annotations.Nullable;

/**
 * Writes a merged stream into tables, and values beside them: the work of both flush and
 * compaction. Tables are cut at their target size, but only between user keys, so that the versions
 * of a key never lie in two tables of a level. If anything fails, what was written is deleted
 * again, to give its space back.
 *
 * <p>One run per object, one thread.
 */
public final class TableSequenceWriter {
  private static final int CHECK_EVERY = 256;

  /** So many times as large as a table are the values that it refers to, when it is cut. */
  private static final int VALUES = 4;

  private final FileSystem files;
  private final Path directory;
  private final LongSupplier numbers;
  private final int blockBytes;
  private final Compression compression;
  private final long tableBytes;
  private final ValuePlacement values;
  private final List<TableMetadata> done = new ArrayList<>();
  private RangeTombstones ranges = RangeTombstones.EMPTY;
  private byte @Nullable [] tableStart; // where the table before was cut
  private @Nullable SSTableWriter writer;
  private @Nullable Path path;
  private long number;

  /**
   * A writer of tables.
   *
   * @param numbers hands out file numbers
   * @param tableBytes where to cut; {@link Long#MAX_VALUE} for one table
   * @param values says where values lie
   */
  public TableSequenceWriter(
      FileSystem files,
      Path directory,
      LongSupplier numbers,
      int blockBytes,
      Compression compression,
      long tableBytes,
      ValuePlacement values) {
    this.files = files;
    this.directory = directory;
    this.numbers = numbers;
    this.blockBytes = blockBytes;
    this.compression = compression;
    this.tableBytes = tableBytes;
    this.values = values;
  }

  /** Tells a long run to end early. */
  public interface Cancellation {
    /** Throws if the run should end. */
    void check();
  }

  /**
   * Writes what the filter keeps of the entries, and these range tombstones, cut where the tables
   * are; the tables are durable, names included, when this returns.
   */
  public List<TableMetadata> write(
      MergingIterator entries,
      GarbageFilter filter,
      RangeTombstones tombstones,
      Cancellation cancellation)
      throws IOException {
    boolean complete = false;
    ranges = tombstones;
    try {
      int count = 0;
      for (entries.seekStart(); entries.valid(); entries.advance()) {
        if (++count % CHECK_EVERY == 0) {
          cancellation.check();
        }
        Entry entry = entries.current();
        if (full() && !filter.isSameKey(entry)) {
          cancellation.check();
          finishTable(entry.keyCopy());
        }
        if (filter.keep(entry)) {
          values.add(entry, writer());
        }
      }
      cancellation.check();
      finishTable(null);
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
    return open != null
        && (open.estimatedBytes() >= tableBytes || values.tableBytes() / VALUES >= tableBytes);
  }

  private SSTableWriter writer() throws IOException {
    SSTableWriter open = writer;
    if (open == null) {
      number = numbers.getAsLong();
      path = directory.resolve(FileNames.Kind.TABLE.name(number));
      open = SSTableWriter.create(files, path, blockBytes, compression);
      writer = open;
    }
    return open;
  }

  /** Ends the table before that key, or the last one. */
  private void finishTable(byte @Nullable [] cut) throws IOException {
    RangeTombstones inside = ranges.within(new KeyRange(tableStart, cut));
    SSTableWriter open = inside.isEmpty() ? writer : writer();
    tableStart = cut;
    if (open != null) {
      open.setRanges(inside);
      open.setValues(values.finishTable());
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
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It is deleted next.
      }
    }
    values.discard();
    if (open != null && unfinished != null) {
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
    RangeTombstones.Beneath beneath = rangesBeneath(version, level);
    return (key, keyLength) ->
        beneath.mayHold(Arrays.copyOf(key, keyLength), KeyRange.successor(key, keyLength));
  }

  /** The same for a range of keys. */
  public static RangeTombstones.Beneath rangesBeneath(Version version, int level) {
    return (from, to) -> {
      for (int below = level + 1; below < Version.LEVELS; below++) {
        if (!version.overlapping(below, from, to).isEmpty()) {
          return true;
        }
      }
      return false;
    };
  }
}
