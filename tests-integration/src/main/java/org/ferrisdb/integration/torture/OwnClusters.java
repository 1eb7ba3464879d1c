package org.ferrisdb.integration.torture;

import java.nio.file.Path;
import org.ferrisdb.integration.cluster.Cluster;

/** The clusters of {@code ./ferris torture}: processes of this machine, or containers. */
final class OwnClusters {
  private OwnClusters() {}

  /** A new one, healthy. */
  static Cluster start(Path root, TortureSettings settings) {
    throw new TortureException("no cluster can be started yet", "wait for it");
  }
}
