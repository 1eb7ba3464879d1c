package org.ferrisdb.storage.cache;

import java.nio.file.Path;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.sstable.ValueFileReader;
import org.ferrisdb.storage.sstable.ValueUse;

/** A value file of an engine, see {@link FileHandle}. Safe for many threads. */
public final class ValueHandle extends FileHandle<ValueFileReader> {
  private final FileSystem files;
  private final Path path;
  private final long number;
  private final long length;

  /**
   * A file that is not open yet.
   *
   * @param use what a table says of the file
   * @param whenUnused runs once, when the file is obsolete and in no view; deletes it
   */
  public ValueHandle(
      FileSystem files, Path path, ValueUse use, TableCache cache, Runnable whenUnused) {
    super(cache, whenUnused);
    this.files = files;
    this.path = path;
    this.number = use.file();
    this.length = use.length();
  }

  /** Number of the file. */
  public long number() {
    return number;
  }

  @Override
  ValueFileReader open(TableCache cache) {
    return ValueFileReader.open(files, path, length, cache.blocks());
  }
}
