package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.ferrisdb.node.local.NodePorts;
import org.ferrisdb.node.local.NodeProcess;
import org.ferrisdb.node.local.network.NodeNetwork;

/**
 * Node processes on this machine's loopback, with a proxy between every two of them and before
 * every front door. Needs nothing; with root and gcc it can do more ({@link #unsupported} tells).
 *
 * <p>However this process ends, the nodes end with it; mounts are removed by {@link #close} and at
 * an orderly end.
 */
public final class ProcessCluster implements Cluster {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

  /** What needs {@link FaultLibrary}. */
  private static final Set<Fault> PRELOADED =
      EnumSet.of(Fault.SLOW_DISK, Fault.FAILING_FSYNC, Fault.POWER_LOSS, Fault.CLOCK_STEPS);

  private final Path root;
  private final LocalCluster processes;
  private final NodeNetwork proxies;
  private final LocalNetwork network;
  private final ClusterView view;
  private final Map<Fault, String> unsupported;
  private final Map<String, ProcessDisk> disks = new TreeMap<>();
  private final Map<String, FaultLibrary.Control> controls;
  private final Map<String, UnsyncedJournal> journals = new TreeMap<>();
  private final Set<String> paused = ConcurrentHashMap.newKeySet();
  private final Thread hook = new Thread(this::cleanUp, "process-cluster-cleanup");
  private boolean closed;

  /**
   * What to start.
   *
   * @param nodes 3 or 5, say
   * @param shards besides meta
   * @param faults which to prepare for; some cost a little, such as a mount for each node
   * @param settings of every node, or of one: {@code n1:raft.log-bytes}
   */
  public record Options(int nodes, int shards, Set<Fault> faults, Map<String, String> settings) {
    /** Copies. */
    public Options {
      faults = Set.copyOf(faults);
      settings = Map.copyOf(settings);
    }

    /** Prepared for every fault that this machine can do. */
    public static Options of(int nodes, int shards) {
      return new Options(nodes, shards, EnumSet.allOf(Fault.class), Map.of());
    }

    /** The same, prepared for these only. */
    public Options withFaults(Set<Fault> only) {
      return new Options(nodes, shards, only, settings);
    }

    /** The same with further settings. */
    public Options withSettings(Map<String, String> more) {
      return new Options(nodes, shards, faults, more);
    }
  }

  private ProcessCluster(Path root, Options options) {
    this.root = root;
    this.unsupported = lookAround(options.faults());
    List<NodePorts> ports = NodePorts.free(options.nodes(), new SplittableRandom());
    Path directory = root.resolve("cluster");
    this.proxies = NodeNetwork.open(directory, ports);
    this.network = new LocalNetwork(proxies);
    this.controls = controls(options.nodes());
    Map<String, String> settings = new HashMap<>();
    settings.put("disk.reserve", "16m");
    settings.putAll(options.settings());
    settings.putAll(proxies.settings());
    Map<String, String> environment = new HashMap<>();
    controls.forEach(
        (node, c) -> c.environment().forEach((k, v) -> environment.put(node + ":" + k, v)));
    if (!unsupported.containsKey(Fault.POWER_LOSS)) {
      for (String node : controls.keySet()) {
        UnsyncedJournal journal =
            new UnsyncedJournal(
                root.resolve("faults").resolve(node + ".unsynced"),
                directory.resolve(node).resolve("data"));
        journals.put(node, journal);
        journal.environment().forEach((k, v) -> environment.put(node + ":" + k, v));
      }
    }
    this.processes =
        LocalCluster.create(
            LocalClusterSpec.of(directory, options.shards(), ports)
                .ownedByThisProcess()
                .withSettings(settings)
                .withEnvironment(environment)
                .withJvmOptions(
                    Stream.concat(Stream.of("-Xmx256m"), NodeJvm.shortLived().stream()).toList()));
    Map<String, String> addresses = new HashMap<>();
    processes.nodes().forEach(n -> addresses.put(n.name(), "127.0.0.1:" + n.ports().client()));
    this.view = new ClusterView(addresses);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts all nodes in a temporary directory; returns at once. */
  public static ProcessCluster start(Options options) {
    Path root;
    try {
      root = Files.createTempDirectory("ferris-torture-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ProcessCluster cluster = new ProcessCluster(root, options);
    try {
      cluster.prepareDisks();
      int _ = cluster.processes.startAll();
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private static Map<Fault, String> lookAround(Set<Fault> wanted) {
    Map<Fault, String> reasons = new EnumMap<>(Fault.class);
    for (Fault fault : Fault.values()) {
      if (!wanted.contains(fault)) {
        reasons.put(fault, "this cluster was started without it");
      }
    }
    EnumSet<Fault> preloaded = EnumSet.copyOf(PRELOADED);
    preloaded.removeAll(reasons.keySet());
    if (!preloaded.isEmpty()) {
      FaultLibrary.unavailable().ifPresent(why -> preloaded.forEach(f -> reasons.put(f, why)));
    }
    if (!reasons.containsKey(Fault.FULL_DISK)) {
      SmallDisk.unavailable().ifPresent(why -> reasons.put(Fault.FULL_DISK, why));
    }
    return reasons;
  }

  private Map<String, FaultLibrary.Control> controls(int nodes) {
    Map<String, FaultLibrary.Control> made = new TreeMap<>();
    if (PRELOADED.stream().anyMatch(f -> !unsupported.containsKey(f))) {
      FaultLibrary library = FaultLibrary.compile(root.resolve("faults"));
      for (int i = 0; i < nodes; i++) {
        String node = LocalClusterSpec.nodeName(i);
        made.put(node, library.control(root.resolve("faults").resolve(node)));
      }
    }
    return made;
  }

  private void prepareDisks() {
    for (NodeProcess node : processes.nodes()) {
      SmallDisk small =
          unsupported.containsKey(Fault.FULL_DISK)
              ? null
              : SmallDisk.mount(root.resolve(node.name() + ".ext4"), node.dataDir());
      String name = node.name();
      disks.put(name, new ProcessDisk(this, node, small, controls.get(name), journals.get(name)));
    }
  }

  /** Its processes, for what only these can do. */
  public LocalCluster processes() {
    return processes;
  }

  @Override
  public String kind() {
    return "processes";
  }

  @Override
  public List<String> nodes() {
    return processes.nodes().stream().map(NodeProcess::name).toList();
  }

  @Override
  public String url() {
    return "ferris://" + String.join(",", proxies.clientAddresses());
  }

  @Override
  public String url(String node) {
    return "ferris://" + proxies.clientAddresses().get(nodes().indexOf(node));
  }

  @Override
  public List<Long> shards() {
    return view.shards();
  }

  @Override
  public Optional<String> leaderOf(long shard) {
    return view.leaderOf(shard);
  }

  @Override
  public Health health() {
    return view.health();
  }

  @Override
  public void awaitHealthy(Duration patience) {
    view.awaitHealthy(patience, () -> NodeLogs.tail(processes));
  }

  @Override
  public void kill(String node) {
    boolean _ = processes.kill(node);
    paused.remove(node);
  }

  @Override
  public void start(String node) {
    if (!processes.node(node).isRunning()) {
      ownDisk(node).beforeStart();
    }
    boolean _ = processes.start(node);
  }

  @Override
  public void stop(String node) {
    boolean _ = processes.node(node).stop(STOP_PATIENCE);
    paused.remove(node);
  }

  @Override
  public void pause(String node) {
    processes.pause(node);
    paused.add(node);
  }

  @Override
  public void resume(String node) {
    processes.resume(node);
    paused.remove(node);
  }

  @Override
  public Set<String> down() {
    Set<String> down = new TreeSet<>(paused);
    processes.nodes().stream()
        .filter(n -> !n.isRunning())
        .map(NodeProcess::name)
        .forEach(down::add);
    return down;
  }

  @Override
  public boolean transferLeadership(long shard, String to) {
    return view.transferLeadership(shard, to);
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  public Disk disk(String node) {
    return ownDisk(node);
  }

  private ProcessDisk ownDisk(String node) {
    ProcessDisk disk = disks.get(node);
    if (disk == null) {
      throw new IllegalArgumentException("no node " + node + ", there are " + nodes());
    }
    return disk;
  }

  @Override
  public WallClock clock(String node) {
    return offset -> {
      require(Fault.CLOCK_STEPS);
      FaultLibrary.Control control = controls.get(node);
      if (control != null) {
        control.offsetNanos(offset.toNanos());
      }
    };
  }

  @Override
  public Optional<String> unsupported(Fault fault) {
    return Optional.ofNullable(unsupported.get(fault));
  }

  /** Refuses what is not there. */
  void require(Fault fault) {
    String why = unsupported.get(fault);
    if (why != null) {
      throw new UnsupportedOperationException(fault + ": " + why);
    }
  }

  @Override
  public Map<Long, Map<String, ReplicaDigest>> replicaDigests() {
    return view.replicaDigests();
  }

  @Override
  public void collectLogs(Path directory) throws IOException {
    NodeLogs.copy(processes, directory);
  }

  /** Writes the logs, and what the threads of all nodes do just now, to a directory. */
  public void collectEvidence(Path directory) throws IOException {
    collectLogs(directory);
    NodeLogs.threads(processes, directory);
  }

  private synchronized void cleanUp() {
    if (closed) {
      return;
    }
    closed = true;
    int _ = processes.killAll();
    proxies.close();
    disks.values().forEach(ProcessDisk::close);
    controls.values().forEach(FaultLibrary.Control::close);
    LocalCluster.deleteTree(root);
  }

  @Override
  public void close() {
    cleanUp();
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs, and finds everything done.
    }
  }
}
