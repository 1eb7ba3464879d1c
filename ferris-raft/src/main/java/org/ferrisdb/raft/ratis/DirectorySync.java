package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/**
 * Makes the names of a replica's files durable. Ratis syncs the contents of a log segment and of
 * its vote, but not the directory: after a power cut a segment full of acknowledged entries, or a
 * vote already given, could be missing from it. {@link #sync} is called before entries count as
 * flushed and before any are purged; {@link DurableVote} sees to votes. Thread-safe.
 *
 * <p>Nearly always nothing was created or renamed since the last time, which the directory's
 * modification time tells for the price of one system call. That time has the grain of a kernel
 * tick, so a directory changed a moment ago is not yet believed to be clean.
 */
final class DirectorySync {
  private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long NEVER = Long.MIN_VALUE;

  private final Path directory;
  private long cleanAt = NEVER;

  /**
   * @param directory the one with the log's segments and the vote
   */
  DirectorySync(Path directory) {
    this.directory = directory;
  }

  /** Returns once every name now in the directory is durable. */
  synchronized void sync() throws IOException {
    long changed = Files.getLastModifiedTime(directory).to(TimeUnit.NANOSECONDS);
    if (changed == cleanAt) {
      return;
    }
    // Read before: a change while we sync must find a time at which the directory was still young.
    long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    force(directory);
    cleanAt = now - changed > GRAIN_NANOS ? changed : NEVER;
  }

  /** Syncs one directory. */
  static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
