package org.ferrisdb.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.cluster.ComposeCluster;
import org.ferrisdb.integration.containers.NodeImage.Result;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.local.NodePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code deploy/docker-compose.yml} as people use it, on other ports. */
@ContainerTest
class ComposeTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String project = "ferristest" + UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, String> environment = new HashMap<>();
  private final List<NodePorts> ports = NodePorts.free(3, new Random());
  private boolean passed;

  ComposeTest() {
    environment.put("FERRIS_IMAGE", NodeImage.TAG);
    environment.put("FERRIS_NODE_JAVA_OPTS", ComposeCluster.JVM_OPTIONS);
    for (int i = 0; i < 3; i++) {
      environment.put("FERRIS_PORT_" + (i + 1), Integer.toString(ports.get(i).client()));
      environment.put("FERRIS_HTTP_PORT_" + (i + 1), Integer.toString(ports.get(i).http()));
    }
  }

  private Result compose(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "docker-compose",
                "--file",
                NodeImage.root().resolve("deploy/docker-compose.yml").toString(),
                "--project-name",
                project));
    command.addAll(List.of(arguments));
    return NodeImage.run(environment, command.toArray(String[]::new));
  }

  private List<String> addresses() {
    return ports.stream().map(p -> "127.0.0.1:" + p.client()).toList();
  }

  private ClusterPicture picture() {
    return new ClusterProbe(Duration.ofSeconds(2)).look(addresses());
  }

  private void awaitHealthy() {
    Awaitility.await("a healthy cluster")
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          Health health = Health.of(picture());
          assertThat(health.state()).as(health.sentence()).isEqualTo(Health.State.HEALTHY);
        });
  }

  @Test
  void threeNodesServeThisMachineAlsoWithoutTheirLeader() {
    Result up = compose("up", "--detach");
    assertThat(up.status()).as(up.output()).isZero();
    awaitHealthy();
    try (Ferris ferris = Ferris.connect("ferris://" + String.join(",", addresses()))) {
      ferris.put(utf8("a"), utf8("b"));
      String leader =
          picture().shards().stream()
              .filter(s -> s.id() == 1)
              .findFirst()
              .flatMap(ClusterPicture.Shard::leader)
              .orElseThrow();
      assertThat(compose("kill", leader).status()).isZero();
      assertThat(ferris.get(utf8("a")).orElseThrow().value()).isEqualTo(utf8("b"));
      ferris.put(utf8("a"), utf8("c"));
      assertThat(compose("start", leader).status()).isZero();
      awaitHealthy();
      assertThat(ferris.get(utf8("a")).orElseThrow().value()).isEqualTo(utf8("c"));
    }
    // The image's health check, which starts a JVM of its own.
    Awaitility.await("healthy containers")
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(compose("ps").output().split("\\(healthy\\)", -1)).hasSize(4));
    passed = true;
  }

  @Test
  void theFileIsValidWithAndWithoutTheProfileForMetrics() {
    Result plain = compose("config", "--services");
    assertThat(plain.status()).as(plain.output()).isZero();
    assertThat(plain.output().lines()).contains("n1", "n2", "n3");
    Result observed = compose("--profile", "observe", "config");
    assertThat(observed.status()).as(observed.output()).isZero();
    assertThat(observed.output()).contains("127.0.0.1").contains("grafana").contains("prometheus");
    passed = true;
  }

  @AfterEach
  void removeEverything() {
    if (!passed) {
      System.out.println(compose("logs", "--no-color", "--tail", "60").output());
    }
    compose("down", "--volumes", "--timeout", "20");
  }
}
