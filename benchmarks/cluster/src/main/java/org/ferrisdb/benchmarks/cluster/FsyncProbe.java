package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** How fast the disk is just now at what all contestants need of it. */
final class FsyncProbe {
  /** About what a Raft log appends for a value of 100 bytes. */
  private static final int APPEND_BYTES = 128;

  private FsyncProbe() {}

  /** Appends of 128 bytes, each followed by fdatasync, to one file in {@code dir}: per second. */
  static double perSecond(Path dir, Duration length) {
    try {
      Path file = Files.createTempFile(dir, "fsync-probe-", ".tmp");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
        byte[] bytes = new byte[APPEND_BYTES];
        long begin = System.nanoTime();
        long end = begin + length.toNanos();
        long count = 0;
        long now = begin;
        while (now - end < 0) {
          channel.write(ByteBuffer.wrap(bytes));
          channel.force(false);
          count++;
          now = System.nanoTime();
        }
        return count * 1e9 / (now - begin);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
