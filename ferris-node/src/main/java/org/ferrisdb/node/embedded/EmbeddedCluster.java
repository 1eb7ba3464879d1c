package org.ferrisdb.node.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ferrisdb.node.FerrisNode;
import org.ferrisdb.node.config.ConfigReader;
import org.ferrisdb.node.local.NodePorts;
import org.ferrisdb.raft.LinkControl;
import org.jspecify.annotations.Nullable;

/** Some nodes in this JVM. Not thread-safe. */
public final class EmbeddedCluster implements AutoCloseable {
  private final Path directory;
  private final Map<String, String> settings;
  private final LinkControl links;
  private final Map<String, NodePorts> ports = new LinkedHashMap<>();
  private final Map<String, FerrisNode> running = new TreeMap<>();
  private final ConcurrentLinkedQueue<Throwable> fatal = new ConcurrentLinkedQueue<>();

  /**
   * Prepares nodes n1, n2, ... on free ports of 127.0.0.1; none runs yet.
   *
   * @param directory where each node gets a directory of its own
   * @param nodes how many, 1 to 9
   * @param settings of every node, see {@code org.ferrisdb.node.config.ConfigKey}
   * @param links between the nodes, which a test may cut
   */
  public EmbeddedCluster(
      Path directory, int nodes, Map<String, String> settings, LinkControl links) {
    this.directory = directory;
    this.settings = Map.copyOf(settings);
    this.links = links;
    List<NodePorts> free = NodePorts.free(nodes, new Random());
    for (int i = 1; i <= nodes; i++) {
      ports.put("n" + i, free.get(i - 1));
    }
  }

  /** The same with links that nobody cuts. */
  public EmbeddedCluster(Path directory, int nodes, Map<String, String> settings) {
    this(directory, nodes, settings, LinkControl.OPEN);
  }

  /** Starts every node that does not run. */
  public EmbeddedCluster start() {
    ports.keySet().forEach(this::start);
    return this;
  }

  /** Starts a node. */
  public FerrisNode start(String name) {
    return running.computeIfAbsent(
        name,
        n -> {
          try {
            return FerrisNode.start(
                ConfigReader.read(Optional.empty(), Map.of(), flags(n)), links, fatal::add);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private Map<String, String> flags(String name) {
    NodePorts own = ports(name);
    Map<String, String> flags = new HashMap<>(settings);
    flags.put("node.name", name);
    flags.put("data.dir", dataDir(name).toString());
    flags.put("client.listen", "127.0.0.1:" + own.client());
    flags.put("raft.listen", "127.0.0.1:" + own.raft());
    flags.put("http.listen", "127.0.0.1:" + own.http());
    flags.put("cluster.seeds", addresses());
    return flags;
  }

  /** Client addresses of all nodes, separated by commas. */
  public String addresses() {
    return ports.values().stream()
        .map(p -> "127.0.0.1:" + p.client())
        .collect(Collectors.joining(","));
  }

  /** What a client connects to. */
  public String url() {
    return "ferris://" + addresses();
  }

  /** Where a node keeps its data. */
  public Path dataDir(String name) {
    return directory.resolve(name);
  }

  /** HTTP port of a node. */
  public int httpPort(String name) {
    return ports(name).http();
  }

  /**
   * Waits until every running node serves.
   *
   * @throws IllegalStateException if one does not in time, with what it is waiting for
   */
  public EmbeddedCluster awaitReady(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    for (FerrisNode node : running.values()) {
      if (!node.awaitReady(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) {
        throw new IllegalStateException(
            node.self().name() + " is not ready: " + node.view().notReady() + "; fatal: " + fatal);
      }
    }
    return this;
  }

  /** A node that runs. */
  public FerrisNode node(String name) {
    return known(name, running.get(name));
  }

  /** Stops a node as if it had crashed. */
  public void kill(String name) {
    known(name, running.remove(name)).abandon();
  }

  /** Stops a node as an operator would. */
  public void stop(String name) {
    known(name, running.remove(name)).close();
  }

  /** Deletes everything a stopped node had. */
  public void emptyDisk(String name) throws IOException {
    try (Stream<Path> walk = Files.walk(dataDir(name))) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private NodePorts ports(String name) {
    return known(name, ports.get(name));
  }

  private static <T> T known(String name, @Nullable T found) {
    if (found == null) {
      throw new IllegalArgumentException("no such node, or it does not run: " + name);
    }
    return found;
  }

  /** Names of the nodes that run. */
  public List<String> runningNodes() {
    return List.copyOf(running.keySet());
  }

  /** What nodes reported as fatal. */
  public List<Throwable> fatal() {
    return List.copyOf(fatal);
  }

  @Override
  public void close() {
    List<Thread> closing = new ArrayList<>();
    for (FerrisNode node : running.values()) {
      closing.add(Thread.ofPlatform().start(node::abandon));
    }
    for (Thread thread : closing) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    running.clear();
  }
}
