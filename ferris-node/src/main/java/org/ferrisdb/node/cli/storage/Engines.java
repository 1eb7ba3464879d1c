package org.ferrisdb.node.cli.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.storage.inspect.EngineInspector;
import org.jspecify.annotations.Nullable;

/**
 * The engines and the Raft logs below a directory, a node's or a local cluster's:
 *
 * <pre>
 *   local/n1/data/state/s1/state-000001/   an engine
 *   local/n1/data/raft/logs/GROUP/         a Raft log
 * </pre>
 *
 * @param engines directories of engines
 * @param raftLogs directories of Raft logs
 */
record Engines(List<Path> engines, List<Path> raftLogs) {
  /** From a local cluster's directory down to an engine's files. */
  private static final int DEPTH = 8;

  /** Looks for them; what can not be looked into, or goes away meanwhile, is passed over. */
  static Engines below(Path root) throws IOException {
    List<Path> engines = new ArrayList<>();
    List<Path> raftLogs = new ArrayList<>();
    Files.walkFileTree(
        root,
        EnumSet.noneOf(java.nio.file.FileVisitOption.class),
        DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes a) {
            List<String> names = names(directory);
            if (EngineInspector.isEngine(names)) {
              engines.add(directory);
              return FileVisitResult.SKIP_SUBTREE;
            }
            if (names.contains("raft-meta")) {
              Path parent = directory.getParent();
              raftLogs.add(parent == null ? directory : parent);
              return FileVisitResult.SKIP_SUBTREE;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    engines.sort(null);
    raftLogs.sort(null);
    return new Engines(engines, raftLogs);
  }

  private static List<String> names(Path directory) {
    try (Stream<Path> list = Files.list(directory)) {
      return list.map(p -> String.valueOf(p.getFileName())).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  /** Whether an engine lives in the directory itself. */
  static boolean isEngine(Path directory) {
    return EngineInspector.isEngine(names(directory));
  }

  /**
   * The directory of an engine.
   *
   * @throws CliException if it is none; the hint names those below it
   */
  static Path require(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    if (isEngine(directory)) {
      return directory;
    }
    List<Path> inside = below(directory).engines();
    throw new CliException(
        ExitCode.USAGE,
        directory + " is not the directory of an engine",
        inside.isEmpty() ? "there is none below it either" : "there is " + inside.getFirst());
  }

  /**
   * Whether the engine is a replica of a cluster: then its log, its position and its peers decide
   * what it holds.
   */
  static boolean isReplica(Path engine) throws IOException {
    Path absolute = engine.toRealPath(); // also through a link
    Path parent = absolute.getParent();
    return parent != null
        && String.valueOf(absolute.getFileName()).matches("state-\\d{6,}")
        && Files.exists(parent.resolve("CURRENT"));
  }
}
