package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.junit.jupiter.api.Test;

/**
 * The order in which those that are left stand for election; see EarlyElectionTest for the rest.
 */
class LeaderLossTest {
  private static final List<RaftMember> VOTERS =
      Stream.of("a", "b", "c", "d", "e")
          .map(n -> new RaftMember(new NodeId(n.repeat(16)), "127.0.0.1", 1))
          .toList();

  @Test
  void everyone_left_has_a_place_of_its_own_and_the_first_place_moves_with_the_group() {
    NodeId leader = VOTERS.get(1).id();
    Set<NodeId> first = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      GroupId group = new GroupId(new UUID(7, i * 31L));
      Set<Integer> ranks = new HashSet<>();
      for (RaftMember voter : VOTERS) {
        int rank = LeaderLoss.rank(group, VOTERS, leader, voter.id());
        if (voter.id().equals(leader)) {
          continue;
        }
        ranks.add(rank);
        if (rank == 0) {
          first.add(voter.id());
        }
      }
      assertThat(ranks).containsExactlyInAnyOrder(0, 1, 2, 3);
    }
    assertThat(first).hasSize(4);
  }

  @Test
  void who_does_not_vote_does_not_stand() {
    assertThat(
            LeaderLoss.rank(
                new GroupId(new UUID(1, 1)),
                VOTERS,
                VOTERS.getFirst().id(),
                new NodeId("f".repeat(16))))
        .isEqualTo(-1);
  }
}
