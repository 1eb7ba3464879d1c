package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ferrisdb.storage.io.FileSystem;

/** Trees of files. */
final class Directories {
  private Directories() {}

  /** Deletes the directory and what is in it, if it is there, and syncs its parent. */
  static void deleteTree(FileSystem files, Path directory) throws IOException {
    if (!files.exists(directory)) {
      return;
    }
    for (Path path : tree(directory).reversed()) {
      files.delete(path);
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      files.syncDirectory(parent);
    }
  }

  /** Regular files below the directory, relative to it, sorted. */
  static List<Path> files(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path path : tree(directory)) {
      if (Files.isRegularFile(path)) {
        found.add(directory.relativize(path));
      }
    }
    return found;
  }

  private static List<Path> tree(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      return new ArrayList<>(walk.sorted().toList());
    }
  }
}
