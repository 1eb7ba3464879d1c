package org.ferrisdb.shard.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.shard.meta.MetaFixtures.form;
import static org.ferrisdb.shard.meta.MetaFixtures.node;
import static org.ferrisdb.shard.meta.MetaFixtures.replicas;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.testing.SimulatedGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplicatedMetaTest {
  @TempDir Path root;
  private MetaCluster cluster;

  @BeforeEach
  void start() {
    cluster = MetaCluster.started(root);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void a_command_changes_every_replica_and_tells_those_who_listen() {
    List<Long> heard = new ArrayList<>();
    cluster.replica(1).onChange(map -> heard.add(map.version()));
    ShardMap map = cluster.run(0, form(4));
    assertThat(map.shards()).hasSize(4);
    cluster.run(0, new MetaCommand.RegisterNode(node(4, "n3")));
    cluster.run(0, form(4));
    assertThat(heard).containsExactly(1L, 2L);
    assertThat(cluster.replica(2).map()).isEqualTo(cluster.replica(0).map());
    assertSameState();
    assertThat(cluster.replica(2).status().operations()).hasSize(5);
  }

  @Test
  void a_refused_command_says_why_and_what_stands() {
    cluster.run(0, form(2));
    cluster.run(0, new MetaCommand.RegisterNode(node(4, "n3")));
    cluster.run(0, replicas(1, 1, 1, 2, 4));
    ShardException failure = cluster.failure(cluster.replica(0).execute(replicas(1, 1, 1, 4)));
    assertThat(failure.reason()).isEqualTo(Reason.WRONG_EPOCH);
    assertThat(failure.applied()).isEqualTo(Applied.NO);
    assertThat(failure.descriptors())
        .containsExactly(cluster.replica(0).map().shard(new ShardId(1)).orElseThrow());
    assertThat(cluster.failure(cluster.replica(0).execute(form(3))).reason())
        .isEqualTo(Reason.INVALID);
    assertThat(
            cluster
                .failure(
                    cluster
                        .replica(0)
                        .execute(new MetaCommand.ChangeSetting("x", "y".repeat(70_000))))
                .reason())
        .isEqualTo(Reason.LIMIT_EXCEEDED);
  }

  @Test
  void commands_given_together_travel_together() {
    cluster.run(0, form(1));
    int before = cluster.group.member(0).proposals();
    List<CompletableFuture<ShardMap>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(cluster.replica(0).execute(new MetaCommand.ChangeSetting("s" + i, "v")));
    }
    all.forEach(f -> cluster.sim.get(f));
    assertThat(cluster.replica(1).state().settings()).hasSize(100);
    assertThat(cluster.group.member(0).proposals() - before).isLessThan(5);
  }

  @Test
  void who_does_not_lead_says_who_does() {
    ShardException failure = cluster.failure(cluster.replica(1).execute(form(1)));
    assertThat(failure.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(failure.leader()).contains(SimulatedGroup.nodeId(0));
    assertThat(cluster.failure(cluster.replica(2).drawTimestamps(1)).leader())
        .contains(SimulatedGroup.nodeId(0));
    assertThat(cluster.replica(1).serving()).isFalse();
  }

  @Test
  void a_leader_that_is_deposed_fails_what_waits_and_what_it_had_proposed() {
    cluster.run(0, form(1));
    cluster.group.holdCommits(true);
    CompletableFuture<ShardMap> proposed =
        cluster.replica(0).execute(new MetaCommand.ChangeSetting("a", "1"));
    cluster.sim.run();
    CompletableFuture<ShardMap> queued =
        cluster.replica(0).execute(new MetaCommand.ChangeSetting("b", "1"));
    cluster.sim.run();
    cluster.group.elect(1);
    assertThat(cluster.failure(proposed).applied()).isEqualTo(Applied.UNKNOWN);
    ShardException refused = cluster.failure(queued);
    assertThat(refused.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(refused.applied()).isEqualTo(Applied.NO);
  }

  @Test
  void a_proposal_that_failed_is_followed_by_service_as_before() {
    cluster.run(0, form(1));
    cluster.group.holdCommits(true);
    CompletableFuture<ShardMap> lost =
        cluster.replica(0).execute(new MetaCommand.ChangeSetting("a", "1"));
    cluster.sim.run();
    while (cluster.group.member(0).pending() > 0) {
      cluster.group.member(0).loseNext();
    }
    cluster.group.holdCommits(false);
    assertThat(cluster.failure(lost).reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    cluster.run(0, new MetaCommand.ChangeSetting("a", "2"));
    assertThat(cluster.replica(2).state().settings()).containsEntry("a", "2");
    assertSameState();
  }

  @Test
  void without_a_majority_every_request_ends_in_time() {
    cluster.run(0, form(1));
    cluster.draw(0);
    cluster.group.holdCommits(true);
    cluster.sim.advance(Duration.ofSeconds(1)); // the lease is over
    CompletableFuture<Long> draw = cluster.replica(0).drawTimestamps(1);
    CompletableFuture<ShardMap> command =
        cluster.replica(0).execute(new MetaCommand.ChangeSetting("a", "1"));
    cluster.sim.advance(Duration.ofMillis(1300));
    assertThat(draw).isDone();
    assertThat(cluster.failure(draw).reason()).isEqualTo(Reason.UNAVAILABLE);
    cluster.sim.advance(Duration.ofSeconds(5));
    assertThat(command).isDone();
    assertThat(cluster.group.member(0).stepDowns()).isPositive();
  }

  @Test
  void timestamps_rise_and_follow_the_clock() {
    long first = cluster.draw(0);
    assertThat(cluster.draw(0)).isGreaterThan(first);
    assertThat(first >>> 16).isBetween(cluster.sim.wallMillis() - 10, cluster.sim.wallMillis());
    cluster.sim.advance(Duration.ofSeconds(60));
    assertThat(cluster.draw(0) >>> 16)
        .isBetween(cluster.sim.wallMillis() - 10, cluster.sim.wallMillis());
    assertThat(cluster.failure(cluster.replica(0).drawTimestamps(0)).reason())
        .isEqualTo(Reason.INVALID);
    assertThat(cluster.replica(0).status().drawn()).isEqualTo(3);
  }

  @Test
  void a_bound_is_used_only_once_it_has_applied() {
    cluster.draw(0);
    cluster.sim.advance(Duration.ofSeconds(10)); // bound and lease are long passed
    cluster.group.holdCommits(true);
    CompletableFuture<Long> draw = cluster.replica(0).drawTimestamps(1);
    cluster.sim.advance(Duration.ofMillis(100));
    assertThat(draw).isNotDone();
    long bound = cluster.replica(0).status().oracleBound();
    while (cluster.group.member(0).pending() > 0) {
      assertThat(draw).isNotDone();
      cluster.group.member(0).commitNext();
      cluster.sim.run();
    }
    assertThat(draw).isDone();
    assertThat(draw.join()).isGreaterThan(bound);
    assertThat(cluster.replica(1).status().oracleBound()).isGreaterThan(draw.join());
  }

  @Test
  void nobody_asks_nothing_is_proposed_and_under_load_little() {
    cluster.draw(0);
    cluster.sim.advance(Duration.ofSeconds(10));
    int before = cluster.group.member(0).proposals();
    cluster.sim.advance(Duration.ofMinutes(10));
    assertThat(cluster.group.member(0).proposals()).isEqualTo(before);
    assertThat(cluster.replica(0).serving()).isTrue();
    for (int i = 0; i < 10_000; i++) {
      assertThat(cluster.draw(0)).isPositive();
      cluster.sim.advance(Duration.ofMillis(1));
    }
    // Ten seconds: a renewal in a quarter of a second, and a bound in a second and a half.
    assertThat(cluster.group.member(0).proposals() - before).isBetween(40, 60);
  }

  @Test
  void a_busy_oracle_answers_at_once_without_waiting_for_renewals() {
    cluster.draw(0);
    for (int i = 0; i < 20_000; i++) {
      assertThat(cluster.replica(0).drawTimestamps(10)).isDone();
      cluster.sim.advance(Duration.ofMillis(1));
    }
  }

  @Test
  void a_deposed_leader_that_does_not_know_stops_before_its_successor_begins() {
    cluster.draw(0);
    cluster.group.electSilently(1);
    long newestOfOld = 0;
    long firstOfNew = 0;
    CompletableFuture<Long> pending = cluster.replica(1).drawTimestamps(1);
    for (int ms = 0; ms < 2000; ms++) {
      CompletableFuture<Long> old = cluster.replica(0).drawTimestamps(1);
      if (old.isDone() && !old.isCompletedExceptionally()) {
        assertThat(pending).as("two leaders serve at %d ms", ms).isNotDone();
        newestOfOld = old.join();
      }
      if (pending.isDone() && firstOfNew == 0) {
        firstOfNew = pending.join();
      }
      cluster.sim.advance(Duration.ofMillis(1));
    }
    assertThat(newestOfOld).as("the old one served under its lease").isPositive();
    assertThat(firstOfNew).isGreaterThan(newestOfOld);
  }

  @Test
  void a_lease_that_ends_during_the_draw_keeps_the_answer_back() {
    for (int read = 1; read <= 2; read++) {
      long before = cluster.draw(0);
      int proposals = cluster.group.member(0).proposals();
      cluster.pauseAtRead(read); // at the check before the draw, and in it
      CompletableFuture<Long> draw = cluster.replica(0).drawTimestamps(1);
      assertThat(draw).as("pause at read %d", read).isNotDone();
      assertThat(cluster.sim.get(draw)).isGreaterThan(before);
      cluster.sim.run();
      assertThat(cluster.group.member(0).proposals()).isGreaterThan(proposals);
    }
  }

  @Test
  void a_wall_clock_that_jumps_forward_raises_an_alarm_and_moves_nothing() {
    long before = cluster.draw(0);
    cluster.sim.jumpWall(Duration.ofHours(1));
    long after = cluster.draw(0);
    assertThat((after >>> 16) - (before >>> 16)).isLessThan(5000);
    assertThat(cluster.replica(0).status().clockAlarm()).isTrue();
    cluster.sim.jumpWall(Duration.ofHours(-1));
    assertThat(cluster.draw(0)).isGreaterThan(after);
    assertThat(cluster.replica(0).status().clockAlarm()).isFalse();
  }

  @Test
  void a_restart_replays_what_was_not_flushed_and_changes_nothing_twice() {
    cluster.run(0, form(2));
    RaftPosition flushed = cluster.replica(2).flush();
    assertThat(flushed.index()).isEqualTo(cluster.group.commitIndex());
    cluster.run(0, new MetaCommand.RegisterNode(node(4, "n3")));
    cluster.draw(0);
    cluster.kill(2);
    cluster.run(0, replicas(1, 1, 1, 2, 4));
    cluster.open(2);
    assertSameState();
    cluster.run(0, replicas(2, 1, 2, 4, 1));
    assertSameState();

    for (int i = 0; i < 3; i++) { // and with everything killed at once
      cluster.replica(i).flush();
    }
    long before = cluster.draw(0);
    for (int i = 0; i < 3; i++) {
      cluster.kill(i);
    }
    for (int i = 0; i < 3; i++) {
      cluster.open(i);
    }
    cluster.electAndWait(1);
    assertThat(cluster.draw(1)).isGreaterThan(before);
    assertThat(cluster.replica(1).map().version()).isEqualTo(4);
    assertSameState();
  }

  @Test
  void flush_covers_the_entries_of_raft_itself_so_that_a_restart_finds_its_position() {
    cluster.run(0, form(1));
    cluster.group.append(null);
    RaftPosition flushed = cluster.replica(1).flush();
    assertThat(flushed.index()).isEqualTo(cluster.group.commitIndex());
    cluster.kill(1);
    cluster.open(1);
    assertThat(cluster.replica(1).status().appliedIndex()).isEqualTo(flushed.index());
  }

  @Test
  void an_empty_replica_is_filled_from_a_checkpoint() {
    cluster.run(0, form(3));
    cluster.run(0, new MetaCommand.RegisterNode(node(4, "n3")));
    cluster.run(0, new MetaCommand.ChangeSetting("a", "1"));
    long before = cluster.draw(0);
    Path copy = root.resolve("copy");
    RaftPosition position = cluster.replica(0).checkpoint(copy);
    cluster.run(0, new MetaCommand.ChangeSetting("a", "2"));

    cluster.group.member(2).setLagging(true);
    List<Long> heard = new ArrayList<>();
    cluster.replica(2).onChange(map -> heard.add(map.version()));
    cluster.run(0, new MetaCommand.ChangeSetting("a", "3"));
    cluster.group.member(2).install(copy); // older than what it has, as it happens; then replays
    cluster.group.member(2).setLagging(false);
    assertThat(position.index()).isPositive();
    assertSameState();
    assertThat(heard).isEmpty(); // same version of the map
    cluster.electAndWait(2);
    assertThat(cluster.draw(2)).isGreaterThan(before);
    cluster.kill(2);
    cluster.open(2);
    assertSameState();
  }

  @Test
  void entries_of_another_term_or_without_their_predecessor_are_rejected_whole() {
    cluster.run(0, form(1));
    String before = cluster.replica(0).digest();
    byte[] body = MetaCommandCodec.encodeEntry(List.of(new MetaCommand.ChangeSetting("evil", "1")));
    long term = cluster.group.term();
    for (LogEntryFrame wrong :
        List.of(
            new LogEntryFrame(MetaLeader.COMMANDS, term - 1, 1, 0, ByteBuffer.wrap(body)),
            new LogEntryFrame(MetaLeader.COMMANDS, term + 1, 1, 0, ByteBuffer.wrap(body)),
            new LogEntryFrame(MetaLeader.COMMANDS, term, 1000, 999, ByteBuffer.wrap(body)))) {
      cluster.group.append(bytes(wrong));
    }
    assertThat(cluster.replica(0).digest()).isEqualTo(before);
    cluster.kill(1);
    cluster.open(1);
    assertSameState();
    cluster.run(0, new MetaCommand.ChangeSetting("good", "1"));
    assertThat(cluster.replica(1).state().settings()).containsOnlyKeys("good");
  }

  @Test
  void an_entry_that_this_version_does_not_know_stops_the_replica_instead_of_parting_it() {
    cluster.run(0, form(1));
    LogEntryFrame unknown =
        new LogEntryFrame(9, cluster.group.term() + 1, 1, 0, ByteBuffer.wrap(new byte[] {1, 2}));
    cluster.kill(0);
    cluster.group.electSilently(1);
    assertThatThrownBy(() -> cluster.group.append(bytes(unknown)))
        .hasMessageContaining("does not know");
    assertThat(cluster.replica(1).status().failure()).contains("does not know");
    assertThat(cluster.replica(1).serving()).isFalse();
  }

  private static byte[] bytes(LogEntryFrame frame) {
    ByteBuffer encoded = frame.encode();
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  private void assertSameState() {
    cluster.sim.run();
    for (int i = 1; i < 3; i++) {
      assertThat(cluster.replica(i).state().describe())
          .isEqualTo(cluster.replica(0).state().describe());
      assertThat(cluster.replica(i).digest()).isEqualTo(cluster.replica(0).digest());
    }
  }
}
