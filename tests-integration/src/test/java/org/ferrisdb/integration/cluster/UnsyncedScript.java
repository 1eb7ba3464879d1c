package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A process of its own that does to files what its arguments say, as a node would, and dies
 * suddenly: {@code ROOT STEP...}, each step a word and its names, which are below the root.
 */
final class UnsyncedScript {
  private UnsyncedScript() {}

  /** See above. */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    for (int i = 1; i < args.length; i++) {
      String[] words = args[i].split(" ", -1);
      Path one = root.resolve(words[1]);
      switch (words[0]) {
        case "append" -> write(one, words[2], -1);
        case "over" -> write(one, words[2], 0);
        case "cut" -> {
          try (FileChannel file = FileChannel.open(one, StandardOpenOption.WRITE)) {
            file.truncate(Integer.parseInt(words[2]));
          }
        }
        case "sync" -> {
          try (FileChannel file = FileChannel.open(one, StandardOpenOption.READ)) {
            file.force(true);
          }
        }
        case "move" -> Files.move(one, root.resolve(words[2]), StandardCopyOption.ATOMIC_MOVE);
        case "link" -> Files.createLink(root.resolve(words[2]), one);
        case "delete" -> Files.delete(one);
        case "mkdir" -> Files.createDirectory(one);
        default -> throw new IllegalArgumentException(args[i]);
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static void write(Path path, String text, long at) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      int _ =
          file.write(
              ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), at < 0 ? file.size() : at);
    }
  }
}
