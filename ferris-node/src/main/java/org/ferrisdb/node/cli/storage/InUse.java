package org.ferrisdb.node.cli.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.raft.DataDirectoryLock;

/**
 * Keeps a command that changes an engine's files away from a node that runs. A node locks its data
 * directory as a whole, also while the engine in question is not open; that lock is taken for as
 * long as this is open. Each engine has a lock besides, {@code DirectoryLock}, which whoever opens
 * it takes.
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
    Path above = engine.toRealPath();
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
