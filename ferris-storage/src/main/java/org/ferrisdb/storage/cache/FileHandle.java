package org.ferrisdb.storage.cache;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.sstable.CountedFile;
import org.jspecify.annotations.Nullable;

/**
 * A file of an engine that never changes: opened when it is first read, closed when the cache needs
 * the place or the file is gone, deleted when no view names it any more. Safe for many threads.
 */
abstract sealed class FileHandle<F extends CountedFile> permits TableHandle, ValueHandle {
  private final TableCache cache;
  private final Runnable whenUnused;
  private final ReentrantLock opening = new ReentrantLock();
  private final AtomicInteger views = new AtomicInteger();
  private volatile @Nullable F opened;
  private volatile boolean obsolete;
  private boolean touched; // racy on purpose

  FileHandle(TableCache cache, Runnable whenUnused) {
    this.cache = cache;
    this.whenUnused = whenUnused;
  }

  /** Opens the file. */
  abstract F open(TableCache cache);

  /** The open file; the caller releases it. Only while a view holds this handle. */
  public F acquire() {
    touched = true;
    F open = opened;
    if (open != null && open.tryRetain()) {
      return open;
    }
    return acquireSlowly();
  }

  private F acquireSlowly() {
    F fresh;
    opening.lock();
    try {
      F open = opened;
      if (open != null && open.tryRetain()) {
        return open;
      }
      fresh = open(cache);
      fresh.tryRetain();
      opened = fresh;
    } finally {
      opening.unlock();
    }
    cache.opened(this);
    return fresh;
  }

  final boolean clearTouched() {
    boolean was = touched;
    touched = false;
    return was;
  }

  /** Lets go of the open file; it closes when its last reader is done. */
  final void letGo() {
    F open;
    opening.lock();
    try {
      open = opened;
      opened = null;
    } finally {
      opening.unlock();
    }
    if (open != null) {
      open.release();
    }
  }

  /** An edit removed the file from the engine. */
  final void markObsolete() {
    obsolete = true;
  }

  final void retain() {
    views.incrementAndGet();
  }

  final void release() {
    if (views.decrementAndGet() == 0) {
      cache.closed(this);
      letGo();
      if (obsolete) {
        whenUnused.run();
      }
    }
  }
}
