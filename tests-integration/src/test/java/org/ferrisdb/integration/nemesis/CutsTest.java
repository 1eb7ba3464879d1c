package org.ferrisdb.integration.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.ferrisdb.integration.cluster.Network.Direction;
import org.junit.jupiter.api.Test;

/** The shapes of partitions. */
class CutsTest {
  private static final List<String> THREE = List.of("a", "b", "c");
  private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");

  /** Whom a node can talk to both ways, itself among them. */
  private static Set<String> seenBy(String node, List<String> nodes, Set<Direction> cuts) {
    return nodes.stream()
        .filter(other ->
            !cuts.contains(new Direction(node, other))
                && !cuts.contains(new Direction(other, node)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void halvesAreAMinorityAndAMajority() {
    assertThat(seenBy("a", THREE, Cuts.halves(THREE))).containsExactly("a");
    assertThat(seenBy("b", THREE, Cuts.halves(THREE))).containsExactly("b", "c");
    assertThat(seenBy("b", FIVE, Cuts.halves(FIVE))).containsExactly("a", "b");
    assertThat(seenBy("e", FIVE, Cuts.halves(FIVE))).containsExactly("c", "d", "e");
  }

  @Test
  void oneIsAloneAndTheOthersSeeEachOther() {
    assertThat(seenBy("a", FIVE, Cuts.one(FIVE))).containsExactly("a");
    assertThat(seenBy("c", FIVE, Cuts.one(FIVE))).containsExactly("b", "c", "d", "e");
  }

  @Test
  void onARingEverybodySeesAMajorityAndNoTwoTheSame() {
    for (List<String> nodes : List.of(FIVE, List.of("a", "b", "c", "d", "e", "f", "g"))) {
      Set<Direction> cuts = Cuts.ring(nodes);
      Set<Set<String>> majorities = new HashSet<>();
      for (String node : nodes) {
        Set<String> seen = seenBy(node, nodes, cuts);
        assertThat(seen).hasSizeGreaterThan(nodes.size() / 2).hasSizeLessThan(nodes.size());
        majorities.add(seen);
      }
      assertThat(majorities).hasSize(nodes.size());
    }
  }

  @Test
  void aBridgeSeesBothHalvesWhichDoNotSeeEachOther() {
    Set<Direction> cuts = Cuts.bridge(FIVE);
    assertThat(seenBy("a", FIVE, cuts)).containsExactly("a", "b", "c", "d", "e");
    assertThat(seenBy("b", FIVE, cuts)).containsExactly("a", "b", "c");
    assertThat(seenBy("d", FIVE, cuts)).containsExactly("a", "d", "e");
  }

  @Test
  void oneWayIsOneDirectionOnly() {
    assertThat(Cuts.deaf(THREE))
        .containsExactlyInAnyOrder(new Direction("b", "a"), new Direction("c", "a"));
    assertThat(Cuts.mute(THREE))
        .containsExactlyInAnyOrder(new Direction("a", "b"), new Direction("a", "c"));
  }
}
