package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ferrisdb.client.Bytes.utf8;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.ferrisdb.client.wire.Envelope.BodyCase;
import org.ferrisdb.client.wire.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls find their shard and its leader, whatever happens to both. */
@Timeout(30)
class RoutingTest {
  private static final FerrisOptions OPTIONS =
      FerrisOptions.defaults().withNodeSilence(Duration.ofMillis(200));

  private FakeCluster cluster;
  private Ferris ferris;

  @BeforeEach
  void connect() {
    cluster = new FakeCluster(3);
    ferris = Ferris.connect(cluster.uri(), OPTIONS);
    ferris.put(utf8("before"), utf8("1"));
    // Every connection is up before a test breaks one.
    Eventually.await().until(() -> cluster.nodes.stream().allMatch(n -> n.connections() == 1));
  }

  @AfterEach
  void close() {
    ferris.close();
    cluster.close();
  }

  @Test
  void a_named_leader_is_followed() {
    cluster.lead(1, 3);

    ferris.put(utf8("k"), utf8("1"));
    ferris.put(utf8("k"), utf8("2"));

    assertThat(cluster.node(1).count(BodyCase.WRITE))
        .isEqualTo(2); // before the change, and the refused one
    assertThat(cluster.node(2).count(BodyCase.WRITE)).isZero();
    assertThat(cluster.node(3).count(BodyCase.WRITE)).isEqualTo(2);
  }

  @Test
  void an_unnamed_leader_is_found_by_trying_the_replicas() {
    cluster.nodes.forEach(node -> node.hints = false);
    cluster.lead(1, 3);

    assertThat(ferris.get(utf8("before"))).isPresent();
    assertThat(ferris.get(utf8("before"))).isPresent();

    assertThat(cluster.node(3).count(BodyCase.GET)).isEqualTo(2);
  }

  @Test
  void nodes_that_name_each_other_are_not_followed_in_a_hot_loop() {
    // n1 and n2 say n3 leads, n3 refuses without saying who: for 300 ms nobody leads.
    cluster.lead(1, 3);
    cluster.node(3).script =
        r -> {
          if (!r.request.hasGet()) {
            return false;
          }
          r.reply(
              FakeCluster.error(
                  org.ferrisdb.client.wire.Envelope.newBuilder(),
                  ErrorCode.UNAVAILABLE,
                  "leadership is being established"));
          return true;
        };
    UnavailableException failure =
        catchThrowableOfType(
            UnavailableException.class,
            () -> ferris.withDeadline(Duration.ofMillis(300)).get(utf8("before")));

    assertThat(failure)
        .hasMessageStartingWith("get \"before\": no node could serve it within 300 ms");
    long tries = cluster.nodes.stream().mapToLong(n -> n.count(BodyCase.GET)).sum();
    assertThat(tries).isBetween(3L, 60L);
  }

  @Test
  void a_killed_leader_is_replaced_and_a_thousand_calls_in_flight_cost_few_probes()
      throws Exception {
    cluster.node(1).script = r -> r.request.hasWrite(); // swallows them
    List<CompletableFuture<Version>> puts = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      puts.add(ferris.async().put(utf8("k" + i), utf8("1")));
    }
    Eventually.await().until(() -> cluster.node(1).count(BodyCase.WRITE) == 1001);
    cluster.nodes.forEach(node -> node.hints = false);
    cluster.node(1).kill();
    Eventually.await().until(() -> cluster.node(2).count(BodyCase.WRITE) > 0);
    cluster.lead(1, 3);

    for (CompletableFuture<Version> put : puts) {
      put.get(10, TimeUnit.SECONDS);
    }

    assertThat(cluster.applied).isEqualTo(1001);
    assertThat(cluster.node(2).count(BodyCase.WRITE)).isLessThan(50);
    assertThat(cluster.node(3).count(BodyCase.WRITE)).isBetween(1000L, 1050L);
  }

  @Test
  void a_paused_leader_is_left_after_its_silence_and_nothing_is_applied_twice() {
    cluster.node(1).pause();
    Thread election =
        Thread.ofVirtual()
            .start(() -> {
              Eventually.await()
                  .until(() ->
                      cluster.node(2).count(BodyCase.WRITE) + cluster.node(3).count(BodyCase.WRITE)
                          > 0);
              cluster.lead(1, 2);
            });
    long start = System.nanoTime();

    ferris.put(utf8("k"), utf8("1"));
    Entry read = ferris.get(utf8("k")).orElseThrow();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(read.value()).isEqualTo(utf8("1"));
    assertThat(election.isAlive()).isFalse();
    cluster.node(1).resume(); // finds the write in its socket, and is no leader any more
    Eventually.await().until(() -> cluster.node(1).count(BodyCase.WRITE) == 2);
    assertThat(cluster.applied).isEqualTo(2);
  }

  @Test
  void a_leader_that_resumes_before_anyone_else_leads_is_used_again() {
    cluster.node(1).pause();
    CompletableFuture<Version> put = ferris.async().put(utf8("k"), utf8("1"));
    Eventually.await()
        .until(() ->
            cluster.node(2).count(BodyCase.WRITE) + cluster.node(3).count(BodyCase.WRITE) > 1);

    cluster.node(1).resume();

    assertThat(put).succeedsWithin(Duration.ofSeconds(5));
    assertThat(cluster.applied).isEqualTo(2);
  }

  @Test
  void a_slow_call_at_a_node_that_answers_pings_stays_where_it_is() throws Exception {
    List<FakeNode.Received> held = new ArrayList<>();
    cluster.node(1).script = r -> r.request.hasGet() && held.add(r);
    CompletableFuture<?> get = ferris.async().get(utf8("before"));
    // Four pings: four half silences have passed.
    Eventually.await().until(() -> cluster.node(1).count(BodyCase.MAP) >= 4);

    held.get(0).answer();

    assertThat(get).succeedsWithin(Duration.ofSeconds(5));
    assertThat(cluster.node(2).count(BodyCase.GET) + cluster.node(3).count(BodyCase.GET)).isZero();
  }

  @Test
  void a_split_is_noticed_and_calls_are_routed_by_the_new_map() {
    cluster.split(1, "m");

    ferris.put(utf8("a"), utf8("1"));
    ferris.put(utf8("z"), utf8("2"));
    Map<Bytes, Entry> both = ferris.getAll(List.of(utf8("a"), utf8("z")));

    assertThat(both).hasSize(2);
    assertThat(cluster.applied).isEqualTo(3);
    Batch batch = Batch.builder().put(utf8("a"), utf8("x")).put(utf8("z"), utf8("x")).build();
    assertThat(
            catchThrowableOfType(CrossShardBatchException.class, () -> ferris.batch(batch))
                .outcome())
        .isEqualTo(Outcome.NOT_APPLIED);
  }

  @Test
  void keys_of_one_getAll_that_a_split_has_parted_are_grouped_anew() {
    ferris.put(utf8("a"), utf8("1"));
    ferris.put(utf8("z"), utf8("2"));
    cluster.split(1, "m");

    Map<Bytes, Entry> both = ferris.getAll(List.of(utf8("a"), utf8("z")));

    assertThat(both.keySet()).containsExactly(utf8("a"), utf8("z"));
  }

  @Test
  void a_shard_without_any_living_replica_is_unavailable_by_the_deadline_and_says_why() {
    cluster.nodes.forEach(FakeNode::kill);
    // A read first: until the client has noticed, a write may be sent, and its outcome is unknown.
    assertThat(
            catchThrowableOfType(
                UnavailableException.class,
                () -> ferris.withDeadline(Duration.ofMillis(400)).get(utf8("before"))))
        .isNotNull();
    long start = System.nanoTime();

    UnavailableException failure =
        catchThrowableOfType(
            UnavailableException.class,
            () -> ferris.withDeadline(Duration.ofMillis(400)).put(utf8("k"), utf8("1")));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    assertThat(failure.code()).isEqualTo("FER-UNAVAILABLE");
    assertThat(failure.getMessage())
        .startsWith("put \"k\": no node could serve it within 400 ms")
        .doesNotContain("\n");
  }

  @Test
  void nodes_that_come_back_are_used_again() {
    cluster.nodes.forEach(FakeNode::kill);
    CompletableFuture<Version> put = ferris.async().put(utf8("k"), utf8("1"));
    Eventually.await().until(() -> cluster.nodes.stream().allMatch(n -> n.connections() == 0));

    cluster.nodes.forEach(FakeNode::revive);

    assertThat(put).succeedsWithin(Duration.ofSeconds(8));
  }

  @Test
  void a_dead_address_among_the_seeds_costs_nothing() throws Exception {
    int deadPort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      deadPort = socket.getLocalPort();
    }
    String uri = "ferris://127.0.0.1:" + deadPort + "," + cluster.uri().substring(9);
    long start = System.nanoTime();
    try (Ferris other = Ferris.connect(uri)) {
      IntStream.range(0, 200).forEach(i -> other.put(utf8("k" + i), utf8("1")));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void one_seed_is_enough_to_find_all_nodes() {
    cluster.lead(1, 3);
    try (Ferris other = Ferris.connect("ferris://" + cluster.node(2).address())) {
      other.put(utf8("k"), utf8("1"));
    }
    assertThat(cluster.applied).isEqualTo(2);
  }
}
