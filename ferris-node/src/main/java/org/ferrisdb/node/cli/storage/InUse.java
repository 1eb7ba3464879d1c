package org.ferrisdb.node.cli.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.raft.DataDirectoryLock;

/**
 * Keeps a command that changes an engine's files away from an engine that runs. A node locks its
 * data directory; that lock is taken for as long as this is open. An engine that a program embeds
 * has no lock, but it holds files open, and Linux tells who does.
 */
final class InUse implements AutoCloseable {
  private static final int LEVELS_UP = 5;

  private final AutoCloseable lock;

  private InUse(AutoCloseable lock) {
    this.lock = lock;
  }

  /**
   * Takes the directory.
   *
   * @throws CliException if somebody uses it
   */
  static InUse refuse(Path engine) throws IOException {
    Path directory = engine.toRealPath();
    OptionalLong pid = holder(directory);
    if (pid.isPresent()) {
      throw inUse(engine, "process " + pid.getAsLong() + " has files in it open");
    }
    Path above = directory;
    for (int i = 0; i < LEVELS_UP && above != null; i++) {
      if (isNodes(above)) {
        return new InUse(lock(engine, above));
      }
      above = above.getParent();
    }
    return new InUse(() -> {});
  }

  /** A node's data directory has both. */
  private static boolean isNodes(Path directory) {
    return Files.exists(directory.resolve(DataDirectoryLock.FILE))
        && (Files.exists(directory.resolve("identity"))
            || Files.exists(directory.resolve("state")));
  }

  private static AutoCloseable lock(Path engine, Path dataDir) {
    try {
      return DataDirectoryLock.acquire(dataDir);
    } catch (IOException e) {
      throw inUse(engine, String.valueOf(e.getMessage()));
    }
  }

  private static CliException inUse(Path engine, String why) {
    return new CliException(ExitCode.NO, engine + " is in use: " + why, "stop that first");
  }

  /** A process other than this one that has a file in the directory open, if that can be seen. */
  private static OptionalLong holder(Path directory) {
    long self = ProcessHandle.current().pid();
    return ProcessHandle.allProcesses()
        .mapToLong(ProcessHandle::pid)
        .filter(pid -> pid != self && holds(pid, directory))
        .findFirst();
  }

  private static boolean holds(long pid, Path directory) {
    Path descriptors = Path.of("/proc", Long.toString(pid), "fd");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : all) {
        if (isInside(descriptor, directory)) {
          return true;
        }
      }
    } catch (IOException e) {
      return false; // gone, or another user's: then its files are not ours to change either
    }
    return false;
  }

  private static boolean isInside(Path descriptor, Path directory) {
    try {
      Path target = Files.readSymbolicLink(descriptor);
      return directory.equals(target.getParent());
    } catch (IOException e) {
      return false; // closed while we looked
    }
  }

  @Override
  public void close() throws IOException {
    try {
      lock.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
