package org.ferrisdb.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.cluster.RegisterWorkload;
import org.junit.jupiter.api.Test;

/** Containers are cut off, killed, emptied and restarted; nothing acknowledged is lost. */
@ContainerTest
class ContainerFaultsTest {
  /** What a JVM ends with that was told to stop by SIGTERM and did. */
  private static final int TERMINATED = 143;

  @Test
  void leaderIsCutOffTheNetworkAndComesBack() {
    try (ContainersUnderTest cluster = ContainersUnderTest.start(4);
        Ferris ferris = cluster.nodes().connect()) {
      Map<Bytes, Bytes> written = new HashMap<>();
      write(ferris, written, "before", 200);
      String leader = cluster.busiestLeader();
      try (RegisterWorkload load = new RegisterWorkload(ferris, 4, 8)) {
        cluster.awaitWrites(load, 100);
        cluster.nodes().cut(leader);
        cluster.awaitWrites(load, 300);
        write(ferris, written, "meanwhile", 200);
        cluster.nodes().heal(leader);
        cluster.awaitHealthy();
        cluster.awaitWrites(load, 100);
        load.stopAndCheck();
      }
      write(ferris, written, "after", 50);
      assertHolds(ferris, written);
      try (Ferris another = cluster.nodes().connect()) {
        assertHolds(another, written);
      }
      cluster.passed();
    }
  }

  @Test
  void eachNodeInTurnIsKilledAndRestartedUnderLoad() {
    try (ContainersUnderTest cluster = ContainersUnderTest.start(4);
        Ferris ferris = cluster.nodes().connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 4, 8)) {
      for (String node : cluster.nodes().nodes()) {
        cluster.awaitWrites(load, 100);
        cluster.nodes().kill(node);
        cluster.awaitWrites(load, 200);
        cluster.nodes().restart(node);
        cluster.awaitHealthy();
      }
      cluster.awaitWrites(load, 100);
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void rollingRestartIsNotNoticedByClients() {
    try (ContainersUnderTest cluster = ContainersUnderTest.start(4);
        Ferris ferris = cluster.nodes().connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 4, 8)) {
      for (String node : cluster.nodes().nodes()) {
        cluster.awaitWrites(load, 100);
        assertThat(cluster.nodes().shutDown(node)).isEqualTo(TERMINATED);
        assertThat(cluster.nodes().logs(node)).contains("msg=\"stopped\"");
        cluster.awaitWrites(load, 100);
        cluster.nodes().restart(node);
        cluster.awaitHealthy();
      }
      load.stopAndCheck();
      System.out.println(
          "rolling restart: the longest call took " + load.longestCallMillis() + " ms");
      assertThat(load.errors()).as("errors that clients saw").isEqualTo("{}");
      cluster.passed();
    }
  }

  @Test
  void nodeWhoseVolumeIsGoneIsRebuiltFromTheOthers() {
    try (ContainersUnderTest cluster = ContainersUnderTest.start(2);
        Ferris ferris = cluster.nodes().connect()) {
      Map<Bytes, Bytes> written = new HashMap<>();
      write(ferris, written, "first", 300);
      String victim = cluster.busiestLeader();
      String oldId = cluster.nodeId(victim);
      cluster.nodes().destroy(victim);
      write(ferris, written, "without", 100);
      cluster.nodes().startAnew(victim);
      cluster.awaitHealthy();
      assertThat(cluster.nodeId(victim)).isNotEqualTo(oldId);
      // The new replicas are worth something: without one of the old ones there still is a
      // majority.
      cluster.nodes().kill(victim.equals("n1") ? "n2" : "n1");
      write(ferris, written, "with", 100);
      assertHolds(ferris, written);
      cluster.passed();
    }
  }

  @Test
  void wholeClusterIsKilledAndStartedInAnotherOrder() {
    try (ContainersUnderTest cluster = ContainersUnderTest.start(2);
        Ferris ferris = cluster.nodes().connect()) {
      Map<Bytes, Bytes> written = new HashMap<>();
      write(ferris, written, "all", 200);
      cluster.nodes().nodes().forEach(cluster.nodes()::kill);
      // Addresses inside are given in the order of the start: every node now has another's.
      cluster.nodes().nodes().reversed().forEach(cluster.nodes()::restart);
      cluster.awaitHealthy();
      assertHolds(ferris, written);
      cluster.passed();
    }
  }

  private static void write(Ferris ferris, Map<Bytes, Bytes> written, String prefix, int count) {
    for (int i = 0; i < count; i++) {
      // The first byte decides the shard: spread over all of them.
      Bytes key = Bytes.ofBytes((byte) (i * 37)).concat(Bytes.utf8(prefix + i));
      Bytes value = Bytes.utf8("value " + prefix + i);
      ferris.put(key, value);
      written.put(key, value);
    }
  }

  private static void assertHolds(Ferris ferris, Map<Bytes, Bytes> expected) {
    Map<Bytes, Bytes> found = new HashMap<>();
    ferris.getAll(expected.keySet()).forEach((key, entry) -> found.put(key, value(entry)));
    assertThat(found).isEqualTo(expected);
  }

  private static Bytes value(Entry entry) {
    return entry.value();
  }
}
