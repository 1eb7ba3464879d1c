package org.ferrisdb.shard.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.shard.meta.MetaFixtures.after;
import static org.ferrisdb.shard.meta.MetaFixtures.form;
import static org.ferrisdb.shard.meta.MetaFixtures.id;
import static org.ferrisdb.shard.meta.MetaFixtures.node;
import static org.ferrisdb.shard.meta.MetaFixtures.replicas;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.meta.MetaCommand;
import org.ferrisdb.shard.meta.MetaState;
import org.ferrisdb.shard.placement.ReplacementPlanner.GroupView;
import org.ferrisdb.shard.placement.ReplacementPlanner.Step;
import org.junit.jupiter.api.Test;

final class ReplacementPlannerTest {
  private static final MetaState REPLACED =
      after(MetaState.EMPTY, form(2), new MetaCommand.RegisterNode(node(4, "n3")));

  @Test
  void a_cluster_without_replaced_nodes_needs_nothing_even_if_a_node_is_down() {
    MetaState state = after(MetaState.EMPTY, form(2));
    assertThat(plan(state, 9, Set.of(), view(0, "123", ""), view(1, "123", ""), view(2, "231", "")))
        .isEmpty();
  }

  @Test
  void first_the_new_node_joins_then_it_votes_then_the_map_says_so() {
    assertThat(
            plan(
                REPLACED, 9, Set.of(4), view(2, "231", ""), view(0, "123", ""), view(1, "123", "")))
        .isEqualTo(
            """
            meta: join 4
            s1: join 4
            s2: join 4
            """);
    assertThat(
            plan(
                REPLACED,
                9,
                Set.of(4),
                view(0, "123", "4"),
                view(1, "124", ""),
                view(2, "231", "4")))
        .isEqualTo(
            """
            meta: change 1@r:1 2@r:2 3@r:3 to 1@r:1 2@r:2 4@r:4
            s1: record 1 2 4 if epoch 1
            s2: change 2@r:2 3@r:3 1@r:1 to 2@r:2 4@r:4 1@r:1
            """);
    MetaState recorded =
        after(REPLACED, replicas(0, 1, 1, 2, 4), replicas(1, 1, 1, 2, 4), replicas(2, 1, 2, 4, 1));
    assertThat(
            plan(
                recorded, 9, Set.of(4), view(0, "124", ""), view(1, "124", ""), view(2, "241", "")))
        .isEmpty();
  }

  @Test
  void only_as_many_replicas_are_copied_at_a_time_as_allowed() {
    assertThat(
            plan(
                REPLACED,
                1,
                Set.of(4),
                view(0, "123", "4"),
                view(1, "123", "4"),
                view(2, "231", "")))
        .isEqualTo(
            """
            meta: change 1@r:1 2@r:2 3@r:3 to 1@r:1 2@r:2 4@r:4
            s2: join 4
            """);
  }

  @Test
  void a_successor_that_does_not_answer_and_a_group_without_a_leader_wait() {
    assertThat(plan(REPLACED, 9, Set.of(), view(0, "123", ""))).isEmpty();
    assertThat(plan(REPLACED, 9, Set.of(4), view(1, "123", ""))).isEqualTo("s1: join 4\n");
    assertThat(plan(MetaState.EMPTY, 9, Set.of(4), view(0, "123", ""))).isEmpty();
    assertThat(plan(REPLACED, 9, Set.of(4), view(8, "123", ""))).as("an unknown shard").isEmpty();
  }

  @Test
  void two_lost_nodes_are_replaced_one_after_the_other() {
    MetaState state = after(REPLACED, new MetaCommand.RegisterNode(node(5, "n2")));
    assertThat(plan(state, 9, Set.of(4, 5), view(1, "123", "45")))
        .isEqualTo("s1: change 1@r:1 2@r:2 3@r:3 to 1@r:1 5@r:5 3@r:3\n");
    assertThat(plan(state, 9, Set.of(4), view(1, "123", "4")))
        .as("one whose successor is away does not hold the other up")
        .isEqualTo("s1: change 1@r:1 2@r:2 3@r:3 to 1@r:1 2@r:2 4@r:4\n");
  }

  @Test
  void a_successor_lost_between_raft_and_the_map_is_recorded_and_then_replaced() {
    MetaState state = after(REPLACED, new MetaCommand.RegisterNode(node(5, "n3")));
    assertThat(plan(state, 9, Set.of(5), view(1, "124", "5")))
        .isEqualTo("s1: record 1 2 4 if epoch 1\n");
    MetaState recorded = after(state, replicas(1, 1, 1, 2, 4));
    assertThat(plan(recorded, 9, Set.of(5), view(1, "124", "5")))
        .isEqualTo("s1: change 1@r:1 2@r:2 4@r:4 to 1@r:1 2@r:2 5@r:5\n");
  }

  @Test
  void where_both_vote_the_old_one_leaves() {
    MetaState state = after(REPLACED, replicas(1, 1, 1, 2, 3, 4));
    assertThat(plan(state, 9, Set.of(4), view(1, "1234", "")))
        .isEqualTo("s1: change 1@r:1 2@r:2 3@r:3 4@r:4 to 1@r:1 2@r:2 4@r:4\n");
  }

  // ---- repairs

  private static final MetaState LOST =
      after(MetaState.EMPTY, form(2), new MetaCommand.BeginRepair(new ShardId(1), id(3), 1));

  private static MetaCommand done(ReplicaRepair.Step step) {
    return new MetaCommand.RepairStepDone(1, step, 7);
  }

  @Test
  void a_lost_replica_is_removed_then_rejoins_then_is_added_and_the_map_stays() {
    Set<Integer> all = Set.of(1, 2, 3);
    assertThat(plan(LOST, 9, all, view(1, "123", ""), view(2, "231", "")))
        .isEqualTo("s1: change 1@r:1 2@r:2 3@r:3 to 1@r:1 2@r:2\n");
    assertThat(plan(LOST, 9, all, view(1, "12", "")))
        .isEqualTo("s1: done REMOVE of #1 in term 7\n");
    MetaState removed = after(LOST, done(ReplicaRepair.Step.REMOVE));
    assertThat(plan(removed, 9, all, view(1, "12", ""))).as("the node is at work").isEmpty();
    MetaState rejoined = after(removed, done(ReplicaRepair.Step.REJOIN));
    assertThat(plan(rejoined, 9, Set.of(1, 2), view(1, "12", ""))).as("3 is away").isEmpty();
    assertThat(plan(rejoined, 9, all, view(1, "12", "")))
        .isEqualTo("s1: change 1@r:1 2@r:2 to 1@r:1 2@r:2 3@r:3\n");
    assertThat(plan(rejoined, 9, all, view(1, "123", "")))
        .isEqualTo("s1: done ADD of #1 in term 7\n");
    MetaState whole = after(rejoined, done(ReplicaRepair.Step.ADD));
    assertThat(plan(whole, 9, all, view(1, "123", ""))).isEmpty();
    assertThat(whole.map().repairs()).isEmpty();
    assertThat(whole.map().shard(new ShardId(1)).orElseThrow().epoch()).isEqualTo(1);
  }

  @Test
  void a_node_lost_while_its_replica_is_rebuilt_leaves_its_place_to_its_successor() {
    MetaState state =
        after(LOST, done(ReplicaRepair.Step.REMOVE), new MetaCommand.RegisterNode(node(4, "n3")));
    assertThat(state.map().repairs()).isEmpty();
    assertThat(plan(state, 9, Set.of(1, 2), view(1, "12", ""))).isEmpty();
    assertThat(plan(state, 9, Set.of(1, 2, 4), view(1, "12", ""))).isEqualTo("s1: join 4\n");
    assertThat(plan(state, 9, Set.of(1, 2, 4), view(1, "12", "4")))
        .isEqualTo("s1: change 1@r:1 2@r:2 to 1@r:1 2@r:2 4@r:4\n");
    assertThat(plan(state, 9, Set.of(1, 2, 4), view(1, "124", "4")))
        .isEqualTo("s1: record 1 2 4 if epoch 1\n");
  }

  @Test
  void what_raft_has_decided_before_is_recorded_before_a_repair_begins() {
    MetaState state = after(REPLACED, new MetaCommand.BeginRepair(new ShardId(1), id(2), 2));
    assertThat(plan(state, 9, Set.of(1, 2, 4), view(1, "124", "4")))
        .isEqualTo("s1: record 1 2 4 if epoch 1\n");
    // Before the replaced one: a group needs its majority first.
    assertThat(plan(state, 9, Set.of(1, 2, 4), view(1, "123", "4")))
        .isEqualTo("s1: change 1@r:1 2@r:2 3@r:3 to 1@r:1 3@r:3\n");
  }

  @Test
  void a_stranger_is_who_is_no_member_and_will_not_be_one() {
    MetaState four = after(MetaState.EMPTY, form(1), new MetaCommand.RegisterNode(node(4, "n4")));
    GroupView settled = view(1, "123", "");
    assertThat(ReplacementPlanner.isStranger(four.map(), settled, id(4))).isTrue();
    assertThat(ReplacementPlanner.isStranger(four.map(), settled, id(3))).isFalse();
    assertThat(ReplacementPlanner.isStranger(four.map(), view(1, "124", ""), id(3))).isFalse();
    assertThat(ReplacementPlanner.isStranger(four.map(), view(1, "", ""), id(4))).isFalse();
    assertThat(ReplacementPlanner.isStranger(REPLACED.map(), settled, id(4))).isFalse();
    assertThat(ReplacementPlanner.isStranger(LOST.map(), settled, id(4))).isFalse();
  }

  /**
   * Leaders and nodes that die between any two steps, commands that come twice or late, replicas
   * that are lost again at any point: a node never begins anew while it votes, and in the end all
   * vote again.
   */
  @Test
  void from_whatever_point_a_repair_is_resumed_it_ends_with_all_voters() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      World world = new World(after(MetaState.EMPTY, form(2)));
      RepairedNode node = new RepairedNode(world, new ShardId(1), id(3));
      List<MetaCommand> late = new ArrayList<>();
      for (int round = 0; round < 80; round++) {
        if (random.nextInt(10) == 0) {
          node.lost = true;
        }
        if (random.nextInt(3) > 0) {
          node.act(random, late);
        }
        for (Step step : world.plan(n -> random.nextInt(4) > 0)) {
          if (random.nextInt(4) > 0) {
            world.carryOut(step);
          }
          if (random.nextInt(4) == 0 && step instanceof Step.RecordStep record) {
            late.add(record.command());
          }
        }
        if (!late.isEmpty() && random.nextInt(3) == 0) {
          world.meta = after(world.meta, late.remove(random.nextInt(late.size())));
        }
        assertThat(world.voters.get(new ShardId(1))).as("seed %d", seed).hasSizeBetween(2, 3);
      }
      for (int i = 0; i < 20; i++) {
        node.act(null, late);
        world.plan(n -> true).forEach(world::carryOut);
      }
      assertThat(world.meta.map().repairs()).as("seed %d", seed).isEmpty();
      assertThat(node.lost).as("seed %d", seed).isFalse();
      assertThat(world.voters.get(new ShardId(1))).as("seed %d", seed).hasSize(3);
    }
  }

  /** A node as org.ferrisdb.node.cluster has it, as far as repairs touch it. */
  private static final class RepairedNode {
    private final World world;
    private final ShardId group;
    private final NodeId self;
    private long rejoined;
    boolean lost;

    RepairedNode(World world, ShardId group, NodeId self) {
      this.world = world;
      this.group = group;
      this.self = self;
    }

    void act(@org.jspecify.annotations.Nullable Random random, List<MetaCommand> late) {
      ReplicaRepair repair = world.meta.map().repair(group).orElse(null);
      if (lost && (repair == null || repair.step() == ReplicaRepair.Step.ADD)) {
        send(random, late, new MetaCommand.BeginRepair(group, self, world.meta.map().version()));
      } else if (repair != null && repair.step() == ReplicaRepair.Step.REJOIN) {
        if (rejoined < repair.id()) {
          assertThat(world.voters.get(group)).extracting(RaftMember::id).doesNotContain(self);
          lost = false;
          if (random != null && random.nextInt(3) == 0) {
            return; // died before it was written down: all over again
          }
          rejoined = repair.id();
        }
        send(
            random,
            late,
            new MetaCommand.RepairStepDone(repair.id(), ReplicaRepair.Step.REJOIN, 0));
      }
    }

    private void send(
        @org.jspecify.annotations.Nullable Random random,
        List<MetaCommand> late,
        MetaCommand command) {
      if (random == null || random.nextInt(3) > 0) {
        world.meta = after(world.meta, command);
      }
      if (random != null && random.nextInt(3) == 0) {
        late.add(command);
      }
    }
  }

  @Test
  void an_address_without_a_port_is_no_member() {
    NodeRecord bad = new NodeRecord(id(1), "n1", "c", "host", "h", NodeRecord.State.MEMBER);
    assertThatThrownBy(() -> ReplacementPlanner.member(bad)).hasMessageContaining("host");
    NodeRecord six = new NodeRecord(id(1), "n1", "c", "[::1]:7", "h", NodeRecord.State.MEMBER);
    assertThat(ReplacementPlanner.member(six)).isEqualTo(new RaftMember(id(1), "[::1]", 7));
  }

  /**
   * Executors that die between any two steps, plans carried out twice or late, and further disks
   * lost on the way: in the end every group is where the registry wants it, with three voters
   * always.
   */
  @Test
  void from_whatever_point_it_is_resumed_every_group_ends_at_the_successors() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      World world = new World(after(MetaState.EMPTY, form(3)));
      int nextId = 4;
      List<Step> stale = new ArrayList<>();
      for (int round = 0; round < 60; round++) {
        if (random.nextInt(12) == 0 && nextId < 9) {
          world.meta =
              after(
                  world.meta,
                  new MetaCommand.RegisterNode(node(nextId++, "n" + (1 + random.nextInt(3)))));
        }
        List<Step> plan = world.plan(n -> random.nextInt(4) > 0);
        for (Step step : plan) {
          switch (random.nextInt(4)) {
            case 0 -> stale.add(step); // the executor died; somebody finds its request later
            case 1 -> {
              world.carryOut(step);
              world.carryOut(step);
            }
            default -> world.carryOut(step);
          }
        }
        if (!stale.isEmpty() && random.nextInt(3) == 0) {
          world.carryOut(stale.remove(random.nextInt(stale.size())));
        }
        world.voters.values().forEach(v -> assertThat(v).hasSize(3).doesNotHaveDuplicates());
      }
      for (int i = 0; i < 60; i++) {
        world.plan(n -> true).forEach(world::carryOut);
      }
      assertThat(world.plan(n -> true)).as("seed %d", seed).isEmpty();
      assertThat(world.meta.operations()).as("seed %d", seed).isEmpty();
      for (Map.Entry<ShardId, List<RaftMember>> group : world.voters.entrySet()) {
        Set<String> names = new HashSet<>();
        for (RaftMember voter : group.getValue()) {
          NodeRecord node = world.meta.map().node(voter.id()).orElseThrow();
          assertThat(node.state()).as("seed %d", seed).isEqualTo(NodeRecord.State.MEMBER);
          names.add(node.name());
        }
        assertThat(names).as("seed %d", seed).containsExactlyInAnyOrder("n1", "n2", "n3");
        assertThat(world.meta.map().shard(group.getKey()).orElseThrow().replicas())
            .containsExactlyInAnyOrderElementsOf(
                group.getValue().stream().map(RaftMember::id).toList());
      }
    }
  }

  /** Raft and the meta group, as far as steps touch them. */
  private static final class World {
    MetaState meta;
    final Map<ShardId, List<RaftMember>> voters = new TreeMap<>();
    final Map<ShardId, Set<NodeId>> open = new TreeMap<>();

    World(MetaState formed) {
      meta = formed;
      for (long group = 0; group <= formed.map().shards().size(); group++) {
        ShardId id = new ShardId(group);
        List<NodeId> replicas = formed.map().shard(id).orElseThrow().replicas();
        voters.put(
            id,
            replicas.stream()
                .map(r -> ReplacementPlanner.member(formed.map().node(r).orElseThrow()))
                .toList());
        open.put(id, new HashSet<>(replicas));
      }
    }

    List<Step> plan(java.util.function.Predicate<NodeId> reachable) {
      List<GroupView> views = new ArrayList<>();
      voters.forEach((id, members) ->
          views.add(new GroupView(id, 7, members, open.getOrDefault(id, Set.of()))));
      return ReplacementPlanner.plan(meta.map(), views, reachable, 2);
    }

    void carryOut(Step step) {
      switch (step) {
        case Step.JoinGroup s ->
            open.computeIfAbsent(s.group(), g -> new HashSet<>()).add(s.node());
        case Step.ChangeMembers s -> {
          if (s.expected().equals(voters.get(s.group()))) {
            voters.put(s.group(), s.next());
          }
        }
        case Step.RecordReplicas s -> meta = after(meta, s.command());
        case Step.RecordStep s -> meta = after(meta, s.command());
      }
    }
  }

  private static GroupView view(long group, String members, String open) {
    return new GroupView(
        new ShardId(group),
        7,
        members.chars().mapToObj(c -> ReplacementPlanner.member(node(c - '0', "x"))).toList(),
        open.chars().mapToObj(c -> id(c - '0')).collect(Collectors.toSet()));
  }

  private static String plan(
      MetaState state, int maxChanges, Set<Integer> reachable, GroupView... views) {
    Set<NodeId> up = reachable.stream().map(n -> id(n)).collect(Collectors.toSet());
    return ReplacementPlanner.plan(state.map(), List.of(views), up::contains, maxChanges).stream()
        .map(ReplacementPlannerTest::text)
        .collect(Collectors.joining());
  }

  private static String text(Step step) {
    return step.group()
        + ": "
        + switch (step) {
          case Step.JoinGroup s -> "join " + digit(s.node());
          case Step.ChangeMembers s ->
              "change " + members(s.expected()) + " to " + members(s.next());
          case Step.RecordReplicas s ->
              "record "
                  + s.command().replicas().stream()
                      .map(ReplacementPlannerTest::digit)
                      .collect(Collectors.joining(" "))
                  + " if epoch "
                  + s.command().expectedEpoch();
          case Step.RecordStep s ->
              "done "
                  + s.command().step()
                  + " of #"
                  + s.command().repair()
                  + " in term "
                  + s.command().term();
        }
        + "\n";
  }

  private static String members(List<RaftMember> members) {
    return members.stream()
        .map(m -> digit(m.id()) + "@" + m.host() + ":" + m.port())
        .collect(Collectors.joining(" "));
  }

  private static String digit(NodeId id) {
    return String.valueOf(Integer.parseInt(id.value(), 16));
  }
}
