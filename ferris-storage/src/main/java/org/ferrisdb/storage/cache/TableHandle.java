package org.ferrisdb.storage.cache;

import java.nio.file.Path;
import java.util.Arrays;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.sstable.SSTableReader;
import org.ferrisdb.storage.sstable.TableSource;
import org.jspecify.annotations.Nullable;

/** A table of an engine, see {@link FileHandle}. Safe for many threads. */
public final class TableHandle extends FileHandle<SSTableReader> implements TableSource {
  private final FileSystem files;
  private final Path path;
  private final TableMetadata metadata;

  /**
   * A table that is not open yet.
   *
   * @param whenUnused runs once, when the table is obsolete and in no view; deletes the file
   */
  public TableHandle(
      FileSystem files, Path path, TableMetadata metadata, TableCache cache, Runnable whenUnused) {
    super(cache, whenUnused);
    this.files = files;
    this.path = path;
    this.metadata = metadata;
  }

  /** What the manifest says of it. */
  public TableMetadata metadata() {
    return metadata;
  }

  @Override
  public byte[] end() {
    return metadata.end();
  }

  @Override
  public @Nullable KeyRange bounds() {
    TableMetadata.Bounds bounds = metadata.bounds();
    return bounds == null ? null : bounds.range();
  }

  /** What the manifest will say of a part of it under another name. */
  public TableMetadata narrowed(KeyRange part, long number) {
    KeyRange before = bounds();
    KeyRange range = before == null ? part : before.and(part);
    byte[] end = metadata.properties().end();
    boolean all =
        range.contains(metadata.properties().smallest())
            && (range.to() == null || Arrays.compareUnsigned(end, range.to()) <= 0);
    if (all) {
      return new TableMetadata(number, metadata.length(), metadata.properties());
    }
    SSTableReader open = acquire();
    try {
      TableMetadata.Bounds bounds = new TableMetadata.Bounds(range, open.approximateBytes(range));
      return new TableMetadata(number, metadata.length(), metadata.properties(), bounds);
    } finally {
      open.release();
    }
  }

  /** The table's range tombstones, as far as they lie in its bounds. Opens it if it has any. */
  public RangeTombstones ranges() {
    if (metadata.properties().ranges() == 0) {
      return RangeTombstones.EMPTY;
    }
    SSTableReader open = acquire();
    try {
      KeyRange bounds = bounds();
      return bounds == null ? open.ranges() : open.ranges().within(bounds);
    } finally {
      open.release();
    }
  }

  @Override
  SSTableReader open(TableCache cache) {
    return SSTableReader.open(files, path, metadata.length(), cache.blocks());
  }
}
