package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.util.HashMap;
import java.util.Map;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.junit.jupiter.api.Test;

/** Processes die; nothing acknowledged is lost, service resumes by itself. */
class CrashTest {
  @Test
  void leaderOfShardIsKilledUnderLoad() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(4);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 6, 8)) {
      awaitWrites(cluster, load, 300);
      String victim = cluster.dataLeaderWithoutMeta().node();
      cluster.processes().kill(victim);
      awaitWrites(cluster, load, 300);
      cluster.processes().start(victim);
      cluster.awaitHealthy();
      awaitWrites(cluster, load, 100);
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void leaderOfMetaIsKilledUnderLoad() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 6, 8)) {
      for (int round = 0; round < 2; round++) {
        awaitWrites(cluster, load, 200);
        String victim = cluster.leaderOf(0);
        cluster.processes().kill(victim);
        awaitWrites(cluster, load, 200);
        cluster.processes().start(victim);
        cluster.awaitHealthy();
      }
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void allNodesAreKilledAtOnceAndRestarted() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(4)) {
      Map<String, String> acknowledged = new HashMap<>();
      try (Ferris ferris = cluster.connect()) {
        for (int i = 0; i < 2_000; i++) {
          String key = "key-" + i * 31 % 997 + "-" + i;
          ferris.put(utf8(key), utf8("value " + i));
          acknowledged.put(key, "value " + i);
        }
      }
      assertThat(cluster.processes().killAll()).isEqualTo(3);
      cluster.processes().startAll();
      cluster.awaitHealthy();
      try (Ferris ferris = cluster.connect()) {
        Map<String, String> found = new HashMap<>();
        for (Entry entry : ferris.scanPrefix(utf8("key-"))) {
          found.put(entry.key().toUtf8(), entry.value().toUtf8());
        }
        assertThat(found).isEqualTo(acknowledged);
      }
      cluster.passed();
    }
  }

  @Test
  void nodeRestartedWithAnEmptyDiskIsANewNodeThatTakesTheReplicasOver() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 4, 8)) {
      awaitWrites(cluster, load, 200);
      String victim = cluster.dataLeaderWithoutMeta().node();
      String oldId = nodeId(cluster, victim);
      cluster.processes().kill(victim);
      cluster.processes().wipe(victim);
      cluster.processes().start(victim);
      cluster.await(
          "replicas on the new node",
          () ->
              cluster.processes().health().state()
                  == org.ferrisdb.node.health.Health.State.HEALTHY);
      assertThat(nodeId(cluster, victim)).isNotEqualTo(oldId);
      awaitWrites(cluster, load, 100);
      // The new replicas are worth something: without one of the old ones there is still a
      // majority.
      String other = victim.equals("n1") ? "n2" : "n1";
      cluster.processes().kill(other);
      awaitWrites(cluster, load, 200);
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void followerFarBehindCatchesUpByCheckpoint() {
    try (ClusterUnderTest cluster =
            ClusterUnderTest.start(1, Map.of("raft.log-bytes", "1m", "raft.keep-entries", "100"));
        Ferris ferris = cluster.connect()) {
      String leader = cluster.leaderOf(1);
      String follower = leader.equals("n3") ? "n2" : "n3";
      cluster.processes().kill(follower);
      byte[] filler = new byte[20_000];
      for (int i = 0; i < 1_500; i++) {
        ferris.put(utf8("far/" + i), org.ferrisdb.client.Bytes.ofBytes(filler));
      }
      cluster.processes().start(follower);
      cluster.awaitHealthy();
      cluster.await("a checkpoint on " + follower, () -> cluster.logs().contains("checkpoint"));
      String third =
          java.util.List.of("n1", "n2", "n3").stream()
              .filter(n -> !n.equals(follower) && !n.equals(leader))
              .findFirst()
              .orElseThrow();
      cluster.processes().kill(third);
      int found = 0;
      for (Entry entry : ferris.scanPrefix(utf8("far/"))) {
        assertThat(entry.value().length()).isEqualTo(filler.length);
        found++;
      }
      assertThat(found).isEqualTo(1_500);
      cluster.passed();
    }
  }

  private static String nodeId(ClusterUnderTest cluster, String name) {
    return cluster.processes().picture().nodes().stream()
        .filter(n -> n.name().equals(name))
        .findFirst()
        .orElseThrow()
        .id();
  }

  static void awaitWrites(ClusterUnderTest cluster, RegisterWorkload load, int more) {
    long before = load.acknowledged();
    cluster.await(
        more + " more writes",
        () -> load.acknowledged() - before + " came, errors " + load.errors(),
        () -> load.acknowledged() - before >= more);
  }
}
