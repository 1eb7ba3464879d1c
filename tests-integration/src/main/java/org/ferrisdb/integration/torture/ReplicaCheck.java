package org.ferrisdb.integration.torture;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.ferrisdb.integration.cluster.Cluster;

/** Replica agreement: at the same applied index, every replica of a shard has the same content. */
final class ReplicaCheck {
  private ReplicaCheck() {}

  static List<String> problems(Cluster cluster, Duration patience, LongSupplier nanoTime) {
    return List.of();
  }
}
