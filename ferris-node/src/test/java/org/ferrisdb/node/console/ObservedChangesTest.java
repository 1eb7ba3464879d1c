package org.ferrisdb.node.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.node.console.Observation.GroupSeen;
import org.ferrisdb.node.console.Observation.NodeSeen;
import org.ferrisdb.node.console.Observation.RepairSeen;
import org.ferrisdb.node.console.Observation.ShardSeen;
import org.junit.jupiter.api.Test;

/** What n2 tells, word for word. */
class ObservedChangesTest {
  private static final Map<String, NodeSeen> NODES =
      Map.of(
          "id1", new NodeSeen("n1", false),
          "id2", new NodeSeen("n2", false),
          "id3", new NodeSeen("n3", false));

  private final Observation calm =
      seen(1_000, 5, NODES, Set.of("id1", "id3"), led("n1", 6), on("n1, n2, n3", 1), none(), false);

  @Test
  void nothingNewIsNoEvent() {
    assertThat(ObservedChanges.between(calm, calm)).isEmpty();
  }

  @Test
  void aLeaderIsKilledAndComesBack() {
    Observation leaderless =
        seen(
            1_500,
            5,
            NODES,
            Set.of("id1", "id3"),
            groups(new GroupSeen("", "n1", 6, 1_500, false)),
            calm.shards(),
            none(),
            false);
    Observation takenOver =
        seen(2_500, 5, NODES, Set.of("id1", "id3"), led("n2", 7), calm.shards(), none(), false);
    Observation down =
        seen(4_000, 5, NODES, Set.of("id3"), led("n2", 7), calm.shards(), none(), false);

    assertThat(texts(calm, leaderless)).isEmpty();
    assertThat(texts(leaderless, takenOver))
        .containsExactly("WARN n2 took over shard s3 from n1, term 7");
    assertThat(texts(takenOver, down))
        .containsExactly("BAD n1 is down: it does not answer any more");
    assertThat(texts(down, takenOver)).containsExactly("GOOD n1 is up");
  }

  @Test
  void aLeaderMayFollowItselfAndTheFirstFollowsNobody() {
    assertThat(texts(calm, with(led("n1", 8))))
        .containsExactly("WARN n1 was elected leader of shard s3 again, term 8");
    assertThat(texts(with(new TreeMap<>()), calm))
        .containsExactly("INFO n1 leads shard s3, term 6");
  }

  @Test
  void aShardWithoutLeaderIsToldOnceAndNotBeforeThreeSeconds() {
    GroupSeen lost = new GroupSeen("", "n1", 6, 10_000, false);
    Observation early = at(12_900, groups(lost));
    Observation late = at(13_100, groups(lost));
    Observation later = at(13_600, groups(lost));

    assertThat(texts(at(10_000, groups(lost)), early)).isEmpty();
    assertThat(texts(early, late))
        .containsExactly("BAD shard s3 has had no leader for 3 s: its reads and writes wait");
    assertThat(texts(late, later)).isEmpty();
  }

  @Test
  void aNodeComesBackWithAnEmptyDisk() {
    Map<String, NodeSeen> replaced =
        Map.of(
            "id1", new NodeSeen("n1", true),
            "id2", new NodeSeen("n2", false),
            "id3", new NodeSeen("n3", false),
            "id4", new NodeSeen("n1", false));
    Observation after =
        seen(
            2_000,
            6,
            replaced,
            Set.of("id1", "id3"),
            calm.groups(),
            on("n2, n3, n4", 2),
            none(),
            false);
    assertThat(texts(calm, after))
        .containsExactlyInAnyOrder(
            "WARN n1 came back with an empty disk: a new node takes its replicas over",
            "GOOD n1 joined the cluster",
            "INFO the replicas of shard s3 are on n2, n3, n4 now, no longer on n1, n2, n3"
                + " (epoch 2)");
  }

  @Test
  void aLostReplicaIsRebuilt() {
    Observation repairing =
        seen(
            2_000,
            6,
            NODES,
            Set.of("id1", "id3"),
            calm.groups(),
            calm.shards(),
            new TreeMap<>(Map.of("s3", new RepairSeen(17, "n3"))),
            false);
    assertThat(texts(calm, repairing))
        .containsExactly(
            "WARN the replica of shard s3 on n3 is lost; it is being rebuilt from its peers");
    assertThat(texts(repairing, calm))
        .containsExactly("GOOD the replica of shard s3 on n3 is whole again");
  }

  @Test
  void aReplicaHereFailsAndWorksAgain() {
    Observation failed = with(groups(new GroupSeen("n1", "n1", 6, 0, true)));
    assertThat(texts(calm, failed))
        .containsExactly("BAD n2's replica of shard s3 failed; it is opened again");
    assertThat(texts(failed, calm)).containsExactly("GOOD n2's replica of shard s3 works again");
  }

  @Test
  void theDiskFillsAndIsCleared() {
    Observation full =
        seen(2_000, 5, NODES, calm.answering(), calm.groups(), calm.shards(), none(), true);
    assertThat(texts(calm, full))
        .containsExactly(
            "BAD the disk of n2 is nearly full (12 MB free, 64 MB reserved): it refuses writes");
    assertThat(texts(full, calm))
        .containsExactly("GOOD the disk of n2 has room again (12 MB free)");
  }

  @Test
  void aNodeThatHasJustStartedFindsTheOthersAndThatIsNoNews() {
    Observation nothing = Observer.nothing("n2", 500);
    Observation found =
        seen(1_000, 1, NODES, Set.of("id1", "id3"), new TreeMap<>(), calm.shards(), none(), false);
    assertThat(texts(nothing, found)).isEmpty();
  }

  private static java.util.List<String> texts(Observation before, Observation now) {
    return ObservedChanges.between(before, now).stream()
        .map(e -> e.level() + " " + e.text())
        .toList();
  }

  private Observation with(SortedMap<String, GroupSeen> groups) {
    return at(2_000, groups);
  }

  private Observation at(long millis, SortedMap<String, GroupSeen> groups) {
    return seen(millis, 5, NODES, calm.answering(), groups, calm.shards(), none(), false);
  }

  private static SortedMap<String, GroupSeen> groups(GroupSeen s3) {
    return new TreeMap<>(Map.of("s3", s3));
  }

  private static SortedMap<String, GroupSeen> led(String leader, long term) {
    return groups(new GroupSeen(leader, leader, term, 0, false));
  }

  private static SortedMap<String, ShardSeen> on(String replicas, long epoch) {
    return new TreeMap<>(Map.of("s3", new ShardSeen(epoch, replicas)));
  }

  private static SortedMap<String, RepairSeen> none() {
    return new TreeMap<>();
  }

  private static Observation seen(
      long millis,
      long mapVersion,
      Map<String, NodeSeen> nodes,
      Set<String> answering,
      SortedMap<String, GroupSeen> groups,
      SortedMap<String, ShardSeen> shards,
      SortedMap<String, RepairSeen> repairs,
      boolean diskLow) {
    return new Observation(
        millis,
        "n2",
        mapVersion,
        nodes,
        answering,
        NODES.keySet(),
        groups,
        shards,
        repairs,
        diskLow,
        12_000_000,
        64_000_000);
  }
}
