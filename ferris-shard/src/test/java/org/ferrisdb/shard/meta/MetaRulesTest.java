package org.ferrisdb.shard.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.shard.meta.MetaFixtures.after;
import static org.ferrisdb.shard.meta.MetaFixtures.form;
import static org.ferrisdb.shard.meta.MetaFixtures.id;
import static org.ferrisdb.shard.meta.MetaFixtures.ids;
import static org.ferrisdb.shard.meta.MetaFixtures.node;
import static org.ferrisdb.shard.meta.MetaFixtures.replicas;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.PreSplit;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardId;
import org.junit.jupiter.api.Test;

final class MetaRulesTest {
  private static final MetaCommand N3_AGAIN = new MetaCommand.RegisterNode(node(4, "n3"));

  @Test
  void a_node_that_comes_back_empty_is_replaced_step_by_step() {
    MetaState state = after(MetaState.EMPTY, form(2), N3_AGAIN);
    assertThat(state.describe())
        .isEqualTo(
            """
            version 2, formed, oracle below 0.0
            node n1 0000000000000001 MEMBER c:1 r:1 h:1
            node n2 0000000000000002 MEMBER c:2 r:2 h:2
            node n3 0000000000000003 REPLACED c:3 r:3 h:3
            node n3 0000000000000004 MEMBER c:4 r:4 h:4
            meta epoch 1 [-, -) on n1 n2 n3(replaced 0000000000000003)
            s1 epoch 1 [-, 80) on n1 n2 n3(replaced 0000000000000003)
            s2 epoch 1 [80, -) on n2 n3(replaced 0000000000000003) n1
            operation #1 meta 0000000000000003 -> 0000000000000004
            operation #2 s1 0000000000000003 -> 0000000000000004
            operation #3 s2 0000000000000003 -> 0000000000000004
            """);
    state = after(state, replicas(0, 1, 1, 2, 4), replicas(2, 1, 2, 4, 1));
    assertThat(state.describe())
        .isEqualTo(
            """
            version 4, formed, oracle below 0.0
            node n1 0000000000000001 MEMBER c:1 r:1 h:1
            node n2 0000000000000002 MEMBER c:2 r:2 h:2
            node n3 0000000000000003 REPLACED c:3 r:3 h:3
            node n3 0000000000000004 MEMBER c:4 r:4 h:4
            meta epoch 2 [-, -) on n1 n2 n3
            s1 epoch 1 [-, 80) on n1 n2 n3(replaced 0000000000000003)
            s2 epoch 2 [80, -) on n2 n3 n1
            operation #2 s1 0000000000000003 -> 0000000000000004
            """);
    state = after(state, replicas(1, 1, 1, 2, 4));
    assertThat(state.operations()).isEmpty();
    assertThat(state.nextOperation()).isEqualTo(4);
  }

  @Test
  void a_successor_that_is_lost_too_takes_the_operations_with_it() {
    MetaState state =
        after(
            MetaState.EMPTY,
            form(2),
            N3_AGAIN,
            replicas(1, 1, 1, 2, 4),
            new MetaCommand.RegisterNode(node(5, "n3")));
    assertThat(state.operations().stream().map(Object::toString))
        .containsExactly(
            "#1 meta 0000000000000003 -> 0000000000000005",
            "#3 s2 0000000000000003 -> 0000000000000005",
            "#4 s1 0000000000000004 -> 0000000000000005");
    // Raft had put 4 into s2 before it was lost, and only now somebody reports it: 4 is replaced,
    // but
    // later than 3, so this is news. The report of 3 that follows is not.
    state = after(state, replicas(2, 1, 2, 4, 1));
    assertThat(state.operations().stream().map(Object::toString))
        .containsExactly(
            "#1 meta 0000000000000003 -> 0000000000000005",
            "#4 s1 0000000000000004 -> 0000000000000005",
            "#5 s2 0000000000000004 -> 0000000000000005");
    assertThat(refusal(state, replicas(2, 2, 2, 3, 1)).message()).contains("successor");
  }

  @Test
  void a_cluster_is_formed_once() {
    MetaState state = after(MetaState.EMPTY, form(2));
    assertThat(refusal(state, form(3)).reason()).isEqualTo(Reason.INVALID);
    MetaState later = after(state, N3_AGAIN, replicas(1, 1, 1, 2, 4));
    assertThat(MetaRules.decide(later, form(2)))
        .isEqualTo(new MetaRules.Decision(later, new MetaResult.Accepted(false)));
  }

  @Test
  void a_cluster_that_makes_no_sense_is_not_formed() {
    List<NodeRecord> three = List.of(node(1, "n1"), node(2, "n2"), node(3, "n3"));
    List<NodeRecord> sameName = List.of(node(1, "n1"), node(2, "n1"));
    var shards = PreSplit.place(PreSplit.evenly(2), ids(1, 2, 3), 3);
    for (MetaCommand.Form form :
        List.of(
            new MetaCommand.Form(sameName, PreSplit.place(PreSplit.evenly(1), ids(1), 1)),
            new MetaCommand.Form(List.of(), List.of()),
            new MetaCommand.Form(three, List.of()),
            new MetaCommand.Form(three, shards.subList(0, 1)),
            new MetaCommand.Form(three, List.of(shards.get(1), shards.get(0))),
            new MetaCommand.Form(three.subList(0, 2), shards),
            new MetaCommand.Form(three, shards, List.of()),
            new MetaCommand.Form(three, shards, ids(1, 1)),
            new MetaCommand.Form(three, shards, ids(1, 9)),
            new MetaCommand.Form(List.of(node(1, "n1"), node(1, "n2")), shards, ids(1)))) {
      assertThat(refusal(MetaState.EMPTY, form).reason()).isEqualTo(Reason.INVALID);
    }
  }

  @Test
  void nodes_register_again_with_new_addresses_but_not_under_another_name() {
    assertThat(refusal(MetaState.EMPTY, N3_AGAIN).reason()).isEqualTo(Reason.UNAVAILABLE);
    MetaState state = after(MetaState.EMPTY, form(1));
    NodeRecord moved = new NodeRecord(id(3), "n3", "x:1", "x:2", "x:3", NodeRecord.State.MEMBER);
    MetaState after = after(state, new MetaCommand.RegisterNode(moved));
    assertThat(after.map().node(id(3))).contains(moved);
    assertThat(after.map().version()).isEqualTo(2);
    assertThat(after.operations()).isEmpty();
    assertThat(refusal(state, new MetaCommand.RegisterNode(node(3, "n9"))).message())
        .contains("known as n3");
    assertThat(refusal(state, new MetaCommand.RegisterNode(node(3, "n1"))).message())
        .contains("known as n3");
  }

  @Test
  void a_replaced_id_can_not_come_back() {
    MetaState state = after(MetaState.EMPTY, form(1), N3_AGAIN);
    assertThat(refusal(state, new MetaCommand.RegisterNode(node(3, "n3"))).message())
        .contains("replaced");
  }

  @Test
  void a_further_name_is_a_further_member_without_replicas() {
    MetaState state = after(MetaState.EMPTY, form(1), new MetaCommand.RegisterNode(node(7, "n7")));
    assertThat(state.map().member("n7")).contains(node(7, "n7"));
    assertThat(state.operations()).isEmpty();
  }

  @Test
  void replicas_change_by_compare_and_set() {
    MetaState state = after(MetaState.EMPTY, form(2), N3_AGAIN);
    assertThat(refusal(state, replicas(1, 7, 1, 2, 4)).reason()).isEqualTo(Reason.WRONG_EPOCH);
    assertThat(refusal(state, replicas(9, 1, 1, 2, 4)).reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal(state, replicas(1, 1)).reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal(state, replicas(1, 1, 1, 1, 2)).reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal(state, replicas(1, 1, 1, 2, 8)).reason()).isEqualTo(Reason.INVALID);
    MetaState changed = after(state, replicas(1, 1, 1, 2, 4));
    assertThat(changed.map().shard(new ShardId(1)).orElseThrow().epoch()).isEqualTo(2);
    // A leader deposed long ago, which even knows the epoch, reports what it still believes.
    assertThat(refusal(changed, replicas(1, 2, 1, 2, 3)).reason()).isEqualTo(Reason.INVALID);
  }

  @Test
  void the_oracles_bound_only_rises() {
    MetaState state = after(MetaState.EMPTY, new MetaCommand.ExtendOracle(100));
    assertThat(state.oracleBound()).isEqualTo(100);
    assertThat(MetaRules.decide(state, new MetaCommand.ExtendOracle(99)))
        .isEqualTo(new MetaRules.Decision(state, new MetaResult.Accepted(false)));
    assertThat(after(state, new MetaCommand.ExtendOracle(-5)).oracleBound()).isEqualTo(100);
  }

  @Test
  void settings_are_set_removed_and_bounded() {
    MetaState state = after(MetaState.EMPTY, new MetaCommand.ChangeSetting("a", "1"));
    assertThat(state.describe()).endsWith("setting a=1\n");
    assertThat(after(state, new MetaCommand.ChangeSetting("a", "")).settings()).isEmpty();
    for (int i = 0; i < MetaRules.MAX_SETTINGS - 1; i++) {
      state = after(state, new MetaCommand.ChangeSetting("s" + i, "x"));
    }
    for (MetaCommand one :
        List.of(
            new MetaCommand.ChangeSetting("one more", "x"),
            new MetaCommand.ChangeSetting("", "x"),
            new MetaCommand.ChangeSetting("a", "x".repeat(1025)))) {
      assertThat(refusal(state, one).reason()).isEqualTo(Reason.LIMIT_EXCEEDED);
    }
  }

  private static MetaCommand lost(long shard, int node, long version) {
    return new MetaCommand.BeginRepair(new ShardId(shard), id(node), version);
  }

  private static MetaCommand done(long repair, ReplicaRepair.Step step) {
    return new MetaCommand.RepairStepDone(repair, step, 9);
  }

  @Test
  void a_repair_is_recorded_step_by_step_and_late_commands_change_nothing() {
    MetaState formed = after(MetaState.EMPTY, form(2));
    MetaState begun = after(formed, lost(1, 3, 1));
    assertThat(begun.describe()).endsWith("repair #1 s1 0000000000000003 REMOVE term 0\n");
    assertThat(after(begun, lost(1, 3, 1))).as("one is enough").isEqualTo(begun);
    assertThat(refusal(begun, lost(1, 2, 2)).message()).contains("one at a time");
    assertThat(refusal(begun, done(1, ReplicaRepair.Step.REJOIN)).reason())
        .isEqualTo(Reason.INVALID);
    MetaState removed = after(begun, done(1, ReplicaRepair.Step.REMOVE));
    assertThat(removed.describe()).endsWith("repair #1 s1 0000000000000003 REJOIN term 9\n");
    MetaState rejoined = after(removed, done(1, ReplicaRepair.Step.REJOIN));
    assertThat(rejoined.describe()).endsWith("repair #1 s1 0000000000000003 ADD term 9\n");
    assertThat(after(rejoined, done(1, ReplicaRepair.Step.REMOVE))).isEqualTo(rejoined);
    // A message from before: the replica is not to be rebuilt again for it.
    assertThat(refusal(rejoined, lost(1, 3, 1)).reason()).isEqualTo(Reason.WRONG_EPOCH);
    MetaState whole = after(rejoined, done(1, ReplicaRepair.Step.ADD));
    assertThat(whole.map().repairs()).isEmpty();
    assertThat(refusal(whole, lost(1, 3, 1)).reason()).isEqualTo(Reason.WRONG_EPOCH);
    assertThat(after(whole, done(1, ReplicaRepair.Step.REMOVE))).isEqualTo(whole);
  }

  @Test
  void a_replica_lost_again_after_it_rejoined_takes_a_repair_of_its_own() {
    MetaState rejoined =
        after(
            MetaState.EMPTY,
            form(1),
            lost(1, 3, 1),
            done(1, ReplicaRepair.Step.REMOVE),
            done(1, ReplicaRepair.Step.REJOIN));
    MetaState again = after(rejoined, lost(1, 3, rejoined.map().version()));
    assertThat(again.describe()).endsWith("repair #2 s1 0000000000000003 REMOVE term 0\n");
    assertThat(after(again, done(1, ReplicaRepair.Step.ADD))).isEqualTo(again);
  }

  @Test
  void a_repair_needs_a_replica_there_and_another_one_elsewhere() {
    MetaState state = after(MetaState.EMPTY, form(1), new MetaCommand.RegisterNode(node(4, "n4")));
    assertThat(refusal(MetaState.EMPTY, lost(1, 3, 0)).reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal(state, lost(9, 3, 2)).reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal(state, lost(1, 4, 2)).reason()).isEqualTo(Reason.INVALID);
    MetaState alone =
        after(
            MetaState.EMPTY,
            new MetaCommand.Form(
                List.of(node(1, "n1")), PreSplit.place(PreSplit.evenly(1), ids(1), 1)));
    assertThat(refusal(alone, lost(1, 1, 1)).message()).contains("no other replica");
  }

  @Test
  void every_command_twice_is_once() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      MetaState state = MetaState.EMPTY;
      for (int step = 0; step < 60; step++) {
        MetaCommand command = randomCommand(random, state);
        MetaRules.Decision first = MetaRules.decide(state, command);
        MetaRules.Decision second = MetaRules.decide(first.next(), command);
        assertThat(second.next())
            .as("seed %d step %d %s", seed, step, command)
            .isEqualTo(first.next());
        if (first.result() instanceof MetaResult.Accepted) {
          assertThat(second.result())
              .as("seed %d step %d %s", seed, step, command)
              .isEqualTo(new MetaResult.Accepted(false));
        } else {
          assertThat(first.next()).isSameAs(state);
          assertThat(second.result()).isEqualTo(first.result());
        }
        checkInvariants(first.next());
        state = first.next();
      }
    }
  }

  static MetaCommand randomCommand(Random random, MetaState state) {
    return switch (random.nextInt(11)) {
      case 0 -> form(1 + random.nextInt(2));
      case 1, 2 ->
          new MetaCommand.RegisterNode(node(1 + random.nextInt(12), "n" + (1 + random.nextInt(3))));
      case 3 -> new MetaCommand.ExtendOracle(random.nextInt(1000));
      case 4 ->
          new MetaCommand.ChangeSetting(
              "s" + random.nextInt(3), random.nextBoolean() ? "" : "v" + random.nextInt(3));
      case 5 ->
          new MetaCommand.BeginRepair(
              new ShardId(random.nextInt(3)),
              id(1 + random.nextInt(6)),
              state.map().version() - random.nextInt(2));
      case 6, 7 ->
          new MetaCommand.RepairStepDone(
              Math.max(1, state.nextOperation() - 1 - random.nextInt(3)),
              List.of(ReplicaRepair.Step.REMOVE, ReplicaRepair.Step.REJOIN, ReplicaRepair.Step.ADD)
                  .get(random.nextInt(3)),
              random.nextInt(5));
      default -> {
        ShardId group = new ShardId(random.nextInt(3));
        long epoch = state.map().shard(group).map(s -> s.epoch()).orElse(1L);
        var replicas =
            new ArrayList<>(state.map().shard(group).map(s -> s.replicas()).orElse(List.of()));
        replicas.replaceAll(r -> random.nextInt(3) == 0 ? id(1 + random.nextInt(12)) : r);
        yield new MetaCommand.ReplicasChanged(
            group, random.nextInt(5) == 0 ? epoch - 1 : epoch, replicas);
      }
    };
  }

  private static void checkInvariants(MetaState state) {
    List<NodeRecord> members =
        state.map().nodes().stream().filter(n -> n.state() == NodeRecord.State.MEMBER).toList();
    assertThat(members.stream().map(NodeRecord::name)).doesNotHaveDuplicates();
    for (ReplicaReplacement operation : state.operations()) {
      assertThat(state.map().shard(operation.group()).orElseThrow().replicas())
          .contains(operation.leaving());
      assertThat(state.map().successor(operation.leaving()).orElseThrow().id())
          .isEqualTo(operation.joining());
      assertThat(operation.id()).isLessThan(state.nextOperation());
    }
    for (ReplicaRepair repair : state.map().repairs()) {
      assertThat(state.map().shard(repair.group()).orElseThrow().replicas())
          .contains(repair.node());
      assertThat(state.map().node(repair.node()).orElseThrow().state())
          .isEqualTo(NodeRecord.State.MEMBER);
      assertThat(repair.id()).isLessThan(state.nextOperation());
      assertThat(repair.term() > 0).isEqualTo(repair.step() != ReplicaRepair.Step.REMOVE);
    }
  }

  private static MetaResult.Refused refusal(MetaState state, MetaCommand command) {
    MetaRules.Decision decision = MetaRules.decide(state, command);
    assertThat(decision.next()).isSameAs(state);
    assertThat(decision.result()).isInstanceOf(MetaResult.Refused.class);
    return (MetaResult.Refused) decision.result();
  }
}
