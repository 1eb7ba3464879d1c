package org.ferrisdb.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.shard.testing.ShardCluster.bytes;
import static org.ferrisdb.shard.testing.ShardCluster.text;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardRequests.Condition;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.ConditionFailed;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.testing.ShardCluster;
import org.ferrisdb.shard.testing.ShardCluster.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a shard answers when all goes well, and how it refuses. */
class ShardReplicaTest {
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

  /** What a request failed with. */
  private ShardException failure(CompletableFuture<?> future) {
    return cluster.failure(future);
  }

  @Test
  void a_value_that_was_put_is_read_with_its_version_and_a_deleted_one_is_gone() {
    long version = cluster.commit(0, client.put("k", "v"));
    var result = cluster.simulation.get(cluster.get(0, "k", 0));
    assertThat(ShardCluster.value(result)).isEqualTo("v");
    assertThat(result.values().getFirst().version()).isEqualTo(version);
    assertThat(result.timestamp()).isGreaterThan(version);
    cluster.commit(0, client.call(List.of(), new Mutation(bytes("k"), null)));
    assertThat(cluster.read(0, "k")).isNull();
  }

  @Test
  void conditions_are_tested_on_value_version_and_absence() {
    long first = cluster.commit(0, client.put("k", "1"));
    assertThat(cluster.write(0, client.compareAndSet("k", "0", "x")))
        .isEqualTo(new ConditionFailed(0, true, first));
    long second = cluster.commit(0, client.compareAndSet("k", "1", "2"));
    Mutation set = new Mutation(bytes("k"), bytes("3"));
    assertThat(
            cluster.write(
                0, client.call(List.of(new Condition.HasVersion(bytes("k"), first)), set)))
        .isEqualTo(new ConditionFailed(0, true, second));
    Condition absent = new Condition.IsAbsent(bytes("other"));
    assertThat(
            cluster.write(0, client.call(List.of(absent, new Condition.IsAbsent(bytes("k"))), set)))
        .isEqualTo(new ConditionFailed(1, true, second));
    cluster.commit(0, client.call(List.of(new Condition.HasVersion(bytes("k"), second)), set));
    assertThat(cluster.read(0, "k")).isEqualTo("3");
    assertThat(
            cluster.write(
                0, client.call(List.of(new Condition.HasValue(bytes("no"), bytes("x"))), set)))
        .isEqualTo(new ConditionFailed(0, false, 0));
  }

  @Test
  void old_timestamps_show_old_values_and_a_scan_is_one_cut() {
    long first = cluster.commit(0, client.put("a", "1"));
    cluster.commit(0, client.put("b", "1"));
    long third = cluster.commit(0, client.put("a", "2"));
    assertThat(ShardCluster.value(cluster.simulation.get(cluster.get(0, "a", third - 1))))
        .isEqualTo("1");
    assertThat(ShardCluster.value(cluster.simulation.get(cluster.get(0, "a", first - 1)))).isNull();
    assertThat(text(cluster.simulation.get(cluster.scan(0, third - 1)))).isEqualTo("a=1,b=1");
    assertThat(text(cluster.simulation.get(cluster.scan(0, 0)))).isEqualTo("a=2,b=1");
  }

  @Test
  void scans_page_in_both_directions() {
    for (String key : List.of("a", "b", "c", "d")) {
      cluster.commit(0, client.put(key, key));
    }
    var forward =
        cluster.simulation.get(
            cluster.replica(0).scan(new Scan(1, bytes("b"), new byte[0], false, 2, 1000, true, 0)));
    assertThat(text(forward)).isEqualTo("b=,c=");
    assertThat(forward.more()).isTrue();
    var reverse =
        cluster.simulation.get(
            cluster.replica(0).scan(new Scan(1, new byte[0], bytes("d"), true, 3, 1000, false, 0)));
    assertThat(text(reverse)).isEqualTo("c=c,b=b,a=a");
    assertThat(reverse.more()).isFalse();
  }

  @Test
  void what_waits_together_becomes_one_entry_with_rising_versions() {
    int before = cluster.group.member(0).proposals();
    List<CompletableFuture<WriteOutcome>> results =
        java.util.stream.IntStream.range(0, 100)
            .mapToObj(i -> cluster.replica(0).write(client.put("k" + i % 10, "v" + i)))
            .toList();
    List<Long> versions =
        results.stream()
            .map(r -> ((WriteOutcome.Committed) cluster.simulation.get(r)).version())
            .toList();
    assertThat(versions).isSorted().doesNotHaveDuplicates();
    assertThat(cluster.group.member(0).proposals() - before).isLessThanOrEqualTo(2);
    assertThat(cluster.read(0, "k3")).isEqualTo("v93");
    // A version in the middle of a batch is a version like any other.
    assertThat(ShardCluster.value(cluster.simulation.get(cluster.get(0, "k3", versions.get(53)))))
        .isEqualTo("v53");
  }

  @Test
  void a_write_that_waited_leaves_together_with_one_that_comes_back() {
    cluster.close();
    cluster = ShardCluster.started(directory.resolve("one"), ShardLimits.defaults());
    client = cluster.client(1);
    cluster.group.setLatency(Duration.ofMillis(20));
    long before = cluster.replica(0).status().proposed();
    var first = cluster.replica(0).write(client.put("a", "1"));
    cluster.simulation.run();
    var waiting = cluster.replica(0).write(client.put("b", "1"));
    cluster.simulation.get(first);
    var back = cluster.replica(0).write(client.put("a", "2"));
    cluster.simulation.get(waiting);
    cluster.simulation.get(back);
    assertThat(cluster.replica(0).status().proposed() - before).isEqualTo(2);
  }

  @Test
  void a_write_that_waited_is_not_kept_long_for_one_that_does_not_come_back() {
    cluster.close();
    cluster = ShardCluster.started(directory.resolve("one"), ShardLimits.defaults());
    client = cluster.client(1);
    cluster.group.setLatency(Duration.ofMillis(20));
    var first = cluster.replica(0).write(client.put("a", "1"));
    cluster.simulation.run();
    var waiting = cluster.replica(0).write(client.put("b", "1"));
    cluster.simulation.get(first);
    cluster.simulation.await(waiting::isDone, Duration.ofMillis(25));
  }

  @Test
  void a_replica_that_does_not_lead_says_who_does() {
    ShardException e = failure(cluster.replica(1).write(client.put("k", "v")));
    assertThat(e.reason()).isEqualTo(Reason.NOT_LEADER);
    assertThat(e.applied()).isEqualTo(Applied.NO);
    assertThat(e.leader()).contains(org.ferrisdb.shard.testing.SimulatedGroup.nodeId(0));
  }

  @Test
  void an_old_epoch_and_a_key_outside_are_answered_with_the_descriptor() {
    cluster.setDescriptor(ShardCluster.descriptor(2, new KeyRange(bytes("b"), bytes("m"))));
    cluster.replica(0).descriptorChanged();
    ShardException old = failure(cluster.replica(0).write(client.put("c", "v")));
    assertThat(old.reason()).isEqualTo(Reason.WRONG_EPOCH);
    assertThat(old.descriptors()).singleElement().extracting("epoch").isEqualTo(2L);
    ShardException outside = failure(cluster.replica(0).get(new Get(2, List.of(bytes("z")), 0)));
    assertThat(outside.reason()).isEqualTo(Reason.WRONG_EPOCH);
    assertThat(cluster.simulation.get(cluster.replica(0).get(new Get(2, List.of(bytes("c")), 0))))
        .isNotNull();
  }

  @Test
  void a_request_of_a_newer_epoch_makes_the_leader_ask_the_map() {
    cluster.setDescriptor(ShardCluster.descriptor(5, KeyRange.ALL));
    ShardException e = failure(cluster.replica(0).get(new Get(5, List.of(bytes("k")), 0)));
    assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
    cluster.simulation.advance(Duration.ofMillis(5));
    assertThat(cluster.replica(2).status().descriptor())
        .isEqualTo(ShardCluster.descriptor(5, KeyRange.ALL));
    assertThat(cluster.simulation.get(cluster.replica(0).get(new Get(5, List.of(bytes("k")), 0))))
        .isNotNull();
  }

  @Test
  void what_breaks_a_limit_or_makes_no_sense_is_refused_by_name() {
    ShardLimits limits = ShardLimits.defaults();
    byte[] longKey = new byte[limits.maxKeyBytes() + 1];
    Mutation ok = new Mutation(bytes("k"), bytes("v"));
    assertThat(failure(cluster.replica(0).get(new Get(1, List.of(longKey), 0))).reason())
        .isEqualTo(Reason.LIMIT_EXCEEDED);
    byte[] longValue = new byte[limits.maxValueBytes() + 1];
    Write large = client.call(List.of(), new Mutation(bytes("k"), longValue));
    assertThat(failure(cluster.replica(0).write(large)))
        .hasMessageContaining("1048577")
        .hasMessageContaining("1048576");
    assertThat(failure(cluster.replica(0).write(client.call(List.of(), ok, ok))).reason())
        .isEqualTo(Reason.INVALID);
    Write later = new Write(1, 1, 1, 1, 0, cluster.expiry(3_600_000), List.of(), List.of(ok));
    assertThat(failure(cluster.replica(0).write(later)).reason()).isEqualTo(Reason.INVALID);
    Write acked = new Write(1, 1, 1, 1, 2, cluster.expiry(1000), List.of(), List.of(ok));
    assertThat(failure(cluster.replica(0).write(acked)).reason()).isEqualTo(Reason.INVALID);
  }

  @Test
  void a_full_mailbox_refuses_and_says_so() {
    ShardLimits d = ShardLimits.defaults();
    cluster.close();
    cluster =
        ShardCluster.started(
            directory.resolve("small"),
            new ShardLimits(
                d.maxKeyBytes(),
                d.maxValueBytes(),
                d.maxBatchBytes(),
                d.maxEntryBytes(),
                10,
                4,
                1,
                100,
                600_000,
                600_000));
    cluster.oracle.setDelay(Duration.ofMillis(50));
    List<CompletableFuture<?>> gets = new java.util.ArrayList<>();
    for (int i = 0; i < 30; i++) {
      gets.add(cluster.get(0, "k", 0));
    }
    assertThat(failure(gets.getLast()).reason()).isEqualTo(Reason.OVERLOADED);
    assertThat(cluster.simulation.get(gets.getFirst())).isNotNull();
  }

  @Test
  void a_read_above_what_was_drawn_and_one_below_the_garbage_floor_are_refused() {
    long future = cluster.expiry(5000);
    assertThat(failure(cluster.get(0, "k", future)).reason()).isEqualTo(Reason.TIMESTAMP_INVALID);
    long old = cluster.commit(0, client.put("k", "v"));
    cluster.simulation.advance(Duration.ofMinutes(20));
    cluster.commit(0, client.put("k", "w"));
    cluster.simulation.advance(Duration.ofMillis(10));
    assertThat(cluster.replica(1).state().garbageFloor()).isGreaterThan(old);
    assertThat(failure(cluster.get(0, "k", old)).reason()).isEqualTo(Reason.TIMESTAMP_INVALID);
    assertThat(failure(cluster.scan(0, old)).reason()).isEqualTo(Reason.TIMESTAMP_INVALID);
    assertThat(cluster.read(0, "k")).isEqualTo("w");
  }

  @Test
  void without_an_oracle_requests_fail_and_with_it_they_work_again() {
    cluster.oracle.setBroken(true);
    ShardException e = failure(cluster.replica(0).write(client.put("k", "v")));
    assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(e.applied()).isEqualTo(Applied.NO);
    cluster.oracle.setBroken(false);
    cluster.commit(0, client.put("k", "v"));
  }

  @Test
  void a_failed_replica_says_why_it_serves_nothing() {
    cluster
        .replica(0)
        .failed(new RuntimeException(new java.io.IOException("No space left on device")));
    assertThat(failure(cluster.replica(0).write(client.put("k", "v"))).reason())
        .isEqualTo(Reason.DISK_FULL);
    assertThat(cluster.replica(0).status().failure()).contains("disk is full");
  }
}
