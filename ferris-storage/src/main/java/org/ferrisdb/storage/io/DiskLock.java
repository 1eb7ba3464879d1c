package org.ferrisdb.storage.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A lock of the operating system on a file, which lets go of it when the process dies. Not for
 * network file systems.
 *
 * <p>POSIX takes a file's locks from a process as soon as it closes that file, through whichever
 * descriptor. So a file that is locked here is not opened a second time; LevelDB keeps such a list
 * for the same reason.
 */
final class DiskLock implements FileSystem.Lock {
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  /** Never closed: somebody else in this process has the lock, under another name or class. */
  private static final Queue<FileChannel> KEPT = new ConcurrentLinkedQueue<>();

  private final Path file;
  private final FileChannel channel;

  private DiskLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Null if somebody has it. */
  static @Nullable DiskLock take(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Path real = parent == null ? file : parent.toRealPath().resolve(file.getFileName());
    if (!HELD.add(real)) {
      return null;
    }
    DiskLock taken = null;
    try {
      taken = lock(real);
      return taken;
    } finally {
      if (taken == null) {
        HELD.remove(real);
      }
    }
  }

  private static @Nullable DiskLock lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean keep = false;
    try {
      keep = channel.tryLock() != null;
      return keep ? new DiskLock(file, channel) : null;
    } catch (OverlappingFileLockException e) { // a hard link, or this class loaded twice
      keep = KEPT.add(channel);
      return null;
    } finally {
      if (!keep) {
        channel.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close(); // which gives the lock up
    } finally {
      HELD.remove(file);
    }
  }
}
