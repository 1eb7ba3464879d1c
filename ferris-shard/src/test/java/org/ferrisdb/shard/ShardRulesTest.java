package org.ferrisdb.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.shard.testing.ShardCluster.bytes;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.Committed;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.ConditionFailed;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.state.ClientId;
import org.ferrisdb.shard.state.EntryBody;
import org.ferrisdb.shard.state.EntryBodyCodec;
import org.ferrisdb.shard.testing.ShardCluster;
import org.ferrisdb.shard.testing.ShardCluster.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rules of the design as a shard's clients see them; those of the lease alone: LeaderTermTest.
 */
class ShardRulesTest {
  @TempDir Path directory;
  private ShardCluster cluster;
  private Client client;

  @BeforeEach
  void start() {
    cluster = ShardCluster.started(directory);
    client = cluster.client(1);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private ShardException failure(CompletableFuture<?> future) {
    return cluster.failure(future);
  }

  // ---- rules 2 to 5: leases ---------------------------------------------------------------------

  @Test
  void rule_2_a_new_leader_answers_nothing_while_the_old_one_may() {
    cluster.commit(0, client.put("k", "old"));
    cluster.group.electSilently(1);
    long elected = cluster.simulation.nanoTime();
    CompletableFuture<GetResult> read = cluster.get(1, "k", 0);
    CompletableFuture<WriteOutcome> write = cluster.replica(1).write(client.put("k", "new"));
    while (cluster.replica(0).status().leaseMillisLeft() > 0) {
      assertThat(read).isNotDone();
      assertThat(write).isNotDone();
      cluster.simulation.advance(Duration.ofMillis(10));
    }
    assertThat(ShardCluster.value(cluster.simulation.get(read))).isIn("old", "new");
    assertThat(cluster.simulation.get(write)).isInstanceOf(Committed.class);
    assertThat(cluster.simulation.nanoTime() - elected)
        .isGreaterThanOrEqualTo(ShardCluster.LEASE.toNanos());
  }

  @Test
  void rule_3_a_read_whose_timestamp_came_after_the_lease_had_ended_is_not_answered() {
    cluster.commit(0, client.put("k", "old"));
    cluster.oracle.setDelay(Duration.ofSeconds(2));
    CompletableFuture<GetResult> read = cluster.get(0, "k", 0);
    CompletableFuture<ScanPage> scan = cluster.scan(0, 0);
    cluster.simulation.run();
    cluster.group.electSilently(1);
    cluster.oracle.setDelay(Duration.ZERO);
    cluster.awaitServing(1);
    cluster.commit(1, client.put("k", "new"));
    cluster.simulation.advance(Duration.ofSeconds(3));
    // Its timestamp is newer than the new value's, which it has not seen.
    for (CompletableFuture<?> each : List.of(read, scan)) {
      assertThat(each.isDone() && !each.isCompletedExceptionally()).isFalse();
    }
    cluster.group.member(0).learnOfNewLeader();
    assertThat(failure(read).reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(failure(scan).reason()).isEqualTo(Reason.NOT_LEADER);
  }

  @Test
  void who_leads_no_more_lets_nobody_wait_for_a_timestamp_that_is_on_its_way() {
    cluster.commit(0, client.put("k", "old"));
    cluster.oracle.setDelay(Duration.ofSeconds(5));
    CompletableFuture<GetResult> read = cluster.get(0, "k", 0);
    CompletableFuture<WriteOutcome> write = cluster.replica(0).write(client.put("k", "lost"));
    cluster.simulation.run();
    cluster.oracle.setDelay(Duration.ZERO);
    cluster.group.electSilently(1);
    assertThat(read).isNotDone();
    assertThat(write).isNotDone();

    cluster.group.member(0).learnOfNewLeader();
    cluster.simulation.run();

    assertThat(read).isDone();
    assertThat(write).isDone();
    assertThat(failure(read).reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(failure(write).reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(failure(write).applied()).isEqualTo(Applied.NO);
    cluster.awaitServing(1);
    cluster.simulation.advance(Duration.ofSeconds(6)); // now the timestamp comes
    assertThat(ShardCluster.value(cluster.simulation.get(cluster.get(1, "k", 0)))).isEqualTo("old");
  }

  @Test
  void rule_3_a_read_that_waited_for_longer_than_the_lease_needs_a_new_one() {
    cluster.group.holdCommits(true);
    CompletableFuture<WriteOutcome> write = cluster.replica(0).write(client.put("k", "1"));
    cluster.simulation.advance(Duration.ofMillis(2));
    CompletableFuture<GetResult> read = cluster.get(0, "k", 0);
    CompletableFuture<ScanPage> scan = cluster.scan(0, 0);
    cluster.simulation.advance(Duration.ofMillis(600));
    cluster.group.member(0).commitNext();
    cluster.simulation.run();
    assertThat(write).as("it is in the log, lease or not").isCompleted();
    // The entry renewed the lease from its proposal, which is too long ago by now.
    assertThat(read).isNotDone();
    assertThat(scan).isNotDone();
    cluster.group.holdCommits(false);
    assertThat(ShardCluster.value(cluster.simulation.get(read))).isEqualTo("1");
    assertThat(ShardCluster.text(cluster.simulation.get(scan))).isEqualTo("k=1");
  }

  @Test
  void rule_3_a_failed_condition_is_not_told_by_a_deposed_leader() {
    cluster.commit(0, client.put("k", "1"));
    cluster.group.electSilently(1);
    cluster.awaitServing(1);
    cluster.commit(1, client.put("k", "2"));
    CompletableFuture<WriteOutcome> stale =
        cluster.replica(0).write(client.compareAndSet("k", "2", "3"));
    cluster.simulation.advance(Duration.ofSeconds(1));
    assertThat(stale.isDone() && !stale.isCompletedExceptionally()).isFalse();
    cluster.group.member(0).learnOfNewLeader();
    assertThat(failure(stale).reason()).isEqualTo(Reason.NOT_LEADER);
  }

  @Test
  void rule_4_a_leader_elected_again_knows_nothing_of_its_earlier_term() {
    cluster.group.holdCommits(true);
    Write lost = client.put("k", "lost");
    CompletableFuture<WriteOutcome> write = cluster.replica(0).write(lost);
    cluster.simulation.advance(Duration.ofMillis(5));
    cluster.group.elect(0); // what was in flight is not in the log
    cluster.group.holdCommits(false);
    cluster.awaitServing(0);
    // The overlay of the earlier term would show it, and would never be cleared.
    String seen = cluster.read(0, "k");
    boolean again = write.isDone() && !write.isCompletedExceptionally();
    assertThat(seen).isEqualTo(again ? "lost" : null);
    assertThat(cluster.simulation.get(cluster.replica(0).write(lost)))
        .isInstanceOf(Committed.class);
  }

  @Test
  void rule_4_the_timestamp_floor_is_drawn_after_the_lease_wait() {
    cluster.commit(0, client.put("k", "1"));
    cluster.group.electSilently(1);
    // The old leader may still answer reads, at timestamps drawn now.
    cluster.simulation.advance(Duration.ofMillis(300));
    CompletableFuture<GetResult> late = cluster.get(0, "k", 0);
    cluster.simulation.run();
    long readAt = cluster.simulation.get(late).timestamp();
    cluster.awaitServing(1);
    assertThat(cluster.commit(1, client.put("k", "2"))).isGreaterThan(readAt);
  }

  @Test
  void rule_5_without_a_lease_requests_are_sent_elsewhere_and_leadership_given_up() {
    cluster.group.electSilently(1);
    cluster.simulation.advance(Duration.ofMillis(600));
    ShardException e = failure(cluster.get(0, "k", 0));
    assertThat(e.reason()).isEqualTo(Reason.NOT_LEADER);
    cluster.simulation.advance(Duration.ofSeconds(5));
    assertThat(cluster.group.member(0).stepDowns()).isPositive();
  }

  // ---- rules 6 to 9: entries --------------------------------------------------------------------

  @Test
  void rule_6_what_was_evaluated_on_a_lost_entry_never_applies() {
    cluster.commit(0, client.put("k", "0"));
    cluster.group.holdCommits(true);
    CompletableFuture<WriteOutcome> a =
        cluster.replica(0).write(client.compareAndSet("k", "0", "1"));
    cluster.simulation.advance(Duration.ofMillis(2));
    CompletableFuture<WriteOutcome> b =
        cluster.replica(0).write(client.compareAndSet("k", "1", "2"));
    cluster.simulation.advance(Duration.ofMillis(2));
    assertThat(cluster.group.member(0).pending()).isEqualTo(2);
    cluster.group.member(0).refuseNext();
    cluster.group.member(0).commitNext(); // b's entry, without a's
    assertThat(cluster.describe(1)).contains("'k' @").contains("= '0'");
    cluster.group.holdCommits(false);
    // All is evaluated anew, in the same order.
    assertThat(cluster.simulation.get(a)).isInstanceOf(Committed.class);
    assertThat(cluster.simulation.get(b)).isInstanceOf(Committed.class);
    assertThat(cluster.read(0, "k")).isEqualTo("2");
    assertSameEverywhere();
  }

  @Test
  void rule_6_an_entry_that_was_given_up_and_applies_late_counts_once() {
    cluster.group.holdCommits(true);
    CompletableFuture<WriteOutcome> a = cluster.replica(0).write(client.put("k", "1"));
    cluster.simulation.advance(Duration.ofMillis(2));
    byte[] late = cluster.group.member(0).loseNextForNow();
    cluster.simulation.run();
    cluster.group.append(late);
    cluster.group.holdCommits(false);
    long version = ((Committed) cluster.simulation.get(a)).version();
    var value = cluster.simulation.get(cluster.get(0, "k", 0)).values().getFirst();
    assertThat(value.version()).isEqualTo(version);
    assertThat(cluster.simulation.get(cluster.get(0, "k", version - 1)).values().getFirst())
        .isNull();
    assertSameEverywhere();
  }

  @Test
  void rule_7_nothing_is_evaluated_over_a_change_of_the_descriptor() {
    cluster.group.holdCommits(true);
    cluster.setDescriptor(ShardCluster.descriptor(2, KeyRange.ALL));
    cluster.replica(0).descriptorChanged();
    cluster.simulation.run();
    assertThat(cluster.group.member(0).pending()).isEqualTo(1);
    CompletableFuture<WriteOutcome> write = cluster.replica(0).write(client.put("k", "v"));
    CompletableFuture<GetResult> read = cluster.get(0, "k", 0);
    cluster.simulation.advance(Duration.ofMillis(5));
    assertThat(cluster.group.member(0).pending()).isEqualTo(1);
    assertThat(read).isNotDone();
    cluster.group.member(0).commitNext();
    // They were routed by epoch 1, which is over by the time they are evaluated.
    assertThat(failure(write).reason()).isEqualTo(Reason.WRONG_EPOCH);
    assertThat(failure(read).reason()).isEqualTo(Reason.WRONG_EPOCH);
  }

  @Test
  void rule_8_an_outcome_that_rests_on_what_is_in_flight_is_told_when_that_has_applied() {
    cluster.commit(0, client.put("k", "0"));
    cluster.group.holdCommits(true);
    CompletableFuture<WriteOutcome> write = cluster.replica(0).write(client.put("k", "1"));
    cluster.simulation.advance(Duration.ofMillis(2));
    CompletableFuture<WriteOutcome> refused =
        cluster.replica(0).write(client.compareAndSet("k", "0", "x"));
    CompletableFuture<GetResult> read = cluster.get(0, "k", 0);
    CompletableFuture<ScanPage> scan = cluster.scan(0, 0);
    CompletableFuture<GetResult> other = cluster.get(0, "other", 0);
    cluster.simulation.advance(Duration.ofMillis(2));
    assertThat(refused).isNotDone();
    assertThat(read).isNotDone();
    assertThat(scan).isNotDone();
    assertThat(other).as("rests on nothing").isDone();
    cluster.group.member(0).commitNext();
    cluster.simulation.run();
    assertThat(cluster.simulation.get(write)).isInstanceOf(Committed.class);
    assertThat(ShardCluster.value(cluster.simulation.get(read))).isEqualTo("1");
    assertThat(ShardCluster.text(cluster.simulation.get(scan))).isEqualTo("k=1");
    cluster.group.holdCommits(false);
    assertThat(cluster.simulation.get(refused)).isInstanceOf(ConditionFailed.class);
  }

  @Test
  void rule_8_a_condition_that_failed_on_an_entry_that_is_lost_is_decided_anew() {
    cluster.commit(0, client.put("k", "0"));
    cluster.group.holdCommits(true);
    CompletableFuture<WriteOutcome> lost = cluster.replica(0).write(client.put("k", "1"));
    cluster.simulation.advance(Duration.ofMillis(2));
    CompletableFuture<WriteOutcome> cas =
        cluster.replica(0).write(cluster.client(2).compareAndSet("k", "0", "x"));
    cluster.simulation.advance(Duration.ofMillis(2));
    cluster.group.elect(1);
    cluster.group.holdCommits(false);
    cluster.awaitServing(1);
    assertThat(failure(lost).applied()).isEqualTo(Applied.UNKNOWN);
    assertThat(failure(cas).applied()).isEqualTo(Applied.UNKNOWN);
    assertThat(cluster.read(1, "k")).isEqualTo("0");
    assertThat(cluster.write(1, cluster.client(2).compareAndSet("k", "0", "x")))
        .isInstanceOf(Committed.class);
  }

  @Test
  void rule_9_a_replica_that_replays_its_log_or_part_of_it_has_the_same_state() {
    for (int i = 0; i < 50; i++) {
      cluster.commit(0, client.put("k" + i % 7, "v" + i));
      if (i == 20) {
        cluster.replica(1).flush();
      }
      if (i == 30) {
        client.acknowledgeAll();
      }
    }
    assertSameEverywhere();
    cluster.restart(1);
    cluster.restart(2);
    assertSameEverywhere();
    assertThat(cluster.describe(1)).contains("client ").contains("'k3' @");
  }

  // ---- rule 10: exactly once --------------------------------------------------------------------

  @Test
  void rule_10_a_repeated_write_is_applied_once_wherever_it_is_repeated() throws Exception {
    Write call = client.put("k", "1");
    long version = cluster.commit(0, call);
    cluster.commit(0, cluster.client(2).put("k", "2"));
    assertThat(cluster.commit(0, call)).isEqualTo(version);
    cluster.electAndAwait(1);
    assertThat(cluster.commit(1, call)).isEqualTo(version);
    cluster.restart(1);
    cluster.electAndAwait(1);
    assertThat(cluster.commit(1, call)).isEqualTo(version);
    Path checkpoint = directory.resolve("checkpoint");
    cluster.replica(1).checkpoint(checkpoint);
    cluster.group.member(2).install(checkpoint);
    cluster.electAndAwait(2);
    assertThat(cluster.commit(2, call)).isEqualTo(version);
    assertThat(cluster.read(2, "k")).isEqualTo("2");
    assertSameEverywhere();
  }

  @Test
  void rule_10_a_refused_condition_stays_refused_when_the_call_is_repeated() {
    cluster.commit(0, client.put("k", "1"));
    Write call = client.compareAndSet("k", "2", "3");
    WriteOutcome refused = cluster.write(0, call);
    assertThat(refused).isInstanceOf(ConditionFailed.class);
    cluster.commit(0, cluster.client(2).put("k", "2"));
    assertThat(cluster.write(0, call)).isEqualTo(refused);
    cluster.electAndAwait(1);
    assertThat(cluster.write(1, call)).isEqualTo(refused);
    assertThat(cluster.read(1, "k")).isEqualTo("2");
  }

  @Test
  void rule_10_a_duplicate_of_what_is_in_flight_gets_the_same_answer() {
    cluster.group.holdCommits(true);
    Write call = client.put("k", "1");
    CompletableFuture<WriteOutcome> first = cluster.replica(0).write(call);
    CompletableFuture<WriteOutcome> twin = cluster.replica(0).write(call);
    cluster.simulation.advance(Duration.ofMillis(2));
    CompletableFuture<WriteOutcome> second = cluster.replica(0).write(call);
    cluster.simulation.advance(Duration.ofMillis(2));
    assertThat(cluster.group.member(0).pending()).isEqualTo(1);
    cluster.group.member(0).commitNext();
    assertThat(cluster.simulation.get(second)).isEqualTo(cluster.simulation.get(first));
    assertThat(cluster.simulation.get(twin)).isEqualTo(cluster.simulation.get(first));
  }

  @Test
  void rule_10_a_call_whose_outcome_is_forgotten_is_never_executed() {
    Write old = client.put("k", "1");
    cluster.commit(0, old);
    client.acknowledgeAll();
    cluster.commit(0, client.put("k", "2"));
    ShardException e = failure(cluster.replica(0).write(old));
    assertThat(e.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(e.applied()).isEqualTo(Applied.UNKNOWN);
    assertThat(cluster.read(0, "k")).isEqualTo("2");
  }

  @Test
  void rule_10_an_expired_call_is_refused_and_said_to_be_unknown_once_its_outcome_may_be_gone() {
    Write call = client.put("k", "1");
    cluster.simulation.advance(Duration.ofSeconds(11));
    ShardException e = failure(cluster.replica(0).write(call));
    assertThat(e.reason()).isEqualTo(Reason.EXPIRED);
    assertThat(e.applied()).isEqualTo(Applied.NO);
    cluster.commit(0, client.put("other", "1"));
    ShardException later = failure(cluster.replica(0).write(call));
    assertThat(later.reason()).isEqualTo(Reason.EXPIRED);
    assertThat(later.applied()).isEqualTo(Applied.UNKNOWN);
    assertThat(cluster.read(0, "k")).isNull();
  }

  @Test
  void rule_10_apply_refuses_what_has_expired_whoever_proposed_it() {
    long now = cluster.oracle.next(1);
    EntryBody.Command expired =
        new EntryBody.Command(
            new ClientId(9, 9),
            1,
            0,
            now - 1,
            now,
            new Committed(now),
            List.of(new Mutation(bytes("k"), bytes("v"))));
    EntryBody body = new EntryBody.Writes(List.of(expired));
    cluster.group.elect(1);
    long term = cluster.group.term();
    LogEntryFrame frame =
        new LogEntryFrame(EntryBodyCodec.WRITES, term, 1, 0, EntryBodyCodec.encode(body));
    ByteBuffer entry = frame.encode();
    byte[] payload = new byte[entry.remaining()];
    entry.get(payload);
    cluster.group.append(payload);
    for (int i = 0; i < 3; i++) {
      assertThat(cluster.replica(i).state().get(bytes("k"), Long.MAX_VALUE)).isNull();
    }
    assertThat(cluster.describe(0)).contains("chain term " + term + " number 1");
  }

  @Test
  void rule_10_the_table_is_bounded_and_time_or_acknowledgement_makes_room() {
    cluster.close();
    ShardLimits d = ShardLimits.defaults();
    ShardLimits small =
        new ShardLimits(
            d.maxKeyBytes(),
            d.maxValueBytes(),
            d.maxBatchBytes(),
            d.maxEntryBytes(),
            1000,
            4,
            1,
            20,
            d.maxExpiryMillis(),
            d.retentionMillis());
    cluster = ShardCluster.started(directory.resolve("small"), small);
    client = cluster.client(1);
    List<Write> calls = new ArrayList<>();
    for (int i = 0; i < 19; i++) {
      calls.add(client.put("k", "v" + i));
      cluster.commit(0, calls.getLast());
    }
    ShardException e = failure(cluster.replica(0).write(client.put("k", "w")));
    assertThat(e.reason()).isEqualTo(Reason.TABLE_FULL);
    assertThat(cluster.commit(0, calls.getFirst())).isPositive();
    cluster.simulation.advance(Duration.ofSeconds(12));
    failure(cluster.replica(0).write(client.put("k", "w"))); // lets time pass in the log
    cluster.simulation.advance(Duration.ofMillis(10));
    assertThat(cluster.replica(2).status().outcomes()).isZero();
    cluster.commit(0, client.put("k", "w"));
    assertSameEverywhere();
  }

  // ---- reading and writing at timestamps --------------------------------------------------------

  @Test
  void a_read_at_a_timestamp_is_not_changed_by_a_write_that_drew_earlier() {
    cluster.oracle.setDelay(Duration.ofMillis(20));
    CompletableFuture<GetResult> first = cluster.get(0, "x", 0);
    cluster.simulation.advance(Duration.ofMillis(1));
    // Both wait for the draw of the first batch; the snapshot is newer than what they will draw.
    cluster.oracle.setDelay(Duration.ZERO);
    CompletableFuture<WriteOutcome> write = cluster.replica(0).write(client.put("k", "v"));
    cluster.simulation.get(first);
    long snapshot = cluster.oracle.next(1);
    GetResult before = cluster.simulation.get(cluster.get(0, "k", snapshot));
    cluster.simulation.get(write);
    GetResult after = cluster.simulation.get(cluster.get(0, "k", snapshot));
    assertThat(ShardCluster.value(after)).isEqualTo(ShardCluster.value(before));
  }

  @Test
  void a_write_commits_above_every_read_of_its_keys_even_one_above_its_own_draw() {
    cluster.oracle.setDelay(Duration.ofMillis(20));
    CompletableFuture<GetResult> first = cluster.get(0, "x", 0);
    cluster.simulation.advance(Duration.ofMillis(1));
    long last = cluster.oracle.next(1);
    // Both wait for the draw of the first, and are then one batch, which draws two: the second
    // would be the write's.
    cluster.oracle.setDelay(Duration.ZERO);
    CompletableFuture<GetResult> read = cluster.get(0, "k", last + 3);
    CompletableFuture<WriteOutcome> write = cluster.replica(0).write(client.put("k", "v"));
    cluster.simulation.get(first);
    assertThat(ShardCluster.value(cluster.simulation.get(read))).isNull();
    long version = ((Committed) cluster.simulation.get(write)).version();
    assertThat(version).isGreaterThan(last + 3);
  }

  private void assertSameEverywhere() {
    cluster.simulation.advance(Duration.ofMillis(50));
    assertThat(cluster.describe(1)).isEqualTo(cluster.describe(0));
    assertThat(cluster.describe(2)).isEqualTo(cluster.describe(0));
  }
}
