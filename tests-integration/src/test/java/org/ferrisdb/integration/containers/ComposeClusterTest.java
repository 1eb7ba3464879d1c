package org.ferrisdb.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.cluster.ComposeCluster;
import org.ferrisdb.integration.cluster.ReplicaAgreement;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.nemesis.Nemeses;
import org.ferrisdb.integration.nemesis.Nemesis;
import org.junit.jupiter.api.Test;

/** Faults of containers: each takes hold, and the cluster is whole again after it. */
@ContainerTest
class ComposeClusterTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Test
  void faultsTakeHoldOfContainersAndTheClusterHeals() {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    History history = new History(System::nanoTime);
    try (ComposeCluster cluster =
        ComposeCluster.start(
            NodeImage.root().resolve("deploy/docker-compose.yml"), NodeImage.TAG, 2)) {
      cluster.awaitHealthy(PATIENCE);
      try (Ferris ferris = Ferris.connect(cluster.url())) {
        for (String kind :
            List.of(
                "partition-one",
                "one-way-in",
                "pause-leader",
                "kill-one",
                "lossy-links",
                "reset-connections",
                "clock-step",
                "failing-fsync",
                "wiped-disk",
                "bit-flip")) {
          ferris.put(utf8("k"), utf8(kind));
          Nemesis nemesis = Nemeses.named(kind).orElseThrow();
          if (nemesis.unsupported(cluster).isPresent()) {
            System.out.println(kind + ": " + nemesis.unsupported(cluster).get());
            continue;
          }
          nemesis.strike(cluster, random, history);
          if (kind.equals("partition-one")) {
            assertThat(cluster.network().cuts()).hasSize(4);
          }
          ferris.put(utf8("k"), utf8(kind + " struck"));
          nemesis.heal(cluster, history);
          cluster.awaitHealthy(PATIENCE);
          assertThat(ferris.get(utf8("k")).map(Entry::value)).contains(utf8(kind + " struck"));
          assertThat(ReplicaAgreement.await(cluster, PATIENCE).violations()).as(kind).isEmpty();
        }
      }
    } finally {
      history.events().forEach(e -> System.out.println(e.f() + " " + e.value()));
    }
  }
}
