package org.ferrisdb.node.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.jspecify.annotations.Nullable;

/**
 * Node processes on loopback that form one cluster, and every way to break them. See the package's
 * description for the files.
 *
 * <p>All state is in the directory, so instances are cheap and may come and go. Closing one stops
 * no node: {@link #stopAll} and {@link #killAll} do. Thread-safe as far as different nodes are
 * concerned.
 */
public final class LocalCluster {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);
  private static final Duration PROBE_PATIENCE = Duration.ofMillis(1_500);
  private static final Duration POLL = Duration.ofMillis(100);

  private final LocalClusterSpec spec;
  private final List<NodeProcess> nodes = new ArrayList<>();

  private LocalCluster(LocalClusterSpec spec) {
    this.spec = spec;
    for (int i = 0; i < spec.ports().size(); i++) {
      String name = LocalClusterSpec.nodeName(i);
      nodes.add(new NodeProcess(name, spec.ports().get(i), spec.dir().resolve(name)));
    }
  }

  /**
   * Creates a cluster in a directory that has none; starts nothing.
   *
   * @throws LocalClusterException if there is one already
   */
  public static LocalCluster create(LocalClusterSpec spec) {
    if (SpecFile.read(spec.dir()).isPresent()) {
      throw new LocalClusterException(
          spec.dir() + " holds a cluster already", "open it, or name another directory");
    }
    SpecFile.write(spec);
    return new LocalCluster(spec);
  }

  /** The cluster of a directory, if there is one. */
  public static Optional<LocalCluster> open(Path dir) {
    return SpecFile.read(dir).map(LocalCluster::new);
  }

  /** What it is. */
  public LocalClusterSpec spec() {
    return spec;
  }

  /** Its nodes, n1 first. */
  public List<NodeProcess> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * The node of that name.
   *
   * @throws LocalClusterException if there is none
   */
  public NodeProcess node(String name) {
    return nodes.stream()
        .filter(n -> n.name().equals(name))
        .findAny()
        .orElseThrow(() ->
            new LocalClusterException(
                "there is no node " + name,
                "the nodes are "
                    + nodes.stream().map(NodeProcess::name).collect(Collectors.joining(", "))));
  }

  /** What a client connects to: {@code ferris://127.0.0.1:7001,127.0.0.1:7002,...}. */
  public String url() {
    return "ferris://" + String.join(",", clientAddresses());
  }

  /** host:port of every front door. */
  public List<String> clientAddresses() {
    return nodes.stream().map(n -> "127.0.0.1:" + n.ports().client()).toList();
  }

  /**
   * Starts one node, if it does not run; returns at once.
   *
   * @return whether it was started
   */
  public boolean start(String name) {
    NodeProcess node = node(name);
    if (node.isRunning()) {
      return false;
    }
    node.start(spec, config(node));
    return true;
  }

  /** Starts all nodes that do not run; returns how many were started, at once. */
  public int startAll() {
    return (int) nodes.stream().filter(n -> start(n.name())).count();
  }

  /** Stops one node gracefully and starts it again; a dead one is just started. */
  public void restart(String name) {
    node(name).stop(STOP_PATIENCE);
    start(name);
  }

  /** Ends a node's process with SIGKILL; whether it ran. */
  public boolean kill(String name) {
    return node(name).kill();
  }

  /** Stops a node's process in mid-air (SIGSTOP). */
  public void pause(String name) {
    node(name).pause();
  }

  /** Lets a paused node go on (SIGCONT). */
  public void resume(String name) {
    node(name).resume();
  }

  /**
   * Empties a dead node's disk: started again, it is a new node under the old name.
   *
   * @throws LocalClusterException if it runs
   */
  public void wipe(String name) {
    NodeProcess node = node(name);
    if (node.isRunning()) {
      throw new LocalClusterException("node " + name + " is running", "kill it first");
    }
    deleteTree(node.dataDir());
  }

  /** Stops every node gracefully, all at once; how many ran. */
  public int stopAll() {
    return onAll(n -> n.stop(STOP_PATIENCE));
  }

  /** Ends every node with SIGKILL, all at once; how many ran. */
  public int killAll() {
    return onAll(NodeProcess::kill);
  }

  /** Deletes the whole directory of a cluster without a running node. */
  public void delete() {
    for (NodeProcess n : nodes) {
      if (n.isRunning()) {
        throw new LocalClusterException("node " + n.name() + " is running", "stop it first");
      }
    }
    deleteTree(spec.dir());
  }

  private interface NodeAction {
    boolean on(NodeProcess node);
  }

  private int onAll(NodeAction action) {
    List<Thread> threads = new ArrayList<>();
    int running = 0;
    for (NodeProcess n : nodes) {
      running += n.isRunning() ? 1 : 0;
      threads.add(Thread.ofPlatform().start(() -> action.on(n)));
    }
    boolean interrupted = false;
    for (Thread t : threads) {
      while (t.isAlive()) {
        try {
          t.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return running;
  }

  /** How the nodes see the cluster now. */
  public ClusterPicture picture() {
    return new ClusterProbe(PROBE_PATIENCE).look(clientAddresses());
  }

  /** How it does now. */
  public Health health() {
    return Health.of(picture());
  }

  /**
   * Waits until it is healthy.
   *
   * @return the last verdict, healthy or not
   * @throws LocalClusterException if a node that was started has died
   */
  public Health awaitHealthy(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Health health = health();
      if (health.state() == State.HEALTHY || System.nanoTime() > deadline) {
        return health;
      }
      nodes.forEach(LocalCluster::failIfEnded);
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  /**
   * Waits until one node answers, whatever the others do.
   *
   * @return the last verdict
   */
  public Health awaitAnswer(String name, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      ClusterPicture picture = picture();
      boolean up = picture.nodes().stream().anyMatch(n -> n.name().equals(name) && n.up());
      if (up || System.nanoTime() > deadline) {
        return Health.of(picture);
      }
      failIfEnded(node(name));
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private static void failIfEnded(NodeProcess n) {
    if (!n.isRunning()) {
      throw new LocalClusterException(
          "node " + n.name() + " has ended: " + n.lastWords(),
          "read " + n.consoleLog() + " and " + n.dataDir().resolve("log"));
    }
  }

  /**
   * Keeps other processes from changing this cluster until closed.
   *
   * @throws LocalClusterException if another one does just now
   */
  public static AutoCloseable lock(Path dir) {
    try {
      Files.createDirectories(dir);
      FileChannel channel =
          FileChannel.open(
              dir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw new LocalClusterException(
            "another ferris command is changing the cluster in " + dir, "wait for it");
      }
      return channel;
    } catch (IOException e) {
      throw new LocalClusterException(
          dir + " can not be used: " + e.getMessage(), "name another directory with --dir", e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // this process itself holds it
    }
  }

  private String config(NodeProcess node) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("node.name", node.name());
    settings.put("data.dir", node.dataDir().toString());
    settings.put("client.listen", "127.0.0.1:" + node.ports().client());
    settings.put("raft.listen", "127.0.0.1:" + node.ports().raft());
    settings.put("http.listen", "127.0.0.1:" + node.ports().http());
    settings.put("cluster.seeds", String.join(",", clientAddresses()));
    settings.put("cluster.shards", Integer.toString(spec.shards()));
    settings.put("log.console", "false");
    settings.putAll(spec.settingsOf(node.name()));
    StringBuilder out = new StringBuilder("# Written by ./ferris at each start of this node.\n");
    settings.forEach((k, v) -> out.append(k).append(" = ").append(v).append('\n'));
    return out.toString();
  }

  /** Deletes a directory and all in it; one that is not there is no error. */
  public static void deleteTree(Path dir) {
    try {
      Files.walkFileTree(
          dir,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path d, @Nullable IOException e)
                throws IOException {
              Files.deleteIfExists(d);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Process ids of the nodes that run. */
  public List<Long> pids() {
    return nodes.stream()
        .flatMap(n -> n.handle().map(ProcessHandle::pid).map(Stream::of).orElse(Stream.empty()))
        .toList();
  }
}
