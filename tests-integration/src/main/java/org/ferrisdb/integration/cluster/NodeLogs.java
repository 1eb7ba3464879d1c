package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.NodeProcess;

/** What node processes logged and printed. */
public final class NodeLogs {
  private static final int TAIL_LINES = 40;

  private NodeLogs() {}

  /** The last lines of every node's logs, for messages. */
  public static String tail(LocalCluster cluster) {
    StringBuilder out = new StringBuilder();
    for (NodeProcess node : cluster.nodes()) {
      for (Path file : files(node)) {
        out.append("\n--- ").append(node.name()).append(' ').append(file).append('\n');
        try {
          List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
          int from = Math.max(0, lines.size() - TAIL_LINES);
          out.append(String.join("\n", lines.subList(from, lines.size())));
        } catch (IOException e) {
          out.append("can not be read: ").append(e.getMessage());
        }
      }
    }
    return out.toString();
  }

  /** Copies all of it to DIRECTORY/n1/..., and so on. */
  static void copy(LocalCluster cluster, Path directory) throws IOException {
    for (NodeProcess node : cluster.nodes()) {
      Path to = directory.resolve(node.name());
      Files.createDirectories(to);
      for (Path file : files(node)) {
        Files.copy(
            file, to.resolve(file.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /**
   * Writes what the threads of every running node do to DIRECTORY/n1/threads.txt, and so on: for a
   * cluster that does not answer. A node that does not say it within some seconds (it may be
   * paused) is left out.
   */
  static void threads(LocalCluster cluster, Path directory) throws IOException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    for (NodeProcess node : cluster.nodes()) {
      ProcessHandle process = node.handle().orElse(null);
      if (process == null) {
        continue;
      }
      Path to = directory.resolve(node.name());
      Files.createDirectories(to);
      Process dump =
          new ProcessBuilder(
                  jcmd.toString(), String.valueOf(process.pid()), "Thread.print", "-l", "-e")
              .redirectErrorStream(true)
              .redirectOutput(to.resolve("threads.txt").toFile())
              .start();
      try {
        if (!dump.waitFor(Duration.ofSeconds(5))) {
          var _ = dump.destroyForcibly();
        }
      } catch (InterruptedException e) {
        var _ = dump.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Keeps what a node has logged, whose data directory is about to be emptied. */
  static void keep(NodeProcess node) throws IOException {
    Path kept = kept(node);
    Files.createDirectories(kept);
    for (Path file : in(node.dataDir().resolve("log"))) {
      String name = file.getFileName().toString();
      Path to = kept.resolve("earlier-" + in(kept).size() + "-" + name);
      Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Path kept(NodeProcess node) {
    return node.consoleLog().resolveSibling("kept");
  }

  private static List<Path> files(NodeProcess node) {
    List<Path> files = new ArrayList<>(in(kept(node)));
    if (Files.exists(node.consoleLog())) {
      files.add(node.consoleLog());
    }
    files.addAll(in(node.dataDir().resolve("log")));
    return files;
  }

  private static List<Path> in(Path directory) {
    try (Stream<Path> logs = Files.list(directory)) {
      return logs.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      return List.of(); // nothing logged, or kept, yet
    }
  }
}
