package org.ferrisdb.storage.manifest;

import java.io.IOException;
import java.nio.file.Path;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.FileSystem;

/**
 * Keeps a second engine out of an engine's directory, and every tool that changes it. The file
 * {@code LOCK} stays there when nobody holds it, and says nothing: whether it is held only the
 * operating system knows, which lets go of it when the process ends, however it ends.
 */
public final class DirectoryLock {
  private DirectoryLock() {}

  /**
   * Takes the lock of a directory that is there.
   *
   * @throws StorageException.InUse if somebody has it
   */
  public static FileSystem.Lock take(FileSystem files, Path directory) throws IOException {
    Path file = directory.resolve(FileNames.LOCK);
    FileSystem.Lock lock = files.lock(file);
    if (lock == null) {
      throw new StorageException.InUse(
          directory
              + ": is open in another engine, of this process or another; close that first (fuser "
              + file
              + " tells which process it is)");
    }
    return lock;
  }

  /** Gives it back. */
  public static void release(FileSystem.Lock lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // Nothing was written to it, and the end of the process gives it back.
    }
  }
}
