package org.ferrisdb.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.testing.ShardCluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The account of where a request's time goes, in simulated time: to the nanosecond. */
final class RequestStagesTest {
  @TempDir Path directory;
  private ShardCluster cluster;

  @BeforeEach
  void start() {
    cluster = ShardCluster.started(directory);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private RequestStages begin() {
    return new RequestStages(cluster.simulation.nanoTime());
  }

  private CompletableFuture<WriteOutcome> put(int member, String key, RequestStages stages) {
    return cluster.replica(member).write(cluster.client(7).put(key, "v"), stages);
  }

  private CompletableFuture<GetResult> get(int member, String key, RequestStages stages) {
    return cluster.replica(member).get(new Get(1, List.of(ShardCluster.bytes(key)), 0), stages);
  }

  /** The stages that took any time, in milliseconds. */
  private Map<Stage, Long> millis(RequestStages stages) {
    Map<Stage, Long> millis = new EnumMap<>(Stage.class);
    for (Stage stage : Stage.values()) {
      long nanos = stages.nanos(stage, cluster.simulation.nanoTime());
      if (nanos != 0) {
        millis.put(stage, nanos / 1_000_000);
      }
    }
    return millis;
  }

  @Test
  void a_write_waits_for_its_timestamp_and_for_a_majority() {
    cluster.oracle.setDelay(Duration.ofMillis(7));
    cluster.group.setLatency(Duration.ofMillis(40));
    RequestStages stages = begin();
    cluster.simulation.get(put(0, "a", stages));

    assertThat(stages.current()).isEqualTo(Stage.ANSWER);
    assertThat(millis(stages)).isEqualTo(Map.of(Stage.TIMESTAMP, 7L, Stage.REPLICATION, 40L));
  }

  @Test
  void what_comes_while_a_batch_draws_waits_in_the_mailbox() {
    cluster.oracle.setDelay(Duration.ofMillis(10));
    cluster.group.setLatency(Duration.ofMillis(40));
    RequestStages first = begin();
    RequestStages second = begin();
    var answers = CompletableFuture.allOf(get(0, "a", first), get(0, "a", new RequestStages(0)));
    cluster.simulation.advance(Duration.ofMillis(4));
    second.enter(Stage.FRONT_DOOR, cluster.simulation.nanoTime());
    cluster.simulation.get(CompletableFuture.allOf(answers, get(0, "b", second)));

    assertThat(millis(second))
        .isEqualTo(Map.of(Stage.FRONT_DOOR, 4L, Stage.MAILBOX, 6L, Stage.TIMESTAMP, 10L));
  }

  @Test
  void a_read_waits_for_the_write_before_it() {
    cluster.group.holdCommits(true);
    var write = put(0, "a", begin());
    cluster.simulation.advance(Duration.ofMillis(1));
    RequestStages read = begin();
    RequestStages scan = begin();
    var got = get(0, "a", read);
    byte[] none = new byte[0];
    var scanned =
        cluster.replica(0).scan(new Scan(1, none, none, false, 10, 1 << 20, false, 0), scan);
    cluster.simulation.advance(Duration.ofMillis(25));
    assertThat(read.current()).isEqualTo(Stage.WRITES_BEFORE);
    assertThat(got).isNotDone();
    cluster.group.holdCommits(false);
    cluster.simulation.get(CompletableFuture.allOf(write, got, scanned));

    assertThat(millis(read)).isEqualTo(Map.of(Stage.WRITES_BEFORE, 25L));
    assertThat(millis(scan)).isEqualTo(Map.of(Stage.WRITES_BEFORE, 25L));
  }

  @Test
  void a_new_leader_waits_for_the_old_ones_lease() {
    cluster.group.elect(1);
    cluster.simulation.advance(Duration.ofMillis(100));
    RequestStages stages = begin();
    cluster.simulation.get(put(1, "a", stages));

    assertThat(stages.nanos(Stage.LEASE, cluster.simulation.nanoTime()))
        .isBetween(350_000_000L, 450_000_000L);
    assertThat(millis(stages)).containsOnlyKeys(Stage.LEASE, Stage.REPLICATION);
  }

  @Test
  void a_leader_that_slept_renews_its_lease_first() {
    cluster.simulation.advance(Duration.ofSeconds(60));
    cluster.group.setLatency(Duration.ofMillis(30));
    RequestStages stages = begin();
    cluster.simulation.get(get(0, "a", stages));
    RequestStages next = begin();
    cluster.simulation.get(get(0, "a", next));

    assertThat(millis(stages)).isEqualTo(Map.of(Stage.LEASE, 30L));
    assertThat(millis(next)).isEmpty();
  }

  @Test
  void a_request_that_is_refused_for_want_of_a_lease_has_waited_for_one() {
    cluster.group.holdCommits(true);
    cluster.simulation.advance(Duration.ofSeconds(60));
    RequestStages stages = begin();
    ShardException failure = cluster.failure(get(0, "a", stages));

    assertThat(failure.reason()).isEqualTo(ShardException.Reason.NOT_LEADER);
    assertThat(millis(stages)).containsOnlyKeys(Stage.LEASE);
    assertThat(stages.nanos(Stage.LEASE, cluster.simulation.nanoTime()))
        .isGreaterThan(1_900_000_000L);
  }

  @Test
  void a_request_under_way_is_where_it_is() {
    cluster.group.holdCommits(true);
    RequestStages stages = begin();
    var write = put(0, "a", stages);
    cluster.simulation.advance(Duration.ofMillis(300));

    assertThat(write).isNotDone();
    assertThat(stages.current()).isEqualTo(Stage.REPLICATION);
    assertThat(millis(stages)).isEqualTo(Map.of(Stage.REPLICATION, 300L));
  }

  @Test
  void what_is_evaluated_anew_adds_up() {
    cluster.group.holdCommits(true);
    RequestStages stages = begin();
    var write = put(0, "a", stages);
    cluster.simulation.advance(Duration.ofMillis(50));
    cluster.group.member(0).refuseNext();
    cluster.group.holdCommits(false);
    cluster.group.setLatency(Duration.ofMillis(10));
    long from = cluster.simulation.nanoTime();
    cluster.simulation.get(write);

    long sum = 0;
    for (Stage stage : Stage.values()) {
      sum += stages.nanos(stage, cluster.simulation.nanoTime());
    }
    assertThat(sum).isEqualTo(cluster.simulation.nanoTime() - from + 50_000_000);
    assertThat(millis(stages)).containsEntry(Stage.REPLICATION, 60L).containsKey(Stage.LEASE);
  }

  @Test
  void a_part_of_a_stage_that_was_spent_otherwise_is_never_more_than_the_stage() {
    RequestStages inside = new RequestStages(100);
    inside.enter(Stage.MAILBOX, 200, Stage.LEASE, 50, 150);
    assertThat(inside.nanos(Stage.FRONT_DOOR, 200)).isEqualTo(50);
    assertThat(inside.nanos(Stage.LEASE, 200)).isEqualTo(50);

    RequestStages before = new RequestStages(100);
    before.enter(Stage.MAILBOX, 200, Stage.LEASE, 50, 80);
    assertThat(before.nanos(Stage.FRONT_DOOR, 200)).isEqualTo(100);
    assertThat(before.nanos(Stage.LEASE, 200)).isZero();
  }
}
