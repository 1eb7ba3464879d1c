package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.ferrisdb.storage.cache.TableHandle;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a range of keys out of an engine without rewriting a table: those inside it leave, and of
 * one that reaches over an end the outer part stays, as a table with bounds.
 *
 * <pre>
 *   excised                  [f .............. p)
 *   tables       [a .... h)  [h ... k)  [k ....... z)
 *   afterwards   [a . f)                      [p . z)
 * </pre>
 *
 * <p>What stays gets a new name, which is a second link to the same file. So the count of who still
 * needs a file is the file system's own, kept in the inode: it survives every crash, and is right
 * also when the other name lies in the directory of another engine, which got it by a {@linkplain
 * StorageEngine#checkpoint(Path, KeyRange) checkpoint of a range}. The idea of cutting by bounds is
 * Pebble's (virtual tables).
 */
final class Excision {
  private final FileSystem files;
  private final Path directory;
  private final LongSupplier numbers;
  private final List<Path> made = new ArrayList<>();
  private final List<VersionEdit.Removed> removed = new ArrayList<>();
  private final List<VersionEdit.Added> added = new ArrayList<>();

  Excision(FileSystem files, Path directory, LongSupplier numbers) {
    this.files = files;
    this.directory = directory;
    this.numbers = numbers;
  }

  /** Links what stays; the change is still to be committed. */
  TableChange prepare(TableView view, KeyRange range) throws IOException {
    boolean complete = false;
    try {
      for (int level = 0; level < Version.LEVELS; level++) {
        cut(level, view.level(level), range);
      }
      if (!added.isEmpty()) {
        files.syncDirectory(directory);
      }
      complete = true;
      return new TableChange(removed, added);
    } finally {
      if (!complete) {
        made.forEach(this::deleteQuietly);
      }
    }
  }

  private void cut(int level, List<TableHandle> tables, KeyRange range) throws IOException {
    // Level 0 is ordered by number. A new number makes a table the newest, so once one needs a new
    // name, all that are newer need one as well, in their order.
    boolean rename = false;
    for (TableHandle table : level == 0 ? tables.reversed() : tables) {
      List<KeyRange> kept = outside(table.metadata(), range);
      if (kept != null) {
        removed.add(new VersionEdit.Removed(level, table.metadata().number()));
        for (KeyRange part : kept) {
          link(level, table, part);
          rename = level == 0;
        }
      } else if (rename) {
        removed.add(new VersionEdit.Removed(level, table.metadata().number()));
        link(level, table, KeyRange.ALL);
      }
    }
  }

  /** The parts of a table that stay; null if the range does not touch it. */
  static @Nullable List<KeyRange> outside(TableMetadata table, KeyRange range) {
    KeyRange whole = new KeyRange(table.smallest(), table.end());
    if (whole.and(range).isEmpty()) {
      return null;
    }
    List<KeyRange> kept = new ArrayList<>(2);
    if (range.from() != null && !whole.and(new KeyRange(null, range.from())).isEmpty()) {
      kept.add(new KeyRange(null, range.from()));
    }
    if (range.to() != null && !whole.and(new KeyRange(range.to(), null)).isEmpty()) {
      kept.add(new KeyRange(range.to(), null));
    }
    return kept;
  }

  private void link(int level, TableHandle table, KeyRange part) throws IOException {
    long number = numbers.getAsLong();
    Path name = directory.resolve(FileNames.Kind.TABLE.name(number));
    files.link(directory.resolve(FileNames.Kind.TABLE.name(table.metadata().number())), name);
    made.add(name);
    added.add(new VersionEdit.Added(level, table.narrowed(part, number)));
  }

  private void deleteQuietly(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      // No edit names it, so the next open removes it.
    }
  }
}
