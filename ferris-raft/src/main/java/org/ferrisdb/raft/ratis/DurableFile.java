package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files that are replaced as a whole. */
final class DurableFile {
  private DurableFile() {}

  /**
   * Written aside, synced, renamed, directory synced: at any moment, and after a failure, the name
   * stands for all of the old bytes or all of the new ones. Returns once the new ones are durable.
   */
  static void replace(Path directory, String name, byte[] bytes) throws IOException {
    Path aside = directory.resolve(name + ".new");
    try (FileChannel out =
        FileChannel.open(
            aside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        out.write(rest);
      }
      out.force(true);
    }
    Files.move(aside, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    DirectorySync.force(directory);
  }
}
