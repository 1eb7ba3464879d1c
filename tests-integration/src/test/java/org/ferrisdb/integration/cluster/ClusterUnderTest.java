package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.ferrisdb.node.local.NodePorts;

/** A cluster of node processes that lives as long as one test. */
public final class ClusterUnderTest implements AutoCloseable {
  /** Long enough for a machine with other work; a cluster needs a few seconds. */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final LocalCluster cluster;
  private boolean passed;

  private ClusterUnderTest(LocalCluster cluster) {
    this.cluster = cluster;
  }

  /** Three nodes, the shards given, healthy on return. */
  public static ClusterUnderTest start(int shards) {
    return start(shards, Map.of());
  }

  /** The same with settings for every node, or for one: {@code n1:raft.advertise}. */
  public static ClusterUnderTest start(int shards, Map<String, String> settings) {
    return start(shards, NodePorts.free(3, new Random()), settings, temporaryDirectory());
  }

  /** The same on ports and in a directory of the caller's choice. */
  public static ClusterUnderTest start(
      int shards, List<NodePorts> ports, Map<String, String> settings, Path directory) {
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("disk.reserve", "1m");
    LocalClusterSpec spec =
        LocalClusterSpec.of(directory, shards, ports)
            .ownedByThisProcess()
            .withSettings(all)
            .withJvmOptions(
                Stream.concat(Stream.of("-Xmx256m"), NodeJvm.shortLived().stream()).toList());
    ClusterUnderTest test = new ClusterUnderTest(LocalCluster.create(spec));
    test.cluster.startAll();
    test.awaitHealthy();
    return test;
  }

  /** A fresh directory below the system's temporary one. */
  public static Path temporaryDirectory() {
    try {
      return Files.createTempDirectory("ferris-it-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The processes. */
  public LocalCluster processes() {
    return cluster;
  }

  /** A client with the default deadline of 10 s. */
  public Ferris connect() {
    return Ferris.connect(cluster.url());
  }

  /** A client of one's own choice. */
  public Ferris connect(FerrisOptions options) {
    return Ferris.connect(cluster.url(), options);
  }

  /** Waits until every node is up and every shard has its replicas and a leader. */
  public void awaitHealthy() {
    Health health = cluster.awaitHealthy(PATIENCE);
    assertThat(health.state())
        .as(health.sentence() + " " + health.remedy() + logs())
        .isEqualTo(Health.State.HEALTHY);
  }

  /** The node (n1, n2, n3) that leads the shard (0: meta); waits until there is one. */
  public String leaderOf(long shard) {
    return Awaitility.await("a leader of shard " + shard)
        .atMost(PATIENCE)
        .until(() -> leaderNow(shard), Optional::isPresent)
        .orElseThrow();
  }

  private Optional<String> leaderNow(long shard) {
    return cluster.picture().shards().stream()
        .filter(s -> s.id() == shard)
        .findFirst()
        .flatMap(ClusterPicture.Shard::leader);
  }

  /** A node that leads a data shard but not meta, with that shard's id. */
  public LeaderOfData dataLeaderWithoutMeta() {
    return Awaitility.await("a data shard led by another node than meta")
        .atMost(PATIENCE)
        .until(this::findDataLeader, Optional::isPresent)
        .orElseThrow();
  }

  private Optional<LeaderOfData> findDataLeader() {
    Optional<String> meta = leaderNow(0);
    return cluster.picture().shards().stream()
        .filter(s -> meta.isPresent())
        .filter(s -> s.id() != 0 && s.leader().isPresent() && !s.leader().equals(meta))
        .map(s -> new LeaderOfData(s.id(), s.leader().orElseThrow()))
        .findFirst();
  }

  /**
   * A shard and the node that leads it.
   *
   * @param shard its id
   * @param node n1, n2 or n3
   */
  public record LeaderOfData(long shard, String node) {}

  /** A node's status as JSON; empty while it does not answer. */
  public String status(String node) {
    int port = cluster.node(node).ports().http();
    try {
      return HTTP.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/status"))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** Replicas that the node has rebuilt since it started; -1 while it does not answer. */
  public int rebuiltReplicas(String node) {
    Matcher found = Pattern.compile("\"rebuiltReplicas\": (\\d+)").matcher(status(node));
    return found.find() ? Integer.parseInt(found.group(1)) : -1;
  }

  /** Waits for a condition of the test's own. */
  public void await(String what, BooleanSupplier condition) {
    await(what, () -> "it never held", condition);
  }

  /** The same; a failure tells what was found instead, and what each node says of itself. */
  public void await(String what, Supplier<String> found, BooleanSupplier condition) {
    try {
      Awaitility.await(what).atMost(PATIENCE).until(condition::getAsBoolean);
    } catch (ConditionTimeoutException e) {
      String nodes =
          cluster.nodes().stream()
              .map(n -> "\n" + n.name() + " " + status(n.name()).replaceAll("\\s+", " "))
              .collect(Collectors.joining());
      throw new AssertionError(
          what + ": " + found.get() + " in " + PATIENCE.toSeconds() + " s" + nodes, e);
    }
  }

  /** To be called as the last step of a test: the directory is deleted, the logs are not shown. */
  public void passed() {
    passed = true;
  }

  @Override
  public void close() {
    cluster.killAll();
    if (passed) {
      cluster.delete();
    } else {
      System.out.println("the nodes' files are kept in " + cluster.spec().dir() + logs());
    }
  }

  /** The last lines of every node's log. */
  public String logs() {
    return NodeLogs.tail(cluster);
  }
}
