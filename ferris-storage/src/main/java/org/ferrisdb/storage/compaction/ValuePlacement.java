package org.ferrisdb.storage.compaction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.SSTableWriter;
import org.ferrisdb.storage.sstable.ValueFileWriter;
import org.ferrisdb.storage.sstable.ValueFormat;
import org.ferrisdb.storage.sstable.ValueReference;
import org.ferrisdb.storage.sstable.ValueResolver;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * Decides where the values of new tables lie, and puts them there: with their keys, in a value file
 * beside the table, or where they lie already.
 *
 * <pre>
 *   a value comes           with its key                            apart, in file 12
 *                           |                                       |
 *   smaller than apartFrom  stays with it                           stays in 12, unless 12 is left,
 *   larger                  goes into the table's value file        or the table refers to
 *                                                                   MAX_FILES others: then it comes
 *                                                                   over, in the order of the keys
 * </pre>
 *
 * <p>So a compaction moves references and not values. What that must not lead to is bounded twice.
 * Files that are mostly garbage are left ({@link ValueFiles}): space. And a table refers to {@value
 * #MAX_FILES} old files at the most: values lie in the order in which they were flushed, and a scan
 * pays for every file that it must jump between. (Pebble bounds the same, at ten.)
 *
 * <p>A value file is written beside one table and ends with it, so that a table says of each of its
 * files how long it is. One run per object, one thread.
 */
public final class ValuePlacement {
  /** Old value files that a new table refers to at the most. */
  public static final int MAX_FILES = 20;

  /**
   * What there is before.
   *
   * @param values reads it
   * @param files what of the files is known
   * @param leave whether values that lie there are to come over
   */
  public record Existing(ValueResolver values, ValueFiles files, LongPredicate leave) {}

  private final FileSystem files;
  private final Path directory;
  private final LongSupplier numbers;
  private final Compression compression;
  private final int apartFrom;
  private final @Nullable Existing existing;

  private final Map<Long, Long> kept = new HashMap<>(); // file: bytes the table refers to
  private final List<Path> made = new ArrayList<>();
  private @Nullable ValueFileWriter own;
  private long tableBytes; // that the table's values take in old files

  /**
   * For new tables.
   *
   * @param apartFrom values of so many bytes and more lie apart
   * @param existing what the entries refer to; null if they refer to nothing
   */
  public ValuePlacement(
      FileSystem files,
      Path directory,
      LongSupplier numbers,
      Compression compression,
      int apartFrom,
      @Nullable Existing existing) {
    this.files = files;
    this.directory = directory;
    this.numbers = numbers;
    this.compression = compression;
    this.apartFrom = apartFrom;
    this.existing = existing;
  }

  /** Adds the entry to the table, its value wherever it belongs. */
  void add(Entry entry, SSTableWriter table) throws IOException {
    if (entry.isApart()) {
      addApart(entry, table);
    } else if (entry.valueLength() >= apartFrom) {
      ByteSink reference = own().add(entry.valueBuffer(), entry.valueOffset(), entry.valueLength());
      addReference(entry, reference, table);
    } else {
      table.add(entry);
    }
  }

  private void addApart(Entry entry, SSTableWriter table) throws IOException {
    Existing before = existing;
    if (before == null) {
      throw new IllegalStateException("a value that lies apart, where there are no value files");
    }
    ValueReference reference =
        ValueReference.decode(entry.valueBuffer(), entry.valueOffset(), entry.valueLength());
    if (stays(reference.file(), before)) {
      kept.merge(reference.file(), (long) reference.storedLength(), Long::sum);
      tableBytes += reference.storedLength();
      table.add(entry);
    } else if (reference.rawLength() >= apartFrom) {
      addReference(entry, own().addFramed(before.values().stored(reference), reference), table);
    } else { // options have changed
      byte[] value = ValueFormat.unframe(before.values().stored(reference), reference);
      table.add(entry.keyBuffer(), entry.keyLength(), entry.tag(), value, 0, value.length, false);
    }
  }

  private boolean stays(long file, Existing before) {
    return !before.leave().test(file) && (kept.size() < MAX_FILES || kept.containsKey(file));
  }

  private void addReference(Entry entry, ByteSink reference, SSTableWriter table)
      throws IOException {
    table.add(
        entry.keyBuffer(),
        entry.keyLength(),
        entry.tag(),
        reference.array(),
        0,
        reference.size(),
        true);
  }

  private ValueFileWriter own() throws IOException {
    ValueFileWriter open = own;
    if (open == null) {
      long number = numbers.getAsLong();
      Path path = directory.resolve(FileNames.Kind.VALUES.name(number));
      open = ValueFileWriter.create(files, path, number, compression);
      made.add(path);
      own = open;
    }
    return open;
  }

  /** Bytes of the values that the table refers to by now. */
  long tableBytes() {
    ValueFileWriter open = own;
    return tableBytes + (open == null ? 0 : open.valueBytes());
  }

  /** Completes the table's value file; returns what the table has in which file. */
  List<ValueUse> finishTable() throws IOException {
    List<ValueUse> uses = new ArrayList<>(kept.size() + 1);
    Existing before = existing;
    if (before != null) {
      new TreeMap<>(kept).forEach((file, bytes) -> uses.add(use(before.files().file(file), bytes)));
    }
    ValueFileWriter open = own;
    if (open != null) {
      ValueUse use = open.finish();
      open.close();
      own = null;
      uses.add(use);
    }
    kept.clear();
    tableBytes = 0;
    return uses;
  }

  /** What must not be written down if it can not be, or the next opening refused all of it. */
  private static ValueUse use(ValueUse file, long bytes) {
    if (bytes > file.values()) {
      throw new StorageException.Corruption(
          "a table refers to %d bytes of values in value file %d, which holds %d"
              .formatted(bytes, file.file(), file.values()));
    }
    return file.of(bytes);
  }

  /** Deletes what was written. */
  void discard() {
    ValueFileWriter open = own;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It is deleted next.
      }
    }
    for (Path file : made) {
      try {
        files.delete(file);
      } catch (IOException e) {
        // No edit names the file, so the next open removes it.
      }
    }
  }
}
