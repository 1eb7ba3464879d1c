package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.ferrisdb.node.cluster.FormationDecision.Local;
import org.ferrisdb.node.cluster.FormationDecision.Seed;
import org.ferrisdb.node.cluster.FormationDecision.Step;
import org.ferrisdb.node.cluster.FormationDecision.View;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.junit.jupiter.api.Test;

final class FormationDecisionTest {
  private static final UUID CLUSTER = new UUID(1, 1);
  private static final UUID OTHER = new UUID(2, 2);

  private static NodeRecord node(int id, String name) {
    return new NodeRecord(
        new NodeId(String.format("%016x", id)),
        name,
        "h:" + id,
        "h:" + (100 + id),
        "h:" + (200 + id),
        NodeRecord.State.MEMBER);
  }

  private static final NodeRecord N1 = node(1, "n1");
  private static final NodeRecord N2 = node(2, "n2");
  private static final NodeRecord N3 = node(3, "n3");

  private static Local fresh(NodeRecord self) {
    return new Local(self, Optional.empty(), Optional.empty());
  }

  private static List<Seed> seeds(View... views) {
    List<Seed> seeds = new ArrayList<>();
    for (int i = 0; i < views.length; i++) {
      seeds.add(new Seed(new HostPort("h", i + 1), views[i]));
    }
    return seeds;
  }

  private static View up(NodeRecord node) {
    return new View.Fresh(node);
  }

  private static View member(NodeRecord node, UUID cluster, NodeRecord... initial) {
    return new View.Member(node, cluster, List.of(initial));
  }

  private static final View DOWN = new View.Unreachable("refused");

  @Test
  void theFirstSeedDrawsUpThePlanWhenAllInitialNodesAreFresh() {
    Step step = FormationDecision.next(fresh(N1), seeds(up(N1), up(N2), up(N3)), 3);

    assertThat(step).isEqualTo(new Step.DrawUp(List.of(N1, N2, N3)));
  }

  @Test
  void theOthersWaitForTheFirst() {
    for (NodeRecord self : List.of(N2, N3)) {
      assertThat(FormationDecision.next(fresh(self), seeds(up(N1), up(N2), up(N3)), 3))
          .isEqualTo(new Step.Wait("for n1, the first seed, to form the cluster"));
    }
  }

  @Test
  void nobodyFormsAClusterWhileAnInitialNodeIsMissing() {
    assertThat(FormationDecision.next(fresh(N1), seeds(up(N1), DOWN, up(N3)), 3))
        .isEqualTo(new Step.Wait("a new cluster needs all 3 initial nodes; no answer from h:2"));
  }

  @Test
  void seedsBeyondTheInitialOnesAreNotWaitedFor() {
    assertThat(FormationDecision.next(fresh(N1), seeds(up(N1), DOWN), 1))
        .isEqualTo(new Step.DrawUp(List.of(N1)));
    assertThat(FormationDecision.next(fresh(N2), seeds(up(N1), up(N2)), 1))
        .isInstanceOf(Step.Wait.class);
  }

  @Test
  void aMemberThatThePlanNamesTakesItOverFromWhoeverHasIt() {
    // n1 wrote the plan, told n2, and died.
    assertThat(
            FormationDecision.next(
                fresh(N3), seeds(DOWN, member(N2, CLUSTER, N1, N2, N3), up(N3)), 3))
        .isEqualTo(new Step.TakeOver(new HostPort("h", 2), CLUSTER));
  }

  @Test
  void aNodeThatThePlanDoesNotNameJoinsAsANewOne() {
    NodeRecord emptied = node(9, "n2");

    assertThat(
            FormationDecision.next(
                fresh(emptied), seeds(member(N1, CLUSTER, N1, N2, N3), up(emptied), DOWN), 3))
        .isEqualTo(new Step.Join(new HostPort("h", 1), CLUSTER));
  }

  @Test
  void theFirstSeedWithAnEmptiedDiskJoinsInsteadOfFormingASecondCluster() {
    NodeRecord emptied = node(9, "n1");

    assertThat(
            FormationDecision.next(
                fresh(emptied), seeds(up(emptied), member(N2, CLUSTER, N1, N2, N3), DOWN), 3))
        .isEqualTo(new Step.Join(new HostPort("h", 2), CLUSTER));
    assertThat(FormationDecision.next(fresh(emptied), seeds(up(emptied), DOWN, DOWN), 3))
        .as("and while nobody answers it waits")
        .isInstanceOf(Step.Wait.class);
  }

  @Test
  void aSeedThatNamesThisNodeIsPreferredToOneThatJoinedLater() {
    assertThat(
            FormationDecision.next(
                fresh(N3), seeds(member(N1, CLUSTER), member(N2, CLUSTER, N1, N2, N3), up(N3)), 3))
        .isEqualTo(new Step.TakeOver(new HostPort("h", 2), CLUSTER));
  }

  @Test
  void seedsOfTwoClustersAreTheOperatorsMistake() {
    assertThat(
            FormationDecision.next(
                fresh(N3), seeds(member(N1, CLUSTER), member(N2, OTHER), up(N3)), 3))
        .isInstanceOf(Step.Refuse.class);
  }

  @Test
  void oneNodeListedTwiceOrTwoNodesOfOneNameAreTheOperatorsMistake() {
    assertThat(FormationDecision.next(fresh(N1), seeds(up(N1), up(N1), up(N3)), 3))
        .isInstanceOf(Step.Refuse.class);
    assertThat(FormationDecision.next(fresh(N1), seeds(up(N1), up(node(2, "n1"))), 2))
        .isInstanceOf(Step.Refuse.class);
  }

  @Test
  void whoHasAPlanOrAClusterRunsWithoutAskingAnybody() {
    ClusterPlan plan = new ClusterPlan(CLUSTER, List.of(N1, N2, N3), 4, List.of());

    assertThat(
            FormationDecision.next(
                new Local(N1, Optional.of(CLUSTER), Optional.of(plan)), seeds(DOWN, DOWN), 2))
        .isEqualTo(new Step.Run());
    assertThat(
            FormationDecision.next(
                new Local(N1, Optional.of(CLUSTER), Optional.empty()), seeds(DOWN), 1))
        .isEqualTo(new Step.Run());
  }
}
