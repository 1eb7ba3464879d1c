package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
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
 * file is synced, all older files are.</i> Recovery takes a file only if the one before it is
 * whole; if not, nothing of what follows was synced, and it is dropped as the torn tail that it is.
 *
 * <p><b>What tells damage from that</b>: a file's {@code LINK} records say up to where the one
 * before was durable when they were written; one is there no later than the first batch that is
 * synced, and says "all of it". If less is found, it is damage.
 *
 * <p>The current file is for who has the turn to write; {@link #obsolete} is for any thread.
 */
final class WalFiles {
  private final FileSystem files;
  private final VersionSet versions;

  private @Nullable RecordWriter current;
  private long newest; // number of the file that was begun last; 0 if what follows needs none
  private long endedSize; // of the file that was ended last
  private boolean linked; // whether the current file may be synced: all before it is durable
  private boolean loose; // whether it holds acknowledged batches that were not synced
  private boolean lost; // whether a file was given up that did, and is needed still
  private boolean broken; // whether a file was given up, or an error has kept it from being ended

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

  /**
   * Whether a file may lack its end, so that none must be begun before its memtable is flushed and
   * {@link #beginAnew} was called.
   */
  boolean isBroken() {
    return broken;
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
      long durable = newest == 0 ? endedSize : endedDurable();
      current = open;
      linked = durable == endedSize;
      if (newest != 0) {
        open.link(durable);
      }
      newest = number;
    }
    return open;
  }

  /** Up to where the file that was ended last is durable; all of it if it is needed no more. */
  private long endedDurable() {
    lock.lock();
    try {
      Old last = older.peekLast();
      return last == null || last.number != newest ? endedSize : last.file.syncedTo();
    } finally {
      lock.unlock();
    }
  }

  /** Makes all durable that was written before the current file: it may be synced from now on. */
  void link() throws IOException {
    if (!linked) {
      syncOlder();
      Objects.requireNonNull(current).link(endedSize);
      linked = true;
    }
  }

  /** A group was written to the current file. */
  void written(boolean synced) {
    loose = !synced;
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
    broken = true; // until it is known that it has its end
    lost = loose;
    loose = false;
    boolean durable = !file.hasUnsynced();
    boolean kept = false;
    try {
      if (durable) {
        file.end();
      } else {
        file.endUnsynced();
        kept = keep(new Old(newest, file));
      }
      broken = false;
      lost = false;
      endedSize = file.size();
      return durable;
    } finally {
      if (!kept) {
        file.closeQuietly();
      }
    }
  }

  private boolean keep(Old file) {
    lock.lock();
    try {
      older.addLast(file);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether there were any. */
  private boolean syncOlder() throws IOException {
    boolean some = false;
    for (Old old = takeOldest(); old != null; old = takeOldest()) {
      lost = true;
      try {
        old.file.sync(); // without the lock, which a flush may want; no second try, if it throws
      } finally {
        old.file.closeQuietly();
      }
      lost = false;
      some = true;
    }
    return some;
  }

  private @Nullable Old takeOldest() {
    lock.lock();
    try {
      return older.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Files below this number are no longer needed: what they hold is in tables. */
  void obsolete(long logNumber) {
    lock.lock();
    try {
      while (!older.isEmpty() && older.getFirst().number < logNumber) {
        older.removeFirst().file.closeQuietly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A write or a sync has failed: nobody knows what is in the files, and nobody asks again. */
  void giveUp() {
    broken = true;
    lost |= loose || hasOlder();
    closeAll();
  }

  private boolean hasOlder() {
    lock.lock();
    try {
      return !older.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void closeAll() {
    RecordWriter file = current;
    current = null;
    if (file != null) {
      file.closeQuietly();
    }
    obsolete(Long.MAX_VALUE);
  }

  /** All that was written is in tables: the next file follows none. */
  void beginAnew() {
    obsolete(Long.MAX_VALUE);
    newest = 0;
    broken = false;
    loose = false;
    lost = false;
  }

  /**
   * Makes everything durable, and closes all.
   *
   * @param brokenOff whether half a record may be gathered, so that no end can be written after it
   * @throws UnsyncedException if batches that were written without a sync may be lost
   */
  void close(boolean brokenOff) throws UnsyncedException {
    boolean unsynced = lost || loose;
    try {
      unsynced |= hasOlder();
      if (lost) {
        throw new IOException("a write or a sync failed before");
      }
      boolean some = syncOlder();
      unsynced = loose;
      if (some && current == null && !broken && !brokenOff) {
        RecordWriter _ = open(); // to say that the others are whole
      }
      RecordWriter file = current;
      if (file != null && !brokenOff) {
        link();
        if (file.hasUnsynced()) {
          file.sync();
          unsynced = false; // and if it gets no end: the reader treats that as a torn tail
        }
        file.end();
      } else if (loose) {
        throw new IOException("a write broke off");
      }
    } catch (IOException e) {
      if (unsynced) {
        throw new UnsyncedException(e);
      }
    } finally {
      closeAll();
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
