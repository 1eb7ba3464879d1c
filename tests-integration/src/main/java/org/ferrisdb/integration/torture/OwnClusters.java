package org.ferrisdb.integration.torture;

import java.time.Duration;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.ProcessCluster;

/** The clusters of {@code ./ferris torture}: processes of this machine, or containers. */
final class OwnClusters {
  /** For a new cluster to be healthy; some seconds, on a busy machine more. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private OwnClusters() {}

  /**
   * A new one, healthy.
   *
   * @throws AssertionError if it does not get so
   */
  static Cluster start(TortureSettings settings) {
    if (settings.compose()) {
      throw new TortureException(
          "containers can not be tortured yet", "leave --compose out: processes can");
    }
    Cluster cluster =
        ProcessCluster.start(ProcessCluster.Options.of(settings.nodes(), settings.shards()));
    try {
      cluster.awaitHealthy(PATIENCE);
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }
}
