package org.ferrisdb.node.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What a local cluster is.
 *
 * @param dir where everything is kept
 * @param shards shards of the new cluster
 * @param ports of the nodes n1, n2, ...; its size is the number of nodes
 * @param settings further settings of every node (see {@code org.ferrisdb.node.config.ConfigKey}),
 *     or of one: {@code n2:raft.advertise}
 * @param jvmOptions options of the nodes' JVMs, after the default ones
 * @param environment further variables of every node's environment, or of one: {@code
 *     n2:LD_PRELOAD}
 * @param ownerPid the process the nodes die with, or none for nodes that outlive their starter
 */
public record LocalClusterSpec(
    Path dir,
    int shards,
    List<NodePorts> ports,
    Map<String, String> settings,
    List<String> jvmOptions,
    Map<String, String> environment,
    OptionalLong ownerPid) {
  /** Most nodes of a local cluster. */
  public static final int MAX_NODES = 9;

  private static final int MOST_DEFAULT_SHARDS = 4;

  /**
   * Shards of a new cluster on this machine, unless told. All its nodes share the cores, and each
   * shard's log entries cost all of them, so more shards than there are cores to work on them side
   * by side only make smaller entries: with two cores, one shard takes four times the puts of
   * sixteen clients that four shards do (docs/decisions/0018).
   *
   * @param cores of the machine
   */
  public static int defaultShards(int cores) {
    return Math.clamp(cores / 2, 1, MOST_DEFAULT_SHARDS);
  }

  /** {@link #defaultShards(int)} for this machine. */
  public static int defaultShards() {
    return defaultShards(Runtime.getRuntime().availableProcessors());
  }

  /** Validates and copies. */
  public LocalClusterSpec {
    dir = dir.toAbsolutePath().normalize();
    ports = List.copyOf(ports);
    settings = Map.copyOf(settings);
    jvmOptions = List.copyOf(jvmOptions);
    environment = Map.copyOf(environment);
    if (ports.isEmpty() || ports.size() > MAX_NODES) {
      throw new LocalClusterException(
          "a local cluster has 1 to " + MAX_NODES + " nodes, not " + ports.size(),
          "3 survive the loss of one, 5 of two");
    }
    if (shards < 1 || shards > 256) {
      throw new LocalClusterException(
          "a new cluster has 1 to 256 shards, not " + shards,
          "leave it out for as many as this machine has use for");
    }
  }

  /** Nodes that outlive their starter, with default settings. */
  public static LocalClusterSpec of(Path dir, int shards, List<NodePorts> ports) {
    return new LocalClusterSpec(
        dir, shards, ports, Map.of(), List.of(), Map.of(), OptionalLong.empty());
  }

  /** The same with nodes that die with this process. */
  public LocalClusterSpec ownedByThisProcess() {
    return new LocalClusterSpec(
        dir,
        shards,
        ports,
        settings,
        jvmOptions,
        environment,
        OptionalLong.of(ProcessHandle.current().pid()));
  }

  /** The same with further settings. */
  public LocalClusterSpec withSettings(Map<String, String> more) {
    return new LocalClusterSpec(dir, shards, ports, more, jvmOptions, environment, ownerPid);
  }

  /** The same with JVM options for every node, or for one: {@code n1:-Dx=y}. */
  public LocalClusterSpec withJvmOptions(List<String> options) {
    return new LocalClusterSpec(dir, shards, ports, settings, options, environment, ownerPid);
  }

  /** The same with variables of the environment for every node, or for one: {@code n1:NAME}. */
  public LocalClusterSpec withEnvironment(Map<String, String> more) {
    return new LocalClusterSpec(dir, shards, ports, settings, jvmOptions, more, ownerPid);
  }

  /** The settings that concern one node: those of every node, then its own. */
  Map<String, String> settingsOf(String node) {
    return of(node, settings);
  }

  /** The same for the environment. */
  Map<String, String> environmentOf(String node) {
    return of(node, environment);
  }

  private static Map<String, String> of(String node, Map<String, String> all) {
    Map<String, String> own = new TreeMap<>();
    all.forEach((key, value) -> {
      if (key.indexOf(':') < 0) {
        own.put(key, value);
      }
    });
    all.forEach((key, value) -> {
      if (key.startsWith(node + ":")) {
        own.put(key.substring(node.length() + 1), value);
      }
    });
    return own;
  }

  /** Names of the nodes: n1, n2, ... */
  public static String nodeName(int index) {
    return "n" + (index + 1);
  }
}
