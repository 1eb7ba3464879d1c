package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.testing.Simulation;
import org.junit.jupiter.api.Test;

class OracleRouteTest {
  private static final NodeId N1 = new NodeId("0000000000000001");
  private static final NodeId N2 = new NodeId("0000000000000002");

  private record Asked(NodeId node, CompletableFuture<Long> answer) {}

  private final Simulation sim = new Simulation();
  private final Deque<CompletableFuture<Long>> straight = new ArrayDeque<>();
  private final Deque<Asked> detours = new ArrayDeque<>();
  private List<NodeId> others = List.of(N1, N2);
  private final OracleRoute route =
      new OracleRoute(
          (count, deadline) -> {
            CompletableFuture<Long> answer = new CompletableFuture<>();
            straight.add(answer);
            return answer;
          },
          (node, count, deadline) -> {
            Asked asked = new Asked(node, new CompletableFuture<>());
            detours.add(asked);
            return asked.answer();
          },
          () -> others,
          sim::nanoTime,
          sim);

  private CompletableFuture<Long> ask() {
    return route.request(1, sim.nanoTime() + Duration.ofMillis(500).toNanos());
  }

  private void passHedge() {
    sim.advance(OracleRoute.HEDGE);
  }

  /** The straight way has fallen silent, N2 has helped. */
  private void falls_silent() {
    CompletableFuture<Long> first = ask();
    passHedge();
    detours.removeFirst();
    detours.removeFirst().answer().complete(10L);
    assertThat(first.join()).isEqualTo(10);
    assertThat(route.helper()).isEqualTo(N2);
    straight.clear();
  }

  @Test
  void a_leader_that_answers_is_asked_alone() {
    for (long i = 0; i < 100; i++) {
      CompletableFuture<Long> answer = ask();
      sim.advance(Duration.ofMillis(7));
      straight.remove().complete(i);
      assertThat(answer.join()).isEqualTo(i);
    }
    sim.advance(Duration.ofSeconds(1));
    assertThat(detours).isEmpty();
    assertThat(route.helper()).isNull();
  }

  @Test
  void a_request_that_is_slow_goes_to_all_others_when_it_itself_is_old_enough() {
    var _ = ask();
    sim.advance(Duration.ofMillis(30));
    straight.remove().complete(1L); // its timer is still set
    CompletableFuture<Long> slow = ask();
    sim.advance(Duration.ofMillis(49));
    assertThat(detours).isEmpty();
    sim.advance(Duration.ofMillis(1));
    assertThat(detours).extracting(Asked::node).containsExactly(N1, N2);
    straight.remove().complete(2L);
    assertThat(slow.join()).isEqualTo(2);
    detours.forEach(d -> d.answer().complete(3L)); // thrown away
    assertThat(route.helper()).as("the straight way was the first after all").isNull();
  }

  @Test
  void while_the_leader_is_silent_the_one_who_helped_is_asked_at_once() {
    falls_silent();
    for (long i = 0; i < 30; i++) {
      CompletableFuture<Long> answer = ask();
      assertThat(detours).extracting(Asked::node).containsExactly(N2);
      sim.advance(Duration.ofMillis(10));
      detours.remove().answer().complete(i);
      assertThat(answer.join()).isEqualTo(i);
    }
    assertThat(straight).as("tries in 300 ms").hasSizeBetween(2, 4);

    straight.removeLast().complete(99L);
    CompletableFuture<Long> after = ask();
    assertThat(detours).as("the leader answers again").isEmpty();
    straight.removeLast().complete(100L);
    assertThat(after.join()).isEqualTo(100);
  }

  @Test
  void a_helper_that_can_no_longer_help_is_replaced() {
    falls_silent();
    CompletableFuture<Long> refused = ask();
    detours.remove().answer().completeExceptionally(PeerException.unreachable("it"));
    assertThat(detours).extracting(Asked::node).as("everybody, at once").contains(N1);
    detours.stream().filter(d -> d.node().equals(N1)).forEach(d -> d.answer().complete(20L));
    assertThat(refused.join()).isEqualTo(20);
    assertThat(route.helper()).isEqualTo(N1);

    detours.clear();
    CompletableFuture<Long> unanswered = ask();
    assertThat(detours).extracting(Asked::node).containsExactly(N1);
    passHedge();
    detours.stream().filter(d -> d.node().equals(N2)).forEach(d -> d.answer().complete(30L));
    assertThat(unanswered.join()).isEqualTo(30);
    assertThat(route.helper()).isEqualTo(N2);
  }

  @Test
  void a_refusal_goes_through_others_at_once_and_is_told_when_all_refuse() {
    CompletableFuture<Long> answer = ask();
    straight.remove().completeExceptionally(new IllegalStateException("does not lead"));
    assertThat(detours).hasSize(2);
    assertThat(answer).isNotDone();
    detours.forEach(d -> d.answer().completeExceptionally(PeerException.unreachable("nobody")));
    assertThatThrownBy(answer::join).hasMessageContaining("nobody");
    assertThat(route.helper()).isNull();
  }

  @Test
  void alone_it_fails_as_the_straight_way_does() {
    others = List.of();
    CompletableFuture<Long> answer = ask();
    passHedge();
    assertThat(answer).isNotDone();
    straight.remove().completeExceptionally(new IllegalStateException("does not lead"));
    assertThatThrownBy(answer::join).hasMessageContaining("does not lead");
  }

  @Test
  void of_many_others_a_few_are_asked_in_turn() {
    others =
        IntStream.range(0, 10).mapToObj(i -> new NodeId(String.format("%016x", i + 1))).toList();
    List<NodeId> asked = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      var _ = ask();
      passHedge();
      assertThat(detours).hasSize(OracleRoute.MOST_ASKED);
      detours.forEach(d -> asked.add(d.node()));
      detours.clear();
    }
    assertThat(asked).containsAll(others);
  }
}
