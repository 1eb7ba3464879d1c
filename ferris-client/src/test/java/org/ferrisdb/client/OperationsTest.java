package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.client.Bytes.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every operation, against a cluster of three nodes and three shards (up to "h", up to "p", the
 * rest).
 */
@Timeout(30)
class OperationsTest {
  private FakeCluster cluster;
  private Ferris ferris;

  @BeforeEach
  void connect() {
    cluster = new FakeCluster(3, "h", "p");
    ferris = Ferris.connect(cluster.uri());
  }

  @AfterEach
  void close() {
    ferris.close();
    cluster.close();
  }

  @Test
  void the_first_program_of_the_readme() {
    List<String> lines = new ArrayList<>();
    String uri = cluster.uri();
    try (Ferris ferris = Ferris.connect(uri)) {
      ferris.put(utf8("city/paris"), utf8("2102650"));
      Entry paris = ferris.get(utf8("city/paris")).orElseThrow();
      assertThat(paris.value()).isEqualTo(utf8("2102650"));
      for (Entry city : ferris.scanPrefix(utf8("city/"))) {
        lines.add(city.key().toUtf8() + " " + city.value().toUtf8());
      }
    }
    assertThat(lines).containsExactly("city/paris 2102650");
  }

  @Test
  void a_put_returns_the_version_that_a_get_then_shows() {
    Version version = ferris.put(utf8("a"), utf8("1"));

    assertThat(ferris.get(utf8("a"))).contains(new Entry(utf8("a"), utf8("1"), version));
    assertThat(ferris.get(utf8("b"))).isEmpty();
  }

  @Test
  void deleting_removes_and_the_past_can_be_read() {
    Version put = ferris.put(utf8("k"), utf8("1"));
    Version deleted = ferris.delete(utf8("k"));

    assertThat(deleted).isGreaterThan(put);
    assertThat(ferris.get(utf8("k"))).isEmpty();
    assertThat(ferris.get(utf8("k"), put).orElseThrow().value()).isEqualTo(utf8("1"));
  }

  @Test
  void putIfAbsent_writes_once() {
    assertThat(ferris.putIfAbsent(utf8("k"), utf8("1")).applied()).isTrue();
    WriteResult second = ferris.putIfAbsent(utf8("k"), utf8("2"));

    Entry entry = ferris.get(utf8("k")).orElseThrow();
    assertThat(entry.value()).isEqualTo(utf8("1"));
    assertThat(second)
        .isEqualTo(new WriteResult.ConditionFailed(0, java.util.Optional.of(entry.version())));
  }

  @Test
  void compareAndSet_by_value_and_by_version() {
    Version first = ferris.put(utf8("k"), utf8("1"));

    assertThat(ferris.compareAndSet(utf8("k"), utf8("0"), utf8("x")).applied()).isFalse();
    WriteResult byValue = ferris.compareAndSet(utf8("k"), utf8("1"), utf8("2"));
    assertThat(byValue.applied()).isTrue();
    assertThat(ferris.compareAndSet(utf8("k"), first, utf8("x")).applied()).isFalse();
    Version second = ((WriteResult.Applied) byValue).version();
    assertThat(ferris.compareAndSet(utf8("k"), second, utf8("3")).applied()).isTrue();
    assertThat(ferris.get(utf8("k")).orElseThrow().value()).isEqualTo(utf8("3"));
  }

  @Test
  void a_batch_is_applied_with_one_version_or_not_at_all() {
    WriteResult applied =
        ferris.batch(
            Batch.builder()
                .ifAbsent(utf8("b"))
                .put(utf8("a"), utf8("1"))
                .put(utf8("b"), utf8("2"))
                .build());
    WriteResult refused =
        ferris.batch(
            Batch.builder().ifAbsent(utf8("c")).ifAbsent(utf8("b")).delete(utf8("a")).build());

    assertThat(applied.applied()).isTrue();
    assertThat(ferris.get(utf8("a")).orElseThrow().version())
        .isEqualTo(ferris.get(utf8("b")).orElseThrow().version());
    assertThat(refused)
        .isInstanceOfSatisfying(
            WriteResult.ConditionFailed.class, r -> assertThat(r.condition()).isEqualTo(1));
  }

  @Test
  void a_batch_over_shards_is_refused_and_nothing_is_applied() {
    Batch batch = Batch.builder().put(utf8("a"), utf8("1")).put(utf8("z"), utf8("1")).build();

    assertThatThrownBy(() -> ferris.batch(batch))
        .isInstanceOf(CrossShardBatchException.class)
        .hasMessageContaining("more than one shard")
        .satisfies(e -> assertThat(((FerrisException) e).outcome()).isEqualTo(Outcome.NOT_APPLIED));
    assertThat(cluster.applied).isZero();
  }

  @Test
  void getAll_reads_all_shards_at_one_timestamp_in_the_order_of_asking() {
    ferris.put(utf8("a"), utf8("1"));
    ferris.put(utf8("k"), utf8("2"));
    ferris.put(utf8("z"), utf8("3"));

    Map<Bytes, Entry> found =
        ferris.getAll(List.of(utf8("z"), utf8("nothing"), utf8("a"), utf8("k"), utf8("z")));

    assertThat(found.keySet()).containsExactly(utf8("z"), utf8("a"), utf8("k"));
    List<Long> timestamps =
        cluster.nodes.stream()
            .flatMap(n -> n.received.stream())
            .filter(r -> r.request.hasGet())
            .map(r -> r.request.getGet().getTimestamp())
            .distinct()
            .toList();
    assertThat(timestamps).hasSize(1).doesNotContain(0L);
    assertThat(ferris.getAll(List.of())).isEmpty();
  }

  @Test
  void the_asynchronous_twin_does_the_same() throws Exception {
    AsyncFerris async = ferris.async();
    List<CompletableFuture<Version>> puts = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      puts.add(async.put(utf8("key-" + i), utf8("v" + i)));
    }
    for (CompletableFuture<Version> put : puts) {
      put.get(10, TimeUnit.SECONDS);
    }

    assertThat(async.get(utf8("key-77")).get(10, TimeUnit.SECONDS).orElseThrow().value())
        .isEqualTo(utf8("v77"));
    assertThat(async.delete(utf8("key-77")).get(10, TimeUnit.SECONDS).value()).isPositive();
    assertThat(async.putIfAbsent(utf8("key-77"), utf8("x")).get(10, TimeUnit.SECONDS).applied())
        .isTrue();
    assertThat(async.getAll(List.of(utf8("key-1"), utf8("a"))).get(10, TimeUnit.SECONDS))
        .hasSize(1);
    ScanPage page =
        async.scanPage(ferris.scanPrefix(utf8("key-")).limit(3).spec()).get(10, TimeUnit.SECONDS);
    assertThat(page.entries()).hasSize(3);
    assertThat(page.next()).isPresent();
    assertThat(cluster.applied).isEqualTo(5002);
  }

  @Test
  void cluster_information_names_shards_leaders_and_nodes() {
    ClusterInfo info = ferris.clusterInfo();

    assertThat(info.clusterId()).isEqualTo(FakeCluster.ID);
    assertThat(info.shards()).hasSize(3);
    assertThat(info.shards().get(1).range()).isEqualTo(KeyRange.of(utf8("h"), utf8("p")));
    assertThat(info.shards().get(1).leader()).contains("n2");
    assertThat(info.nodes()).extracting(ClusterInfo.Node::name).containsExactly("n1", "n2", "n3");
    assertThat(info.metaLeader()).contains("n1");
    assertThat(ferris.now().value()).isPositive();
  }

  @Test
  void a_node_that_is_down_has_a_problem_in_place_of_a_status() {
    // A node that was never connected is known by its address only.
    assertThat(ferris.nodeStatuses()).allSatisfy(status -> assertThat(status.json()).isPresent());
    cluster.node(2).kill();

    List<ClusterInfo.NodeStatus> statuses = ferris.nodeStatuses();

    assertThat(statuses.get(0).json()).contains("{\"node\":\"n1\"}");
    assertThat(statuses.get(1).json()).isEmpty();
    assertThat(statuses.get(1).problem().orElseThrow()).contains("n2");
    assertThat(statuses.get(2).problem()).isEmpty();
  }

  @Test
  void a_blocking_call_in_a_callback_is_refused_and_does_not_hang() throws Exception {
    CompletableFuture<String> code =
        ferris
            .async()
            .put(utf8("a"), utf8("1"))
            .thenApply(version -> {
              try {
                ferris.get(utf8("a"));
                return "worked";
              } catch (InvalidRequestException e) {
                return e.code();
              }
            });

    // Either the callback ran on the loop and was refused, or the put had ended before it was
    // attached.
    assertThat(code.get(10, TimeUnit.SECONDS)).isIn("FER-INVALID", "worked");
  }
}
