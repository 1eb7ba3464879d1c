package org.ferrisdb.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.ferrisdb.integration.cluster.RegisterWorkload;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.testkit.containers.FerrisClusterContainers;
import org.testcontainers.utility.DockerImageName;

/** Three nodes in containers that live as long as one test. */
final class ContainersUnderTest implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration PROBE_PATIENCE = Duration.ofSeconds(2);

  private final FerrisClusterContainers cluster;
  private boolean passed;

  private ContainersUnderTest(FerrisClusterContainers cluster) {
    this.cluster = cluster;
  }

  /** The shards given; healthy on return. */
  static ContainersUnderTest start(int shards) {
    ContainersUnderTest test =
        new ContainersUnderTest(
            new FerrisClusterContainers(DockerImageName.parse(NodeImage.TAG), 3)
                .withSetting("cluster.shards", Integer.toString(shards)));
    try {
      test.cluster.start();
      test.awaitHealthy();
      return test;
    } catch (RuntimeException | Error e) {
      test.close();
      throw e;
    }
  }

  /** The containers. */
  FerrisClusterContainers nodes() {
    return cluster;
  }

  private ClusterPicture picture() {
    return new ClusterProbe(PROBE_PATIENCE).look(cluster.clientAddresses());
  }

  /** Waits until every node is up and every shard has its replicas and a leader. */
  void awaitHealthy() {
    Awaitility.await("a healthy cluster")
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          Health health = Health.of(picture());
          assertThat(health.state())
              .as(health.sentence() + " " + health.remedy())
              .isEqualTo(Health.State.HEALTHY);
        });
  }

  /** The node that leads most shards; waits until there is one. */
  String busiestLeader() {
    return Awaitility.await("a leader")
        .atMost(PATIENCE)
        .until(this::busiest, Optional::isPresent)
        .orElseThrow();
  }

  private Optional<String> busiest() {
    ClusterPicture picture = picture();
    return picture.nodes().stream()
        .map(ClusterPicture.Node::name)
        .filter(n -> leads(picture, n) > 0)
        .max(java.util.Comparator.comparingLong(n -> leads(picture, n)));
  }

  private static long leads(ClusterPicture picture, String node) {
    return picture.shards().stream()
        .filter(s -> s.id() != 0 && s.leader().equals(Optional.of(node)))
        .count();
  }

  /** The identity of the node's data directory. */
  String nodeId(String name) {
    return picture().nodes().stream()
        .filter(n -> n.name().equals(name))
        .findFirst()
        .orElseThrow()
        .id();
  }

  /** Waits for more acknowledged writes of a workload. */
  void awaitWrites(RegisterWorkload load, int more) {
    long target = load.acknowledged() + more;
    await(
        more + " more writes, errors so far " + load.errors(), () -> load.acknowledged() >= target);
  }

  void await(String what, BooleanSupplier condition) {
    Awaitility.await(what).atMost(PATIENCE).until(condition::getAsBoolean);
  }

  /** To be called as the last step of a test: the logs are not shown. */
  void passed() {
    passed = true;
  }

  @Override
  public void close() {
    if (!passed) {
      for (String node : cluster.nodes()) {
        try {
          System.out.println("--- " + node + "\n" + cluster.logs(node));
        } catch (RuntimeException e) {
          System.out.println("--- " + node + ": no logs: " + e);
        }
      }
    }
    cluster.close();
  }
}
