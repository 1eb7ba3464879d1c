package org.ferrisdb.node.cli.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.ferrisdb.node.local.NodePorts;

/**
 * A local cluster in a temporary directory on free ports. However the process ends, the nodes end
 * with it: closed in the normal course, by a shutdown hook at Ctrl-C, and by themselves when this
 * process is killed.
 */
final class TemporaryCluster implements AutoCloseable {
  private final LocalCluster cluster;
  private final Path dir;
  private final boolean keep;
  private final Thread hook;
  private boolean closed;

  private TemporaryCluster(LocalCluster cluster, Path dir, boolean keep) {
    this.cluster = cluster;
    this.dir = dir;
    this.keep = keep;
    this.hook = new Thread(this::cleanUp, "temporary-cluster-cleanup");
  }

  /**
   * Creates one for a minute or so; starts nothing. {@code keep}: leave the directory when closed.
   */
  static TemporaryCluster create(String name, int nodes, int shards, boolean keep)
      throws IOException {
    return create(name, nodes, shards, keep, NodeJvm.shortLived());
  }

  /** The same with options for its JVMs, see {@link LocalClusterSpec#withJvmOptions}. */
  static TemporaryCluster create(
      String name, int nodes, int shards, boolean keep, List<String> jvmOptions)
      throws IOException {
    Path dir = Files.createTempDirectory("ferris-" + name + "-");
    List<NodePorts> ports = NodePorts.free(nodes, new SplittableRandom());
    LocalClusterSpec spec =
        LocalClusterSpec.of(dir.resolve("cluster"), shards, ports)
            .withJvmOptions(jvmOptions)
            .ownedByThisProcess();
    TemporaryCluster temporary = new TemporaryCluster(LocalCluster.create(spec), dir, keep);
    Runtime.getRuntime().addShutdownHook(temporary.hook);
    return temporary;
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
