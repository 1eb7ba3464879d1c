package org.ferrisdb.shard.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.shard.testing.SimulatedGroup;
import org.ferrisdb.shard.testing.Simulation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Rules 1 to 6 of the design, for the class that keeps them; written with a machine that only
 * counts.
 */
class LeaderTermTest {
  private static final Duration L = Duration.ofMillis(500);
  private static final int DATA = 1;

  private final Simulation simulation = new Simulation();
  private final SimulatedGroup group = new SimulatedGroup(simulation, 3);
  private final List<Machine> machines = new ArrayList<>();

  @BeforeEach
  void open() {
    for (int i = 0; i < 3; i++) {
      machines.add(new Machine(i));
      group.open(i, machines.get(i));
    }
  }

  private void awaitLive(int member) {
    simulation.await(() -> machines.get(member).lives > 0, Duration.ofSeconds(2));
  }

  @Test
  void rule_2_nothing_is_live_until_an_earlier_lease_has_surely_ended() {
    group.elect(0);
    simulation.advance(Duration.ofMillis(500));
    Machine m = machines.get(0);
    assertThat(m.term().live()).isFalse();
    assertThat(m.applied).as("only no-ops").allMatch(String::isEmpty).isNotEmpty();
    assertThat(m.term().propose(DATA, bytes("x"), r -> {})).isTrue();
    simulation.advance(Duration.ofMillis(10));
    assertThat(m.term().live()).isTrue();
    assertThat(m.lives).isEqualTo(1);
  }

  @Test
  void rule_1_the_lease_counts_from_before_the_proposal() {
    group.elect(0);
    awaitLive(0);
    Machine m = machines.get(0);
    group.holdCommits(true);
    simulation.advance(Duration.ofSeconds(1));
    assertThat(m.term().live()).isFalse();
    // The no-op that was proposed long ago commits: it renews from its proposal, so not at all.
    group.member(0).commitNext();
    simulation.run();
    assertThat(m.term().live()).isFalse();
  }

  @Test
  void rule_1_entries_of_raft_renew_nothing() {
    group.elect(0);
    awaitLive(0);
    group.holdCommits(true);
    for (int i = 0; i < 20; i++) {
      simulation.advance(Duration.ofMillis(50));
      group.append(null);
    }
    assertThat(machines.get(0).term().live()).isFalse();
  }

  @Test
  void a_term_in_use_stays_live_by_no_ops_and_one_that_is_not_costs_nothing() {
    group.elect(0);
    awaitLive(0);
    Machine m = machines.get(0);
    for (int i = 0; i < 100; i++) {
      assertThat(m.term().demand()).as("at %s", i).isTrue();
      simulation.advance(Duration.ofMillis(50));
    }
    simulation.advance(Duration.ofSeconds(10));
    int proposals = group.member(0).proposals();
    simulation.advance(Duration.ofSeconds(60));
    assertThat(group.member(0).proposals()).isEqualTo(proposals);
    assertThat(m.term().live()).isFalse();
    int lives = m.lives;
    assertThat(m.term().demand()).isFalse();
    simulation.advance(Duration.ofMillis(10));
    assertThat(m.lives).isEqualTo(lives + 1);
    assertThat(m.term().live()).isTrue();
  }

  @Test
  void rule_4_what_was_in_flight_at_a_loss_of_leadership_is_void_and_unknown() {
    group.elect(0);
    awaitLive(0);
    Machine m = machines.get(0);
    LeaderTerm old = m.term();
    group.holdCommits(true);
    List<EntryResult> results = new ArrayList<>();
    old.propose(DATA, bytes("a"), results::add);
    group.elect(0);
    simulation.run();
    assertThat(results).singleElement().isInstanceOf(EntryResult.Voided.class);
    assertThat(((EntryResult.Voided) results.get(0)).mayApply()).isTrue();
    assertThat(old.live()).isFalse();
    assertThat(old.propose(DATA, bytes("b"), results::add)).isFalse();
    assertThat(m.term()).isNotSameAs(old);
  }

  @Test
  void rule_5_a_leader_that_can_not_renew_its_lease_steps_down() {
    group.elect(0);
    awaitLive(0);
    group.electSilently(1);
    LeaderTerm stale = machines.get(0).term();
    stale.demand();
    simulation.advance(Duration.ofSeconds(6));
    assertThat(stale.live()).isFalse();
    assertThat(group.member(0).stepDowns()).isPositive();
    assertThat(group.member(1).stepDowns()).isZero();
  }

  @Test
  void rule_2_a_machine_that_was_suspended_trusts_only_what_it_renews_after() {
    group.elect(0);
    awaitLive(0);
    LeaderTerm term = machines.get(0).term();
    group.holdCommits(true);
    simulation.jumpWall(Duration.ofSeconds(30));
    for (int i = 0; i < 10; i++) {
      assertThat(term.demand()).isFalse();
      simulation.advance(Duration.ofMillis(20));
    }
    group.holdCommits(false);
    simulation.await(term::live, Duration.ofSeconds(1));
  }

  @Test
  void rule_6_after_a_lost_entry_those_on_top_are_void_and_a_new_chain_begins() {
    group.elect(0);
    awaitLive(0);
    Machine m = machines.get(0);
    group.holdCommits(true);
    List<EntryResult> results = new ArrayList<>();
    m.term().propose(DATA, bytes("a"), results::add);
    m.term().propose(DATA, bytes("b"), results::add);
    group.member(0).refuseNext();
    simulation.run();
    assertThat(results)
        .hasSize(2)
        .allMatch(r -> r instanceof EntryResult.Voided v && !v.mayApply());
    assertThat(m.voids).isEqualTo(1);
    assertThat(m.term().live()).isFalse();
    assertThat(m.term().propose(DATA, bytes("c"), results::add)).isFalse();

    group.member(0).commitNext(); // b reaches the log all the same
    group.holdCommits(false);
    simulation.await(() -> m.term().live(), Duration.ofSeconds(1));
    assertThat(m.term().propose(DATA, bytes("d"), results::add)).isTrue();
    simulation.advance(Duration.ofMillis(5));
    for (Machine each : machines) {
      assertThat(each.applied).contains("d").doesNotContain("a", "b", "c");
    }
    assertThat(results.get(2)).isInstanceOf(EntryResult.Applied.class);
  }

  @Test
  void
      rule_6_an_entry_given_up_that_commits_before_the_new_chain_counts_and_the_chain_begins_after() {
    group.elect(0);
    awaitLive(0);
    Machine m = machines.get(0);
    group.holdCommits(true);
    List<EntryResult> results = new ArrayList<>();
    m.term().propose(DATA, bytes("a"), results::add);
    byte[] late = group.member(0).loseNextForNow();
    simulation.advance(Duration.ofMillis(130)); // the no-op of the new chain is under way
    assertThat(((EntryResult.Voided) results.get(0)).mayApply()).isTrue();
    group.append(late);
    group.holdCommits(false);
    simulation.await(() -> m.term().live(), Duration.ofSeconds(1));
    m.term().propose(DATA, bytes("b"), results::add);
    simulation.advance(Duration.ofMillis(5));
    assertThat(m.applied).containsSubsequence("a", "b");
    assertThat(machines.get(2).applied).isEqualTo(m.applied);
  }

  @Test
  void what_has_applied_is_told_once_whatever_becomes_of_its_proposal() {
    group.elect(0);
    awaitLive(0);
    Machine m = machines.get(0);
    group.holdCommits(true);
    List<EntryResult> results = new ArrayList<>();
    m.term().proposeToAnswer(DATA, bytes("a"), results::add);
    m.term().propose(DATA, bytes("b"), results::add);
    m.term().proposeToAnswer(DATA, bytes("c"), results::add);
    m.term().proposeToAnswer(DATA, bytes("d"), results::add);
    group.member(0).commitNextInDoubt();
    group.member(0).commitNextInDoubt();
    simulation.run();
    assertThat(results).hasSize(2).allMatch(EntryResult.Applied.class::isInstance);
    group.member(0).commitNextInSilence();
    simulation.advance(L.dividedBy(2));
    assertThat(results).as("by the next look at the lease").hasSize(3);
    group.member(0).commitNext();
    simulation.run();
    assertThat(results).hasSize(4).allMatch(EntryResult.Applied.class::isInstance);
    assertThat(m.voids).isZero();
    assertThat(m.applied).containsSubsequence("a", "b", "c", "d");
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /** Keeps the bodies of accepted entries. */
  private final class Machine implements ReplicatedStateMachine, LeaderTerm.Listener {
    private final int member;
    private final EntryChain chain = new EntryChain();
    private final List<String> applied = new ArrayList<>();
    private @Nullable LeaderTerm term;
    private int lives;
    private int voids;

    Machine(int member) {
      this.member = member;
    }

    LeaderTerm term() {
      return Objects.requireNonNull(term);
    }

    @Override
    public void live() {
      lives++;
    }

    @Override
    public void voided(String reason) {
      voids++;
    }

    @Override
    public RaftPosition open() {
      return RaftPosition.NONE;
    }

    @Override
    public void apply(AppliedEntry entry) {
      LogEntryFrame frame = LogEntryFrame.decode(entry.payload());
      boolean accepted = chain.accept(entry.term(), frame);
      if (accepted) {
        byte[] body = new byte[frame.body().remaining()];
        frame.body().get(body);
        applied.add(new String(body, java.nio.charset.StandardCharsets.UTF_8));
      }
      if (term != null && term.term() == frame.term()) {
        term.applied(frame.number(), new RaftPosition(entry.term(), entry.index()), accepted);
      }
    }

    @Override
    public void leadershipGained(Leadership leadership) {
      LeaderTerm.Surroundings env =
          new LeaderTerm.Surroundings(
              simulation::nanoTime,
              simulation::wallMillis,
              new SerialExecutor(simulation),
              simulation,
              L);
      term = new LeaderTerm(leadership, group.member(member), env, this);
      env.loop().execute(term::start);
    }

    @Override
    public void leadershipLost() {
      if (term != null) {
        term.end("lost");
      }
    }

    @Override
    public void advance(RaftPosition position) {}

    @Override
    public RaftPosition flush() {
      return RaftPosition.NONE;
    }

    @Override
    public RaftPosition checkpoint(Path directory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public RaftPosition install(Path directory) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void failed(Throwable cause) {}

    @Override
    public void close() {}
  }
}
