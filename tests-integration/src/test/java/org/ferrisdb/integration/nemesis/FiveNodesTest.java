package org.ferrisdb.integration.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.integration.cluster.Fault;
import org.ferrisdb.integration.cluster.ProcessCluster;
import org.ferrisdb.integration.cluster.ReplicaAgreement;
import org.ferrisdb.integration.history.History;
import org.junit.jupiter.api.Test;

/** Partitions that take five nodes to show. */
class FiveNodesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @Test
  void aRingAndABridgeLeaveEverybodyAMajorityAndTheClusterServes() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    History history = new History(System::nanoTime);
    try (ProcessCluster cluster =
        ProcessCluster.start(
            ProcessCluster.Options.of(5, 1).withFaults(EnumSet.of(Fault.CUT_LINKS)))) {
      cluster.awaitHealthy(PATIENCE); // before that, a client finds no cluster to connect to
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        for (String kind : List.of("partition-ring", "partition-bridge")) {
          strikeAndHeal(kind, cluster, ferris, random, history);
        }
      }
    }
  }

  private static void strikeAndHeal(
      String kind, ProcessCluster cluster, Ferris ferris, Random random, History history) {
    Nemesis nemesis = Nemeses.named(kind).orElseThrow();
    nemesis.strike(cluster, random, history);
    assertThat(cluster.network().cuts()).hasSize(kind.equals("partition-ring") ? 10 : 8);
    Awaitility.await(kind + ": a write").atMost(PATIENCE).until(() -> canWrite(ferris, kind));
    nemesis.heal(cluster, history);
    cluster.awaitHealthy(PATIENCE);
    assertThat(canWrite(ferris, kind)).isTrue();
    assertThat(ReplicaAgreement.await(cluster, PATIENCE).violations()).isEmpty();
  }

  private static boolean canWrite(Ferris ferris, String value) {
    try {
      ferris.put(utf8("k"), utf8(value));
      return true;
    } catch (FerrisException e) {
      return false;
    }
  }

  @Test
  void whatCanNotBeHadSaysWhy() {
    try (ProcessCluster cluster =
        ProcessCluster.start(
            ProcessCluster.Options.of(3, 1).withFaults(EnumSet.noneOf(Fault.class)))) {
      assertThat(Nemeses.named("partition-ring").orElseThrow().unsupported(cluster))
          .contains("needs 5 nodes, and there are 3: start the cluster with as many");
      for (Nemesis nemesis : Nemeses.all()) {
        boolean needsNothing =
            nemesis instanceof Processes.Kill
                || nemesis instanceof Processes.Pause
                || nemesis instanceof Processes.Restart
                || nemesis instanceof Processes.RollingRestart
                || nemesis instanceof Processes.LeadershipTransfer
                || nemesis instanceof Mix;
        assertThat(nemesis.unsupported(cluster).isEmpty())
            .as(nemesis.name())
            .isEqualTo(needsNothing);
      }
    }
  }
}
