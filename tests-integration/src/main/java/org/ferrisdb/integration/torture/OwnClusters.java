package org.ferrisdb.integration.torture;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.ComposeCluster;
import org.ferrisdb.integration.cluster.ProcessCluster;

/** The clusters of {@code ./ferris torture}: processes of this machine, or containers. */
final class OwnClusters implements Torture.Clusters {
  /** For a new cluster to be healthy; some seconds, on a busy machine more. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /**
   * Logs are flushed and purged as soon as can be, and no more kept than it takes a follower to
   * come back from a short absence: what happens once an hour elsewhere happens all the time here.
   */
  private static final Map<String, String> SHORT_LOGS =
      Map.of("raft.log-bytes", "1m", "raft.keep-entries", "200");

  private static final String COMPOSE_FILE = "deploy/docker-compose.yml";
  private static final String USUAL_IMAGE = "ferrisdb:dev";

  private final Path root;
  private final String image;

  /**
   * Those of a repository.
   *
   * @param root where it is
   */
  OwnClusters(Path root) {
    this.root = root;
    this.image = Optional.ofNullable(System.getenv("FERRIS_IMAGE")).orElse(USUAL_IMAGE);
  }

  @Override
  public void check(TortureSettings settings) {
    if (settings.compose()) {
      ComposeCluster.unavailable(image)
          .ifPresent(why -> {
            throw new TortureException("--compose: " + why, "or leave --compose out");
          });
    }
  }

  @Override
  public Cluster start(TortureSettings settings) {
    Cluster cluster =
        settings.compose()
            ? ComposeCluster.start(root.resolve(COMPOSE_FILE), image, settings.shards())
            : ProcessCluster.start(
                ProcessCluster.Options.of(settings.nodes(), settings.shards())
                    .withSettings(SHORT_LOGS));
    try {
      cluster.awaitHealthy(PATIENCE);
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }
}
