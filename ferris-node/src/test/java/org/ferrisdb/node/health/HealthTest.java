package org.ferrisdb.node.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ferrisdb.node.health.NodeAnswer.Member;
import org.ferrisdb.node.health.NodeAnswer.ShardEntry;
import org.junit.jupiter.api.Test;

/** The sentence in every situation, word for word. */
class HealthTest {
  private static final List<String> NAMES = List.of("n1", "n2", "n3");

  @Test
  void everythingUpIsHealthy() {
    assertThat(sentence(Set.of(), Map.of(0L, "n1", 1L, "n1", 2L, "n2")))
        .isEqualTo(
            "HEALTHY: All 3 nodes are up, each of 2 shards has a leader and 3 of 3 replicas.");
  }

  @Test
  void oneNodeDownIsDegradedAndSaysHowFarFromTheEdge() {
    assertThat(sentence(Set.of("n1"), Map.of(0L, "n2", 1L, "n2", 2L, "n3")))
        .isEqualTo(
            "DEGRADED: Every shard is served, but all of them have 2 of 3 replicas and one more"
                + " loss would stop them; n1 is down. [Start n1 again (one of ./ferris up: ./ferris"
                + " restart n1).]");
  }

  @Test
  void withoutALeaderItIsRecovering() {
    assertThat(sentence(Set.of("n1"), Map.of(0L, "n2", 2L, "n3")))
        .startsWith(
            "RECOVERING: Shard s1 has a quorum but no leader at the moment; n1 is down. [Elections");
  }

  @Test
  void withoutAQuorumShardsAndRemedyAreNamed() {
    assertThat(sentence(Set.of("n1", "n3"), Map.of()))
        .isEqualTo(
            "UNAVAILABLE: Shards meta, s1 and s2 have no quorum (1 of 3 replicas up, needs 2):"
                + " reads and writes of them wait; n1 and n3 are down."
                + " [Bring back one of n1 and n3: start what has stopped (one of ./ferris up:"
                + " ./ferris restart n1).]");
  }

  @Test
  void whereReplicasAreBrokenNobodyIsToldToStartNodes() {
    List<ClusterPicture.Node> nodes =
        NAMES.stream().map(n -> new ClusterPicture.Node("id-" + n, n, n + ":1", "", "")).toList();
    List<ClusterPicture.Replica> replicas =
        List.of(
            new ClusterPicture.Replica("n1", "does not open"),
            new ClusterPicture.Replica("n2", ""),
            new ClusterPicture.Replica("n3", "checksum mismatch"));
    Health health =
        Health.of(
            new ClusterPicture(
                "c",
                1,
                nodes,
                List.of(new ClusterPicture.Shard(1, 1, "", "", replicas, Optional.empty()))));
    assertThat(health.sentence())
        .isEqualTo(
            "Shard s1 has no quorum (1 of 3 replicas up, needs 2): reads and writes of it wait; n1:"
                + " does not open.");
    assertThat(health.remedy())
        .isEqualTo(
            "Their nodes are up, so starting nodes does not help; if it stays so, read data/log/ of n1"
                + " and n3.");
  }

  @Test
  void aNodeThatIsDownMayStillHelpABrokenReplica() {
    List<NodeAnswer> answers =
        answers(Set.of("n1"), Map.of(0L, "n2", 1L, "n2"), Map.of(2L, "checksum mismatch"));
    assertThat(words(answers))
        .isEqualTo(
            "UNAVAILABLE: Shard s2 has no quorum (1 of 3 replicas up, needs 2): reads and writes of"
                + " it wait; n1 is down. [Bring back n1: start what has stopped (one of ./ferris up:"
                + " ./ferris restart n1).]");
  }

  @Test
  void aShardWithoutKnownReplicasIsUnavailableAndNoFailureOfThisProgram() {
    ClusterPicture picture =
        new ClusterPicture(
            "c",
            1,
            List.of(new ClusterPicture.Node("id1", "n1", "h:1", "", "")),
            List.of(new ClusterPicture.Shard(1, 1, "", "", List.of(), Optional.empty())));
    assertThat(Health.of(picture).state()).isEqualTo(Health.State.UNAVAILABLE);
    assertThat(Health.of(picture).remedy()).startsWith("Wait some seconds");
  }

  @Test
  void nobodyAnsweringIsUnreachableWithTheReasons() {
    assertThat(sentence(Set.of("n1", "n2", "n3"), Map.of()))
        .isEqualTo(
            "UNREACHABLE: No node answers: h:1 (connection refused), h:2 (connection refused), h:3"
                + " (connection refused). [Start a local cluster with ./ferris up, or name another"
                + " with --url.]");
  }

  @Test
  void aNodeThatAnswersWithoutClusterIsNotFormed() {
    List<NodeAnswer> answers =
        List.of(
            new NodeAnswer("h:1", "", "id1", "n1", "", 0, List.of(), List.of(), Map.of(), Map.of()),
            NodeAnswer.none("h:2", "connection refused"));
    assertThat(words(answers))
        .isEqualTo(
            "NOT_FORMED: No cluster yet: h:2 is down, and the first cluster needs all of its"
                + " initial nodes. [Start h:2.]");
  }

  @Test
  void aReplicaThatServesNothingIsNamedWithItsReason() {
    List<NodeAnswer> answers =
        answers(Set.of(), Map.of(0L, "n1", 1L, "n1", 2L, "n2"), Map.of(2L, "checksum mismatch"));
    assertThat(words(answers))
        .isEqualTo(
            "DEGRADED: Every shard is served, but shard s2 has 2 of 3 replicas and one more loss"
                + " would stop it; n3: checksum mismatch. [It is rebuilt by itself; if not, read"
                + " data/log/ of n3.]");
  }

  @Test
  void ofTwoThatBelieveToLeadTheOneOfTheNewerTermCounts() {
    List<NodeAnswer> answers = new ArrayList<>(answers(Set.of(), Map.of(1L, "n1"), Map.of()));
    NodeAnswer n2 = answers.remove(1);
    answers.add(
        new NodeAnswer(
            n2.address(),
            "",
            n2.nodeId(),
            "n2",
            "c",
            5,
            n2.members(),
            n2.shards(),
            Map.of(1L, 4L),
            Map.of()));
    assertThat(PictureBuilder.build(answers).shards().get(1).leader()).contains("n2");
  }

  /** Who takes the next node down because all is well would make the shard wait. */
  @Test
  void aReplicaThatHasToFetchACheckpointDoesNotCount() {
    List<NodeAnswer> answers =
        new ArrayList<>(answers(Set.of(), Map.of(0L, "n1", 1L, "n1", 2L, "n2"), Map.of()));
    answers.set(1, behind(answers.get(1), Map.of(2L, 3L), Map.of(2L, Set.of("id3"))));
    assertThat(words(answers))
        .isEqualTo(
            "DEGRADED: Every shard is served, but shard s2 has 2 of 3 replicas and one more loss"
                + " would stop it; n3: far behind, it has to fetch a checkpoint. [It is rebuilt by"
                + " itself; if not, read data/log/ of n3.]");
  }

  /** A leader that was cut off has not heard of the others for long. */
  @Test
  void whoIsFarBehindIsForTheLeaderOfTheNewestTermToSay() {
    List<NodeAnswer> answers =
        new ArrayList<>(answers(Set.of(), Map.of(0L, "n1", 1L, "n1", 2L, "n1"), Map.of()));
    NodeAnswer n2 = answers.get(1);
    answers.set(1, behind(n2, Map.of(2L, 2L), Map.of(2L, Set.of("id1", "id3"))));
    assertThat(words(answers)).startsWith("HEALTHY");
    answers.set(1, behind(n2, Map.of(2L, 4L), Map.of(2L, Set.of("id1", "id3"))));
    assertThat(words(answers)).startsWith("UNAVAILABLE");
  }

  private static NodeAnswer behind(
      NodeAnswer a, Map<Long, Long> leads, Map<Long, Set<String>> behind) {
    return new NodeAnswer(
        a.address(),
        a.problem(),
        a.nodeId(),
        a.nodeName(),
        a.clusterId(),
        a.mapVersion(),
        a.members(),
        a.shards(),
        leads,
        a.failures(),
        behind,
        a.replicas(),
        a.status());
  }

  @Test
  void theNewestDescriptorOfAShardCounts() {
    List<NodeAnswer> answers = new ArrayList<>(answers(Set.of(), Map.of(0L, "n1"), Map.of()));
    answers.add(
        new NodeAnswer(
            "h:9",
            "",
            "id9",
            "n9",
            "c",
            1,
            List.of(),
            List.of(new ShardEntry(1, 7, "a", "b", List.of("id2"))),
            Map.of(),
            Map.of()));
    assertThat(PictureBuilder.build(answers).shards().get(1).epoch()).isEqualTo(7);
    assertThat(PictureBuilder.build(answers).shards().get(1).replicas()).hasSize(1);
  }

  private static String sentence(Set<String> down, Map<Long, String> leaders) {
    return words(answers(down, leaders, Map.of()));
  }

  private static String words(List<NodeAnswer> answers) {
    Health h = Health.of(PictureBuilder.build(answers));
    return h.state() + ": " + h.sentence() + (h.remedy().isEmpty() ? "" : " [" + h.remedy() + "]");
  }

  /**
   * Three nodes, meta and two shards with a replica on each; failures are those of n3's replicas.
   */
  private static List<NodeAnswer> answers(
      Set<String> down, Map<Long, String> leaders, Map<Long, String> failuresOfN3) {
    List<Member> members = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      members.add(new Member("id" + i, "n" + i, "h:" + i, "h:20" + i, false));
    }
    members.add(new Member("id0", "n3", "h:3", "h:203", true));
    List<String> ids = List.of("id1", "id2", "id3");
    List<ShardEntry> shards =
        List.of(
            new ShardEntry(0, 1, "", "", ids),
            new ShardEntry(1, 1, "", "m", ids),
            new ShardEntry(2, 1, "m", "", ids));
    List<NodeAnswer> answers = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      String name = NAMES.get(i - 1);
      answers.add(
          down.contains(name)
              ? NodeAnswer.none("h:" + i, "connection refused")
              : new NodeAnswer(
                  "h:" + i,
                  "",
                  "id" + i,
                  name,
                  "c",
                  5,
                  members,
                  shards,
                  leadsOf(name, leaders),
                  i == 3 ? failuresOfN3 : Map.of()));
    }
    return answers;
  }

  private static Map<Long, Long> leadsOf(String name, Map<Long, String> leaders) {
    Map<Long, Long> leads = new HashMap<>();
    leaders.forEach((shard, leader) -> {
      if (leader.equals(name)) {
        leads.put(shard, 3L);
      }
    });
    return leads;
  }
}
