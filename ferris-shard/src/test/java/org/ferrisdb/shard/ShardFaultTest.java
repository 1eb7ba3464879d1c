package org.ferrisdb.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.shard.testing.ShardCluster.bytes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardRequests.Condition;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.testing.ShardCluster;
import org.ferrisdb.shard.testing.ShardCluster.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of our own: what throws where nothing should. One request ends, the shard goes on. */
class ShardFaultTest {
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

  @Test
  void a_timestamp_source_that_throws_does_not_stop_the_loop() {
    cluster.oracle.setThrowing(true);
    ShardException failure = cluster.failure(cluster.replica(0).write(client.put("k", "1")));
    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.applied()).isEqualTo(Applied.NO);
    cluster.oracle.setThrowing(false);
    cluster.commit(0, client.put("k", "2"));
    assertThat(cluster.read(0, "k")).isEqualTo("2");
  }

  /** Passes every check of form, and throws when it is evaluated. */
  private static final class Poison extends AbstractList<Condition> {
    private final Condition condition = new Condition.IsAbsent(bytes("p"));

    @Override
    public Condition get(int index) {
      throw new IllegalStateException("thrown by the test");
    }

    @Override
    public int size() {
      return 1;
    }

    @Override
    public Iterator<Condition> iterator() {
      return List.of(condition).iterator();
    }
  }

  @Test
  void an_evaluation_that_throws_leaves_nothing_behind() {
    Write poisoned = client.call(List.of(), new Mutation(bytes("k"), bytes("poison")));
    poisoned =
        new Write(
            1,
            poisoned.clientHigh(),
            poisoned.clientLow(),
            poisoned.sequence(),
            0,
            poisoned.expiry(),
            new Poison(),
            poisoned.mutations());
    // All three in one batch: the first is in the entry when the second throws.
    CompletableFuture<WriteOutcome> first = cluster.replica(0).write(client.put("k", "1"));
    CompletableFuture<WriteOutcome> bad = cluster.replica(0).write(poisoned);
    CompletableFuture<WriteOutcome> last = cluster.replica(0).write(client.put("l", "1"));
    ShardException failure = cluster.failure(bad);
    assertThat(failure.reason()).isEqualTo(Reason.INTERNAL);
    assertThat(failure.applied()).isEqualTo(Applied.NO);
    assertThat(cluster.simulation.get(first)).isInstanceOf(WriteOutcome.Committed.class);
    assertThat(cluster.failure(last).applied()).isEqualTo(Applied.NO);
    // More than may be in flight: nothing was counted twice or forgotten.
    for (int i = 0; i < 20; i++) {
      cluster.commit(0, client.put("k", "v" + i));
    }
    assertThat(cluster.read(0, "k")).isEqualTo("v19");
    assertThat(cluster.read(0, "l")).isNull();
  }

  @Test
  void a_proposal_that_throws_is_repeated_on_a_new_chain() {
    cluster.group.member(0).throwNext();
    cluster.commit(0, client.put("k", "1"));
    for (int i = 0; i < 20; i++) {
      cluster.commit(0, client.put("k", "v" + i));
    }
    assertThat(cluster.read(0, "k")).isEqualTo("v19");
  }

  @Test
  void an_entry_refused_just_before_its_predecessor_applies_is_repeated() {
    cluster.group.holdCommits(true);
    CompletableFuture<WriteOutcome> first = cluster.replica(0).write(client.put("a", "1"));
    cluster.simulation.advance(Duration.ofMillis(5));
    int before = cluster.group.member(0).pending();
    CompletableFuture<WriteOutcome> second = cluster.replica(0).write(client.put("b", "1"));
    cluster.simulation.await(
        () -> cluster.group.member(0).pending() > before, Duration.ofSeconds(1));
    // The refusal is in the loop's queue when the predecessors' results come behind it.
    cluster.group.member(0).refuseLast();
    while (cluster.group.member(0).pending() > 0) {
      cluster.group.member(0).commitNext();
    }
    cluster.group.holdCommits(false);
    assertThat(cluster.simulation.get(first)).isInstanceOf(WriteOutcome.Committed.class);
    assertThat(cluster.simulation.get(second)).isInstanceOf(WriteOutcome.Committed.class);
    assertThat(cluster.read(0, "b")).isEqualTo("1");
  }
}
