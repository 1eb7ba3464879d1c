package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.NodePorts;

/**
 * The containers of {@code deploy/docker-compose.yml}, on ports and under a project of their own:
 * three nodes from the image that people deploy. Needs Docker, its compose, root (for the network
 * namespaces and volumes), and the image.
 *
 * <p>Clients come in through the ports published on 127.0.0.1.
 */
public final class ComposeCluster implements Cluster {
  /** Of nodes that are small, and gone in a few minutes. */
  public static final String JVM_OPTIONS =
      "-Xms64m -Xmx256m -XX:MaxDirectMemorySize=128m " + String.join(" ", NodeJvm.shortLived());

  private static final List<String> NODES = List.of("n1", "n2", "n3");
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

  private final List<String> compose;
  private final Map<String, String> environment = new HashMap<>();
  private final String project;
  private final Path directory;
  private final List<NodePorts> ports = NodePorts.free(NODES.size(), new SplittableRandom());
  private final Map<Fault, String> unsupported;
  private final Map<String, FaultLibrary.Control> controls = new TreeMap<>();
  private final Set<String> paused = ConcurrentHashMap.newKeySet();
  private final ContainerNetwork network;
  private final ClusterView view;
  private final Thread hook = new Thread(this::cleanUp, "compose-cluster-cleanup");
  private boolean closed;

  /**
   * Why there can be none here, one line with the remedy; empty if there can.
   *
   * @param image the nodes'
   */
  public static Optional<String> unavailable(String image) {
    if (!Commands.run("docker", "version").ok()) {
      return Optional.of("no Docker daemon answers: start it (as root: dockerd &)");
    }
    if (composeCommand().isEmpty()) {
      return Optional.of("there is no docker-compose: apt-get install docker-compose");
    }
    if (!Commands.run("docker", "image", "inspect", image).ok()) {
      return Optional.of("there is no image " + image + ": ./ferris image " + image);
    }
    return Optional.empty();
  }

  private static Optional<List<String>> composeCommand() {
    List<List<String>> ways = List.of(List.of("docker-compose"), List.of("docker", "compose"));
    for (List<String> way : ways) {
      List<String> version = new ArrayList<>(way);
      version.add("version");
      if (Commands.run(Map.of(), version).ok()) {
        return Optional.of(way);
      }
    }
    return Optional.empty();
  }

  private ComposeCluster(Path composeFile, String image, int shards) throws IOException {
    this.directory = Files.createTempDirectory("ferris-compose-");
    this.project = directory.getFileName().toString().replaceAll("[^a-z0-9]", "");
    this.unsupported = lookAround();
    environment.put("FERRIS_IMAGE", image);
    environment.put("FERRIS_SHARDS", Integer.toString(shards));
    environment.put("FERRIS_NODE_JAVA_OPTS", JVM_OPTIONS);
    Map<String, String> addresses = new HashMap<>();
    for (int i = 0; i < NODES.size(); i++) {
      NodePorts p = ports.get(i);
      environment.put("FERRIS_PORT_" + (i + 1), Integer.toString(p.client()));
      environment.put("FERRIS_HTTP_PORT_" + (i + 1), Integer.toString(p.http()));
      addresses.put(NODES.get(i), "127.0.0.1:" + p.client());
    }
    List<String> command = new ArrayList<>(composeCommand().orElseThrow());
    command.addAll(List.of("--project-name", project, "--file", composeFile.toString()));
    if (!unsupported.containsKey(Fault.CLOCK_STEPS)) {
      command.addAll(List.of("--file", preload().toString()));
    }
    this.compose = List.copyOf(command);
    this.network = new ContainerNetwork(NODES, new Containers());
    this.view = new ClusterView(addresses);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts it; returns at once.
   *
   * @param composeFile deploy/docker-compose.yml
   * @throws UnsupportedOperationException if there can be none here, see {@link #unavailable}
   */
  public static ComposeCluster start(Path composeFile, String image, int shards) {
    unavailable(image)
        .ifPresent(why -> {
          throw new UnsupportedOperationException(why);
        });
    ComposeCluster cluster;
    try {
      cluster = new ComposeCluster(composeFile, image, shards);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      String _ = cluster.compose("up", "--detach");
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private static Map<Fault, String> lookAround() {
    Map<Fault, String> reasons = new EnumMap<>(Fault.class);
    reasons.put(
        Fault.SLOW_LINKS,
        "containers' links can not be slowed down without the kernel's netem: use node processes");
    reasons.put(
        Fault.REFUSED_LINKS, "a container's port is not closed to others here: use node processes");
    reasons.put(
        Fault.FULL_DISK, "a container's volume is on this machine's own disk: use node processes");
    reasons.put(
        Fault.POWER_LOSS,
        "a container's volume is not watched for what is synced: use node processes");
    FaultLibrary.unavailable()
        .ifPresent(why -> {
          for (Fault f : List.of(Fault.SLOW_DISK, Fault.FAILING_FSYNC, Fault.CLOCK_STEPS)) {
            reasons.put(f, why);
          }
        });
    if (!Commands.isRoot()) {
      String why = "needs root, for the containers' namespaces and volumes: run it as root";
      for (Fault f :
          List.of(
              Fault.CUT_LINKS, Fault.LOSSY_LINKS, Fault.RESET_CONNECTIONS, Fault.DAMAGED_FILES)) {
        reasons.put(f, why);
      }
    }
    return reasons;
  }

  /** A second compose file that preloads the fault library into every node. */
  private Path preload() throws IOException {
    Path faults = directory.resolve("faults");
    FaultLibrary library = FaultLibrary.compile(faults);
    StringBuilder out = new StringBuilder("version: \"3.9\"\nservices:\n");
    for (String node : NODES) {
      Path file = faults.resolve(node);
      controls.put(node, library.control(file));
      out.append("  ").append(node).append(":\n    environment:\n");
      out.append("      LD_PRELOAD: /faults/libfaults.so\n");
      out.append("      FAULTS_CONTROL: /faults/").append(node).append('\n');
      out.append("    volumes: [\"").append(faults).append(":/faults\"]\n");
    }
    // Nodes in the image run as a user without rights.
    String _ = Commands.require("chmod", "-R", "a+rwX", directory.toString());
    return Files.writeString(directory.resolve("faults.yml"), out);
  }

  private String compose(String... arguments) {
    List<String> command = new ArrayList<>(compose);
    command.addAll(List.of(arguments));
    Commands.Result result = Commands.run(environment, command);
    if (!result.ok()) {
      throw new UncheckedIOException(
          new IOException(String.join(" ", command) + ": " + result.output()));
    }
    return result.output();
  }

  private String container(String node) {
    String id =
        Commands.require(
            "docker",
            "ps",
            "--all",
            "--quiet",
            "--no-trunc",
            "--filter",
            "label=com.docker.compose.project=" + project,
            "--filter",
            "label=com.docker.compose.service=" + node);
    if (id.isEmpty()) {
      throw new IllegalStateException("there is no container of " + node);
    }
    return id.lines().findFirst().orElseThrow();
  }

  private String inspect(String node, String template) {
    return Commands.require("docker", "inspect", "--format", template, container(node));
  }

  /** Where the containers are. */
  private final class Containers implements ContainerNetwork.Places {
    @Override
    public long pid(String node) {
      return Long.parseLong(inspect(node, "{{.State.Pid}}"));
    }

    @Override
    public String address(String end) {
      return end.equals(Network.CLIENTS)
          ? inspect(NODES.getFirst(), "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}")
          : inspect(end, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
    }
  }

  @Override
  public String kind() {
    return "compose";
  }

  @Override
  public List<String> nodes() {
    return NODES;
  }

  @Override
  public String url() {
    return "ferris://"
        + String.join(",", ports.stream().map(p -> "127.0.0.1:" + p.client()).toList());
  }

  @Override
  public String url(String node) {
    return "ferris://127.0.0.1:" + ports.get(NODES.indexOf(node)).client();
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
    view.awaitHealthy(patience, () -> "\n" + compose("logs", "--no-color", "--tail", "40"));
  }

  @Override
  public void kill(String node) {
    if (isRunning(node)) {
      resume(node); // Docker kills no container that it has paused
      String _ = Commands.require("docker", "kill", container(node));
    }
  }

  private boolean isRunning(String node) {
    return inspect(node, "{{.State.Running}}").equals("true");
  }

  @Override
  public void start(String node) {
    if (!isRunning(node)) {
      String _ = Commands.require("docker", "start", container(node));
      network.reapplyAll();
    }
  }

  @Override
  public void stop(String node) {
    resume(node);
    String _ =
        Commands.require(
            "docker", "stop", "--time", Long.toString(STOP_PATIENCE.toSeconds()), container(node));
  }

  @Override
  public void pause(String node) {
    if (isRunning(node) && paused.add(node)) {
      String _ = Commands.require("docker", "pause", container(node));
    }
  }

  @Override
  public void resume(String node) {
    if (paused.remove(node)) {
      String _ = Commands.require("docker", "unpause", container(node));
    }
  }

  @Override
  public Set<String> down() {
    Set<String> down = new TreeSet<>(paused);
    NODES.stream().filter(n -> !isRunning(n)).forEach(down::add);
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
    return new VolumeDisk(node);
  }

  @Override
  public WallClock clock(String node) {
    return offset -> control(node, Fault.CLOCK_STEPS).offsetNanos(offset.toNanos());
  }

  private FaultLibrary.Control control(String node, Fault fault) {
    FaultLibrary.Control control = controls.get(node);
    if (control == null) {
      throw new UnsupportedOperationException(unsupported(fault).orElse("no node " + node));
    }
    return control;
  }

  @Override
  public Optional<String> unsupported(Fault fault) {
    return Optional.ofNullable(unsupported.get(fault));
  }

  @Override
  public Map<Long, Map<String, ReplicaDigest>> replicaDigests() {
    return view.replicaDigests();
  }

  @Override
  public void collectLogs(Path to) throws IOException {
    for (String node : NODES) {
      Files.createDirectories(to.resolve(node));
      Files.writeString(
          to.resolve(node).resolve("console.log"),
          Commands.run("docker", "logs", container(node)).output());
    }
  }

  private synchronized void cleanUp() {
    if (closed) {
      return;
    }
    closed = true;
    List.copyOf(paused).forEach(this::resume);
    List<String> down = new ArrayList<>(compose);
    down.addAll(List.of("down", "--volumes", "--timeout", "5"));
    Commands.Result _ = Commands.run(environment, down);
    controls.values().forEach(FaultLibrary.Control::close);
    LocalCluster.deleteTree(directory);
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

  /** A node's volume. */
  private final class VolumeDisk implements Disk {
    private final String node;

    VolumeDisk(String node) {
      this.node = node;
    }

    private String volume() {
      return project + "_" + node;
    }

    private void mustNotRun() {
      if (isRunning(node)) {
        throw new IllegalStateException("node " + node + " is running: kill it first");
      }
    }

    /** The volume goes, and the container with it; another one is made of each. */
    @Override
    public void wipe() {
      mustNotRun();
      String _ = Commands.require("docker", "rm", container(node));
      String _ = Commands.require("docker", "volume", "rm", volume());
      String _ = compose("up", "--no-start", "--no-deps", node);
    }

    @Override
    public void fill() {
      throw new UnsupportedOperationException(unsupported(Fault.FULL_DISK).orElse(""));
    }

    @Override
    public void free() {
      // never full
    }

    @Override
    public void slow(Duration delay) {
      control(node, Fault.SLOW_DISK).delayMicros(delay.toNanos() / 1000);
    }

    @Override
    public void failSyncs() {
      control(node, Fault.FAILING_FSYNC).fail(true);
    }

    @Override
    public long faultySyncs() {
      FaultLibrary.Control control = controls.get(node);
      return control == null ? 0 : control.count();
    }

    @Override
    public boolean isImpaired() {
      FaultLibrary.Control control = controls.get(node);
      return control != null && control.isFaulty();
    }

    @Override
    public void heal() {
      FaultLibrary.Control control = controls.get(node);
      if (control != null) {
        control.fail(false);
        control.delayMicros(0);
      }
    }

    @Override
    public Map<String, Long> loseUnsynced(java.util.Random random) {
      throw new UnsupportedOperationException(unsupported(Fault.POWER_LOSS).orElse(""));
    }

    @Override
    public List<String> damage(Damage damage, List<FileKind> kinds, java.util.Random random) {
      mustNotRun();
      String place =
          Commands.require("docker", "volume", "inspect", "--format", "{{.Mountpoint}}", volume());
      return FileDamage.damage(Path.of(place), damage, kinds, random);
    }
  }
}
