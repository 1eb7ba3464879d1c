package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.node.local.NodePorts;
import org.ferrisdb.node.local.NodeProcess;
import org.ferrisdb.node.local.network.NodeNetwork;
import org.ferrisdb.node.local.network.NodeNetwork.Traffic;
import org.junit.jupiter.api.Test;

/**
 * Nodes that live but do not hear, are not heard, or are stopped in mid-air: no stale read, ever.
 */
class PartitionTest {
  @Test
  void pausedLeaderIsReplacedAndServesNothingStaleWhenItWakes() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 6, 6)) {
      for (int round = 0; round < 3; round++) {
        CrashTest.awaitWrites(cluster, load, 200);
        String victim = cluster.leaderOf(1);
        cluster.processes().pause(victim);
        CrashTest.awaitWrites(cluster, load, 200);
        cluster.processes().resume(victim);
        CrashTest.awaitWrites(cluster, load, 200);
      }
      cluster.awaitHealthy();
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void leaderThatHearsNothingOfRaftDoesNotServeStaleReads() {
    cutLeaderOff((network, leader, other) -> network.cutOneWay(Traffic.RAFT, other, leader));
  }

  @Test
  void leaderThatIsNotHeardInRaftDoesNotServeStaleReads() {
    cutLeaderOff((network, leader, other) -> network.cutOneWay(Traffic.RAFT, leader, other));
  }

  @Test
  void leaderCutOffFromItsPeersDoesNotServeStaleReads() {
    cutLeaderOff((network, leader, other) -> network.cut(leader));
  }

  private interface Cut {
    void between(NodeNetwork network, String leader, String other);
  }

  /**
   * Clients still reach the leader at its front door and keep asking it. Where only Raft is cut it
   * goes on drawing timestamps, so nothing but its lease keeps it from answering reads.
   */
  private static void cutLeaderOff(Cut cut) {
    List<NodePorts> ports = NodePorts.free(3, new Random());
    Path directory = ClusterUnderTest.temporaryDirectory();
    try (NodeNetwork network = NodeNetwork.open(directory, ports);
        ClusterUnderTest cluster = ClusterUnderTest.start(2, ports, network.settings(), directory);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 6, 6)) {
      CrashTest.awaitWrites(cluster, load, 300);
      String leader = cluster.leaderOf(1);
      for (NodeProcess other : cluster.processes().nodes()) {
        if (!other.name().equals(leader)) {
          cut.between(network, leader, other.name());
        }
      }
      cluster.await("another leader than " + leader, () -> !cluster.leaderOf(1).equals(leader));
      CrashTest.awaitWrites(cluster, load, 400);
      network.heal();
      CrashTest.awaitWrites(cluster, load, 200);
      cluster.awaitHealthy();
      load.stopAndCheck();
      cluster.passed();
    }
  }

  /**
   * Raft sees nothing wrong with it: both leaders hear the third node. But the shard's leader does
   * not reach the oracle any more, unless through that node.
   */
  @Test
  void shardIsServedWhoseLeaderDoesNotHearTheLeaderOfMeta() {
    List<NodePorts> ports = NodePorts.free(3, new Random());
    Path directory = ClusterUnderTest.temporaryDirectory();
    try (NodeNetwork network = NodeNetwork.open(directory, ports);
        ClusterUnderTest cluster = ClusterUnderTest.start(2, ports, network.settings(), directory);
        Ferris ferris =
            cluster.connect(FerrisOptions.defaults().withDeadline(Duration.ofSeconds(4)))) {
      String meta = cluster.leaderOf(0);
      ClusterUnderTest.LeaderOfData data = cluster.dataLeaderWithoutMeta();
      for (Traffic traffic : Traffic.values()) {
        network.cutOneWay(traffic, data.node(), meta);
        network.cutOneWay(traffic, meta, data.node());
      }
      for (int i = 0; i < 256; i++) { // of both shards
        Bytes key = Bytes.ofBytes((byte) i, (byte) 1);
        ferris.put(key, utf8("v" + i));
        assertThat(ferris.get(key).orElseThrow().value()).isEqualTo(utf8("v" + i));
      }
      assertThat(cluster.leaderOf(data.shard())).as("it still leads").isEqualTo(data.node());
      network.heal();
      cluster.awaitHealthy();
      cluster.passed();
    }
  }

  @Test
  void oneDeadAddressCostsAClientNothing() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2)) {
      int nobody = NodePorts.free(1, new Random()).getFirst().client();
      String url =
          "ferris://127.0.0.1:"
              + nobody
              + ","
              + String.join(",", cluster.processes().clientAddresses());
      try (Ferris ferris = Ferris.connect(url)) {
        ferris.put(utf8("k"), utf8("v"));
        assertThat(ferris.get(utf8("k")).orElseThrow().value()).isEqualTo(utf8("v"));
      }
      cluster.passed();
    }
  }

  @Test
  void everyCallEndsByItsDeadlineWhenTheQuorumIsGone() {
    Duration deadline = Duration.ofMillis(1_500);
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect(FerrisOptions.defaults().withDeadline(deadline))) {
      ferris.put(utf8("k"), utf8("v"));
      cluster.processes().pause("n1");
      cluster.processes().pause("n2");
      for (int i = 0; i < 3; i++) {
        long began = System.nanoTime();
        try {
          ferris.put(utf8("k" + i), utf8("v"));
        } catch (FerrisException e) {
          assertThat(e.hint()).isNotEmpty();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began))
            .isLessThan(deadline.multipliedBy(3));
      }
      cluster.processes().resume("n1");
      cluster.processes().resume("n2");
      cluster.awaitHealthy();
      assertThat(ferris.get(utf8("k")).orElseThrow().value()).isEqualTo(utf8("v"));
      cluster.passed();
    }
  }
}
