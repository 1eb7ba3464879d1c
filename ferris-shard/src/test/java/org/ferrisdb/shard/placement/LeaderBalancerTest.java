package org.ferrisdb.shard.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.placement.LeaderBalancer.GroupLeader;
import org.ferrisdb.shard.placement.LeaderBalancer.Transfer;
import org.junit.jupiter.api.Test;

final class LeaderBalancerTest {
  /** Lines of {@code group leader members}, members as digits; the plan as lines. */
  private static String plan(String leaders, String eligible, String resting, int max) {
    Set<ShardId> rest =
        resting.isEmpty()
            ? Set.of()
            : Arrays.stream(resting.split(" "))
                .map(r -> new ShardId(Long.parseLong(r)))
                .collect(Collectors.toSet());
    return LeaderBalancer.plan(groups(leaders), nodes(eligible), rest, max).stream()
        .map(t -> t.group() + " " + digit(t.from()) + "->" + digit(t.to()))
        .collect(Collectors.joining("\n"));
  }

  private static List<GroupLeader> groups(String text) {
    return text.lines()
        .map(String::trim)
        .map(line -> line.split(" +"))
        .map(w ->
            new GroupLeader(
                new ShardId(Long.parseLong(w[0])),
                node(w[1].charAt(0)),
                w[2].chars().mapToObj(LeaderBalancerTest::node).toList()))
        .toList();
  }

  private static Set<NodeId> nodes(String digits) {
    return digits.chars().mapToObj(LeaderBalancerTest::node).collect(Collectors.toSet());
  }

  private static NodeId node(int digit) {
    return new NodeId("%016x".formatted(digit - '0'));
  }

  private static String digit(NodeId id) {
    return String.valueOf(Integer.parseInt(id.value(), 16));
  }

  @Test
  void a_node_that_may_not_lead_hands_over_even_when_all_lead_alike() {
    assertThat(plan("1 1 123\n2 2 123\n3 3 123\n4 3 123", "12", "", 2))
        .isEqualTo("s3 3->1\ns4 3->2");
    assertThat(plan("1 1 123\n2 2 123\n3 3 123", "12", "3", 2)).as("it rests").isEmpty();
    assertThat(plan("1 3 3", "12", "", 2)).as("nobody else").isEmpty();
  }

  @Test
  void leaderships_are_spread_from_the_node_that_leads_everything() {
    assertThat(
            plan(
                """
                0 1 123
                1 1 123
                2 1 123
                3 1 123
                4 1 123
                """,
                "123",
                "",
                10))
        .isEqualTo(
            """
            meta 1->2
            s1 1->3
            s2 1->2\
            """);
  }

  @Test
  void even_but_for_one_is_left_alone() {
    assertThat(plan("1 1 123\n2 1 123\n3 2 123\n4 3 123", "123", "", 10)).isEmpty();
    assertThat(plan("1 1 123", "123", "", 10)).isEmpty();
    assertThat(plan("1 1 12\n2 1 12\n3 2 12", "12", "", 10)).isEmpty();
  }

  @Test
  void nodes_that_are_down_get_nothing_and_groups_at_rest_stay() {
    assertThat(plan("1 1 123\n2 1 123\n3 1 123", "12", "", 10)).isEqualTo("s1 1->2");
    assertThat(plan("1 1 123\n2 1 123\n3 1 123", "123", "1 2 3", 10)).isEmpty();
    assertThat(plan("1 1 123\n2 1 123\n3 1 123", "123", "1", 10)).isEqualTo("s2 1->2\ns3 1->3");
  }

  @Test
  void a_plan_is_as_long_as_allowed() {
    assertThat(plan("1 1 123\n2 1 123\n3 1 123\n4 1 123", "123", "", 1)).isEqualTo("s1 1->2");
  }

  @Test
  void where_no_group_connects_two_nodes_others_pass_one_on() {
    // 1 leads three and 3 none, but they share no group: 2 hands one to 3 and takes one from 1.
    assertThat(plan("1 1 12\n2 1 12\n3 1 12\n4 2 23\n5 2 23", "123", "", 10))
        .isEqualTo("s4 2->3\ns1 1->2");
  }

  @Test
  void carried_out_in_whole_or_in_part_plans_end_in_balance_and_never_go_round() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int nodeCount = 3 + random.nextInt(5);
      List<NodeId> nodes = new ArrayList<>();
      for (int i = 0; i < nodeCount; i++) {
        nodes.add(node('0' + i));
      }
      List<GroupLeader> groups = new ArrayList<>();
      for (int g = 0; g < 1 + random.nextInt(40); g++) {
        List<NodeId> members = new ArrayList<>(nodes);
        java.util.Collections.shuffle(members, random);
        members = members.subList(0, 3);
        groups.add(new GroupLeader(new ShardId(g), members.get(0), members));
      }
      int rounds = 0;
      while (true) {
        List<Transfer> plan = LeaderBalancer.plan(groups, new HashSet<>(nodes), Set.of(), 5);
        if (plan.isEmpty()) {
          break;
        }
        assertThat(++rounds).as("seed %d goes round", seed).isLessThan(500);
        long before = squares(groups);
        for (Transfer t : plan) {
          assertThat(groups)
              .anyMatch(g ->
                  g.group().equals(t.group())
                      && g.leader().equals(t.from())
                      && g.members().contains(t.to()));
          groups.replaceAll(g ->
              g.group().equals(t.group()) ? new GroupLeader(g.group(), t.to(), g.members()) : g);
        }
        assertThat(squares(groups)).as("seed %d", seed).isLessThan(before);
      }
      for (GroupLeader g : groups) { // nothing left that one transfer would better
        for (NodeId to : g.members()) {
          assertThat(
                  counts(groups).getOrDefault(g.leader(), 0) - counts(groups).getOrDefault(to, 0))
              .as("seed %d", seed)
              .isLessThan(2);
        }
      }
    }
  }

  private static Map<NodeId, Integer> counts(List<GroupLeader> groups) {
    Map<NodeId, Integer> counts = new HashMap<>();
    groups.forEach(g -> counts.merge(g.leader(), 1, Integer::sum));
    return counts;
  }

  private static long squares(List<GroupLeader> groups) {
    return counts(groups).values().stream().mapToLong(c -> (long) c * c).sum();
  }
}
