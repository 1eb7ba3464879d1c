package org.ferrisdb.storage.cache;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.sstable.SSTableReader;
import org.ferrisdb.storage.sstable.TableSource;
import org.jspecify.annotations.Nullable;

/**
 * A table of an engine: opened when it is first read, closed when the cache needs the place or the
 * table is gone, deleted when no view names it any more. Safe for many threads.
 */
public final class TableHandle implements TableSource {
  private final FileSystem files;
  private final Path path;
  private final TableMetadata metadata;
  private final TableCache cache;
  private final Runnable whenUnused;
  private final ReentrantLock opening = new ReentrantLock();
  private final AtomicInteger views = new AtomicInteger();
  private volatile @Nullable SSTableReader reader;
  private volatile boolean obsolete;
  private boolean touched; // racy on purpose

  /**
   * A table that is not open yet.
   *
   * @param whenUnused runs once, when the table is obsolete and in no view; deletes the file
   */
  public TableHandle(
      FileSystem files, Path path, TableMetadata metadata, TableCache cache, Runnable whenUnused) {
    this.files = files;
    this.path = path;
    this.metadata = metadata;
    this.cache = cache;
    this.whenUnused = whenUnused;
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

  /** The open table; the caller releases it. Only while a view holds this handle. */
  @Override
  public SSTableReader acquire() {
    touched = true;
    SSTableReader open = reader;
    if (open != null && open.tryRetain()) {
      return open;
    }
    return acquireSlowly();
  }

  private SSTableReader acquireSlowly() {
    SSTableReader opened;
    opening.lock();
    try {
      SSTableReader open = reader;
      if (open != null && open.tryRetain()) {
        return open;
      }
      opened = SSTableReader.open(files, path, metadata.length(), cache.blocks());
      opened.tryRetain();
      reader = opened;
    } finally {
      opening.unlock();
    }
    cache.opened(this);
    return opened;
  }

  boolean clearTouched() {
    boolean was = touched;
    touched = false;
    return was;
  }

  /** Lets go of the open table; it closes when its last reader is done. */
  void letGo() {
    SSTableReader open;
    opening.lock();
    try {
      open = reader;
      reader = null;
    } finally {
      opening.unlock();
    }
    if (open != null) {
      open.release();
    }
  }

  /** An edit removed the table from the engine. */
  void markObsolete() {
    obsolete = true;
  }

  void retain() {
    views.incrementAndGet();
  }

  void release() {
    if (views.decrementAndGet() == 0) {
      cache.closed(this);
      letGo();
      if (obsolete) {
        whenUnused.run();
      }
    }
  }
}
