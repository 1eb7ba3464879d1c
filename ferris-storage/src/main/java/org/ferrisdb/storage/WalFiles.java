package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.wal.RecordFormat;
import org.ferrisdb.storage.wal.RecordWriter;
import org.jspecify.annotations.Nullable;

/**
 * The WAL files of an open engine that are still needed: the current one, and older ones that hold
 * what was never synced and whose memtables are not in tables yet.
 *
 * <p><b>Nobody waits for the disk when a memtable is frozen.</b> What its file holds unsynced stays
 * so: the file gets its {@code END} and is kept open. Mostly it is obsolete, flushed to a table,
 * before anybody wants it durable; then it never needs to reach the disk at all.
 *
 * <p><b>What keeps the order</b> (no batch is found without all before it): <i>before anything of a
 * file is synced, all older files are; and the file says so, in a {@code LINK} record at or before
 * the first batch that is synced.</i> Recovery takes a file only if the one before it is whole. If
 * it is not, then a {@code LINK} in the file means damage; without one nothing in the file was ever
 * promised to survive, and it is dropped as the torn tail that it is.
 *
 * <p>The current file is for who has the turn to write; {@link #obsolete} is for any thread.
 */
final class WalFiles {
  private final FileSystem files;
  private final VersionSet versions;

  private @Nullable RecordWriter current;
  private long newest; // number of the file that was begun last; 0 if what follows needs none
  private boolean linked; // whether the current file can be synced: all before it is durable

  private final ReentrantLock lock = new ReentrantLock(); // guards the one below
  private final Deque<Old> older = new ArrayDeque<>(); // ascending

  /** A file that is complete, and perhaps only in the page cache. */
  private record Old(long number, RecordWriter file) {}

  WalFiles(FileSystem files, VersionSet versions) {
    this.files = files;
    this.versions = versions;
  }

  /** Whether there is a current file. */
  boolean isOpen() {
    return current != null;
  }

  /** The current file; a new one if need be, of which nothing is durable yet, not even its name. */
  RecordWriter open() throws IOException {
    RecordWriter open = current;
    if (open == null) {
      long number = versions.newFileNumber();
      Path path = versions.path(FileNames.Kind.WAL, number);
      try {
        open = RecordWriter.begin(files, path, RecordFormat.WAL_MAGIC, number, newest);
      } catch (IOException e) {
        versions.deleteQuietly(path);
        throw e;
      }
      linked = newest == 0;
      newest = number;
      current = open;
      if (!linked && !hasOlder()) {
        open.link();
        linked = true;
      }
    }
    return open;
  }

  /** Makes all durable that was written before the current file: it may be synced from now on. */
  void link() throws IOException {
    if (!linked) {
      syncOlder();
      Objects.requireNonNull(current).link();
      linked = true;
    }
  }

  /**
   * Ends the current file, without waiting for the disk if there is anything in it that was not
   * synced. If it fails, the file's memtable must be flushed before any other file is begun.
   *
   * @return whether everything written is durable; false as well if there is no file
   */
  boolean end() throws IOException {
    RecordWriter file = current;
    if (file == null) {
      return false;
    }
    current = null;
    boolean kept = false;
    try {
      if (!file.hasUnsynced()) {
        file.end();
        return true;
      }
      file.endUnsynced();
      keep(new Old(newest, file));
      kept = true;
      return false;
    } finally {
      if (!kept) {
        file.closeQuietly();
      }
    }
  }

  private void keep(Old file) {
    lock.lock();
    try {
      older.addLast(file);
    } finally {
      lock.unlock();
    }
  }

  private boolean hasOlder() {
    lock.lock();
    try {
      return !older.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void syncOlder() throws IOException {
    lock.lock();
    try {
      while (!older.isEmpty()) {
        older.getFirst().file.sync(); // if that fails, it stays, and is given up: no second try
        older.removeFirst().file.closeQuietly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Files below this number are no longer needed: what they hold is in tables. */
  void obsolete(long logNumber) {
    lock.lock();
    try {
      for (Iterator<Old> each = older.iterator(); each.hasNext(); ) {
        Old old = each.next();
        if (old.number < logNumber) {
          old.file.closeQuietly();
          each.remove();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** A write or a sync has failed: nobody knows what is in the files, and nobody asks again. */
  void giveUp() {
    RecordWriter file = current;
    current = null;
    if (file != null) {
      file.closeQuietly();
    }
    obsolete(Long.MAX_VALUE);
  }

  /** All that was written is in tables: the next file follows none. */
  void beginAnew() {
    newest = 0;
  }

  /**
   * Makes everything durable, and closes all.
   *
   * @param brokenOff whether half a record may be gathered, so that no end can be written after it
   * @throws UnsyncedException if batches that were written without a sync may be lost
   */
  void close(boolean brokenOff) throws UnsyncedException {
    RecordWriter file = current;
    boolean unsynced = hasOlder() || (file != null && file.hasUnsynced());
    try {
      syncOlder();
      if (file == null) {
        return;
      }
      if (!brokenOff) {
        link();
        file.end();
      } else if (file.hasUnsynced()) {
        throw new IOException("a write broke off");
      }
    } catch (IOException e) {
      // The reader treats a missing end as a torn tail.
      if (unsynced) {
        throw new UnsyncedException(e);
      }
    } finally {
      giveUp();
    }
  }

  /** Something may be lost that nobody was promised. */
  static final class UnsyncedException extends Exception {
    private static final long serialVersionUID = 1;

    UnsyncedException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
