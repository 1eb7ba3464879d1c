package org.ferrisdb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.ferrisdb.client.Bytes.utf8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.DiskFullException;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.node.embedded.EmbeddedCluster;
import org.ferrisdb.raft.LinkControl;
import org.ferrisdb.shard.map.NodeRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ClusterTest {
  private static final Duration READY = Duration.ofSeconds(40);

  @TempDir Path directory;

  private EmbeddedCluster cluster(int nodes, int shards) {
    return new EmbeddedCluster(
            directory,
            nodes,
            Map.of("cluster.shards", Integer.toString(shards), "disk.reserve", "1m"),
            LinkControl.OPEN)
        .start();
  }

  private static Map<Bytes, Bytes> write(Ferris ferris, String prefix, int count) {
    Map<Bytes, Bytes> written = new HashMap<>();
    for (int i = 0; i < count; i++) {
      // The first byte decides the shard: spread over all of them.
      Bytes key = Bytes.ofBytes((byte) (i * 37)).concat(utf8(prefix + i));
      Bytes value = utf8("value " + prefix + i);
      ferris.put(key, value);
      written.put(key, value);
    }
    return written;
  }

  private static void assertHolds(Ferris ferris, Map<Bytes, Bytes> expected) {
    expected.forEach((key, value) ->
        assertThat(ferris.get(key).map(e -> e.value())).as("%s", key).contains(value));
  }

  @Test
  void aNodeAloneIsAClusterAndKeepsItsDataOverRestarts() throws Exception {
    try (EmbeddedCluster cluster = cluster(1, 2)) {
      cluster.awaitReady(READY);
      Map<Bytes, Bytes> written;
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        written = write(ferris, "a", 50);
        assertHolds(ferris, written);
      }

      cluster.stop("n1");
      cluster.start().awaitReady(READY);

      try (Ferris ferris = Ferris.connect(cluster.url())) {
        assertHolds(ferris, written);
        written.putAll(write(ferris, "b", 20));
      }

      cluster.kill("n1");
      cluster.start().awaitReady(READY);

      try (Ferris ferris = Ferris.connect(cluster.url())) {
        assertHolds(ferris, written);
      }
      assertThat(cluster.fatal()).isEmpty();
    }
  }

  @Test
  void threeNodesServeWithAnyOneOfThemDead() throws Exception {
    try (EmbeddedCluster cluster = cluster(3, 4)) {
      cluster.awaitReady(READY);
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        Map<Bytes, Bytes> written = write(ferris, "a", 100);
        for (String name : new String[] {"n1", "n2", "n3"}) {
          cluster.kill(name);
          assertHolds(ferris, written);
          written.putAll(write(ferris, name, 30));
          cluster.start(name);
          cluster.awaitReady(READY);
        }
        assertHolds(ferris, written);
      }
      assertThat(cluster.fatal()).isEmpty();
    }
  }

  @Test
  void aNodeWithAnEmptiedDiskComesBackAsANewOneAndTakesTheReplicasOver() throws Exception {
    try (EmbeddedCluster cluster = cluster(3, 2)) {
      cluster.awaitReady(READY);
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        Map<Bytes, Bytes> written = write(ferris, "a", 100);
        NodeRecord old = cluster.node("n2").self();
        cluster.kill("n2");
        cluster.emptyDisk("n2");
        written.putAll(write(ferris, "b", 20));

        NodeRecord fresh = cluster.start("n2").self();

        assertThat(fresh.id()).isNotEqualTo(old.id());
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> {
              var map = cluster.node("n1").view().nodeMap().orElseThrow().map();
              assertThat(map.shards()).allMatch(s -> s.replicas().contains(fresh.id()));
              assertThat(map.shards()).noneMatch(s -> s.replicas().contains(old.id()));
              assertThat(map.metaMembers().replicas()).contains(fresh.id());
            });
        cluster.awaitReady(READY);
        // Now the new replica is needed for a majority.
        cluster.kill("n3");
        assertHolds(ferris, written);
        written.putAll(write(ferris, "c", 20));
        assertHolds(ferris, written);
      }
      assertThat(cluster.fatal()).isEmpty();
    }
  }

  @Test
  void nodesThatDieWhileTheyFormAClusterBecomeOneClusterInTheEnd() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (EmbeddedCluster cluster = cluster(3, 2)) {
      for (int round = 0; round < 5; round++) {
        long until = System.nanoTime() + random.nextInt(700) * 1_000_000L;
        String victim = "n" + (1 + random.nextInt(3));
        await()
            .pollInterval(Duration.ofMillis(5))
            .pollDelay(Duration.ZERO)
            .until(() -> System.nanoTime() - until >= 0);
        cluster.kill(victim);
        cluster.start(victim);
      }
      cluster.awaitReady(READY);

      assertThat(
              Stream.of("n1", "n2", "n3")
                  .map(n -> cluster.node(n).view().clusterId().orElseThrow())
                  .distinct())
          .as("seed %d", seed)
          .hasSize(1);
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        assertHolds(ferris, write(ferris, "a", 20));
      }
      assertThat(cluster.fatal()).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void withoutRoomOnTheDiskWritesAreRefusedAndReadsGoOn() throws Exception {
    Map<Bytes, Bytes> written;
    try (EmbeddedCluster cluster = cluster(1, 1)) {
      cluster.awaitReady(READY);
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        written = write(ferris, "a", 5);
      }
      cluster.stop("n1");
    }
    // No disk has that much room.
    Map<String, String> full = Map.of("cluster.shards", "1", "disk.reserve", "4000000g");
    try (EmbeddedCluster cluster =
        new EmbeddedCluster(directory, 1, full, LinkControl.OPEN).start()) {
      cluster.awaitReady(READY);
      await().until(() -> cluster.node("n1").view().disk().isLow());
      try (Ferris ferris = Ferris.connect(cluster.url()).withDeadline(Duration.ofSeconds(3))) {
        assertThatThrownBy(() -> write(ferris, "b", 1))
            .isInstanceOf(DiskFullException.class)
            .hasMessageContaining("disk.reserve");
        assertHolds(ferris, written);
      }
    }
  }

  @Test
  void metricsHealthAndStatusTellAboutTheNode() throws Exception {
    try (EmbeddedCluster cluster = cluster(1, 1);
        HttpClient http = HttpClient.newHttpClient()) {
      cluster.awaitReady(READY);
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        write(ferris, "a", 5);
      }
      String base = "http://127.0.0.1:" + cluster.httpPort("n1");

      assertThat(get(http, base + "/health/live").body()).isEqualTo("live\n");
      assertThat(get(http, base + "/health/ready").body()).isEqualTo("ready\n");
      assertThat(get(http, base + "/nowhere").statusCode()).isEqualTo(404);
      assertThat(get(http, base + "/status").body())
          .contains("\"node\": \"n1\"", "\"ready\": true", "\"shard\": \"s1\"", "raft.lease");
      String metrics = get(http, base + "/metrics").body();
      assertThat(metrics)
          .contains("ferris_requests_seconds_bucket{op=\"write\",outcome=\"ok\"")
          .contains("ferris_raft_leader{shard=\"s1\"} 1.0")
          .contains("ferris_shard_serving{shard=\"s1\"} 1.0");
      assertThat(names(metrics)).containsExactlyElementsOf(MetricNames.GOLDEN);
    }
  }

  private static java.util.List<String> names(String metrics) {
    return metrics
        .lines()
        .filter(l -> l.startsWith("# TYPE ferris_"))
        .map(l -> l.split(" ", -1)[2])
        .sorted()
        .toList();
  }

  private static HttpResponse<String> get(HttpClient http, String uri) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
  }
}
