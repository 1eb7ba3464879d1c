package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.junit.jupiter.api.Test;

/**
 * Replicas whose files are lost or damaged while their node is down: the node rebuilds them from
 * their peers by itself, under load, and they are as good as the others afterwards.
 */
class RepairTest {
  @Test
  void lostAndDamagedRaftLogsAreRebuiltInPlace() throws Exception {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(3);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 6, 8)) {
      CrashTest.awaitWrites(cluster, load, 300);
      String victim = cluster.dataLeaderWithoutMeta().node();
      cluster.processes().kill(victim);
      CrashTest.awaitWrites(cluster, load, 100);
      deleteTree(log(cluster, victim, 0));
      deleteTree(log(cluster, victim, 1));
      flip(log(cluster, victim, 2).resolve("current"), name -> name.startsWith("log_"), 1);
      // An empty vote is what a full disk may leave of it; nor is its copy there any more.
      Path fourth = log(cluster, victim, 3).resolve("current");
      Files.write(fourth.resolve("raft-meta"), new byte[0]);
      Files.delete(fourth.resolve("vote"));
      cluster.processes().start(victim);
      cluster.await(
          "four rebuilt replicas on " + victim, () -> cluster.rebuiltReplicas(victim) == 4);
      awaitNoRepairs(cluster);
      cluster.awaitHealthy();
      mustServe(cluster, load, victim);
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void aDamagedStateIsReplacedByACheckpointOfAPeer() throws Exception {
    try (ClusterUnderTest cluster =
            ClusterUnderTest.start(2, Map.of("raft.log-bytes", "1m", "raft.keep-entries", "100"));
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 4, 8)) {
      byte[] filler = new byte[20_000];
      for (int i = 0; i < 600; i++) {
        ferris.put(utf8("filler/" + i), Bytes.ofBytes(filler));
      }
      String victim = cluster.dataLeaderWithoutMeta().node();
      cluster.processes().kill(victim);
      // The manifest is read when the engine is opened; a state that is gone leaves a gap behind
      // the log, which has been purged; meta is in both.
      Path state = cluster.processes().node(victim).dataDir().resolve("state");
      flip(
          state.resolve("s1"),
          name -> name.toLowerCase(java.util.Locale.ROOT).contains("manifest"),
          1);
      deleteTree(state.resolve("s2"));
      Files.write(state.resolve("meta").resolve("CURRENT"), new byte[] {1, 2, 3});
      cluster.processes().start(victim);
      cluster.await("rebuilt replicas on " + victim, () -> cluster.rebuiltReplicas(victim) >= 2);
      awaitNoRepairs(cluster);
      cluster.awaitHealthy();
      mustServe(cluster, load, victim);
      int found = 0;
      for (Entry entry : ferris.scanPrefix(utf8("filler/"))) {
        assertThat(entry.value().length()).isEqualTo(filler.length);
        found++;
      }
      assertThat(found).isEqualTo(600);
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void aRepairSurvivesTheDeathOfWhoeverTakesPartInIt() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 4, 8)) {
      CrashTest.awaitWrites(cluster, load, 200);
      String victim = "n" + (1 + random.nextInt(3));
      cluster.processes().kill(victim);
      for (int shard = 0; shard <= 2; shard++) {
        deleteTree(log(cluster, victim, shard));
      }
      cluster.processes().start(victim);
      for (int round = 0; round < 6; round++) {
        long until = System.nanoTime() + (1_000 + random.nextInt(4_000)) * 1_000_000L;
        cluster.await("the next kill", () -> System.nanoTime() - until >= 0);
        String killed = random.nextBoolean() ? victim : "n" + (1 + random.nextInt(3));
        cluster.processes().kill(killed);
        cluster.processes().start(killed);
      }
      awaitNoRepairs(cluster);
      cluster.awaitHealthy();
      CrashTest.awaitWrites(cluster, load, 100);
      mustServe(cluster, load, victim);
      load.stopAndCheck();
      cluster.passed();
    }
  }

  /** With either of the other nodes dead, the rebuilt replicas are needed for every majority. */
  private static void mustServe(ClusterUnderTest cluster, RegisterWorkload load, String rebuilt) {
    List<String> others = Stream.of("n1", "n2", "n3").filter(n -> !n.equals(rebuilt)).toList();
    cluster.processes().kill(others.getFirst());
    CrashTest.awaitWrites(cluster, load, 150);
    cluster.processes().start(others.getFirst());
    cluster.awaitHealthy();
    cluster.processes().kill(others.getLast());
    CrashTest.awaitWrites(cluster, load, 150);
  }

  private static void awaitNoRepairs(ClusterUnderTest cluster) {
    cluster.await(
        "no repair under way",
        () ->
            Stream.of("n1", "n2", "n3")
                .allMatch(n -> cluster.status(n).contains("\"repairs\": []")));
  }

  /** A group's id ends with its shard's number. */
  private static Path log(ClusterUnderTest cluster, String node, int shard) throws IOException {
    Path logs = cluster.processes().node(node).dataDir().resolve("raft").resolve("logs");
    try (Stream<Path> groups = Files.list(logs)) {
      return groups
          .filter(g -> g.getFileName().toString().endsWith("%012x".formatted(shard)))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Flips a bit in the middle of what was written of every file of such a name. */
  private static void flip(Path directory, Predicate<String> names, int least) throws IOException {
    int flipped = 0;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
          end--;
        }
        if (names.test(file.getFileName().toString()) && end > 0) {
          bytes[end / 2] ^= 4;
          Files.write(file, bytes);
          flipped++;
        }
      }
    }
    assertThat(flipped).isGreaterThanOrEqualTo(least);
  }
}
