package org.ferrisdb.node.cli.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.ferrisdb.node.local.NodePorts;
import org.ferrisdb.node.local.network.NodeNetwork;
import org.jspecify.annotations.Nullable;

/**
 * A local cluster in a temporary directory on free ports. However the process ends, the nodes end
 * with it: closed in the normal course, by a shutdown hook at Ctrl-C, and by themselves when this
 * process is killed.
 */
final class TemporaryCluster implements AutoCloseable {
  private final LocalCluster cluster;
  private final @Nullable NodeNetwork network;
  private final Path dir;
  private final boolean keep;
  private final Thread hook;
  private boolean closed;

  private TemporaryCluster(
      LocalCluster cluster, @Nullable NodeNetwork network, Path dir, boolean keep) {
    this.cluster = cluster;
    this.network = network;
    this.dir = dir;
    this.keep = keep;
    this.hook = new Thread(this::cleanUp, "temporary-cluster-cleanup");
  }

  /**
   * Creates one for a minute or so; starts nothing. {@code keep}: leave the directory when closed.
   */
  static TemporaryCluster create(String name, int nodes, int shards, boolean keep)
      throws IOException {
    return create(name, nodes, shards, keep, false, NodeJvm.shortLived());
  }

  /** The same with a network between the nodes that can be cut. */
  static TemporaryCluster createWithNetwork(String name, int nodes, int shards, boolean keep)
      throws IOException {
    return create(name, nodes, shards, keep, true, NodeJvm.shortLived());
  }

  /** The same with JVMs as of any node, and the options; see {@link TrainCommand}. */
  static TemporaryCluster createForTraining(
      String name, int nodes, int shards, List<String> jvmOptions) throws IOException {
    return create(name, nodes, shards, false, false, jvmOptions);
  }

  private static TemporaryCluster create(
      String name,
      int nodes,
      int shards,
      boolean keep,
      boolean withNetwork,
      List<String> jvmOptions)
      throws IOException {
    Path dir = Files.createTempDirectory("ferris-" + name + "-");
    Path clusterDir = dir.resolve("cluster");
    List<NodePorts> ports = NodePorts.free(nodes, new SplittableRandom());
    NodeNetwork network = withNetwork ? NodeNetwork.open(clusterDir, ports) : null;
    LocalClusterSpec spec =
        LocalClusterSpec.of(clusterDir, shards, ports)
            .withJvmOptions(jvmOptions)
            .withSettings(network == null ? Map.of() : network.settings())
            .ownedByThisProcess();
    TemporaryCluster temporary =
        new TemporaryCluster(LocalCluster.create(spec), network, dir, keep);
    Runtime.getRuntime().addShutdownHook(temporary.hook);
    return temporary;
  }

  /** What is between the nodes; only where it was asked for. */
  NodeNetwork network() {
    return Objects.requireNonNull(network, "created without a network");
  }

  LocalCluster cluster() {
    return cluster;
  }

  Path dir() {
    return dir;
  }

  private synchronized void cleanUp() {
    if (!closed) {
      closed = true;
      cluster.killAll();
      if (network != null) {
        network.close();
      }
      if (!keep) {
        LocalCluster.deleteTree(dir);
      }
    }
  }

  @Override
  public void close() {
    cleanUp();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs, and finds everything done.
    }
  }
}
