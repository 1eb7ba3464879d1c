package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.Envelope.BodyCase;
import org.ferrisdb.client.wire.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every call ends by its deadline, with a type and an outcome that are true; limits hold. */
@Timeout(30)
class DeadlineTest {
  private FakeCluster cluster;
  private Ferris ferris;

  @BeforeEach
  void connect() {
    cluster = new FakeCluster(1);
    ferris = Ferris.connect(cluster.uri());
    ferris.put(utf8("before"), utf8("1"));
  }

  @AfterEach
  void close() {
    ferris.close();
    cluster.close();
  }

  private void refuseData(ErrorCode code) {
    refuseData(code, 0);
  }

  private void refuseData(ErrorCode code, int retryAfterMillis) {
    cluster.node(1).script =
        r -> {
          if (!r.request.hasWrite() && !r.request.hasGet()) {
            return false;
          }
          Envelope.Builder refusal = FakeCluster.error(Envelope.newBuilder(), code, "scripted");
          refusal.getErrorBuilder().setRetryAfterMillis(retryAfterMillis);
          r.reply(refusal);
          return true;
        };
  }

  @Test
  void a_node_that_swallows_a_request_does_not_keep_the_caller() {
    cluster.node(1).script = r -> r.request.hasWrite() || r.request.hasGet();
    Ferris hurried = ferris.withDeadline(Duration.ofMillis(200));
    long start = System.nanoTime();

    DeadlineExceededException write =
        catchThrowableOfType(
            DeadlineExceededException.class, () -> hurried.put(utf8("k"), utf8("1")));
    DeadlineExceededException read =
        catchThrowableOfType(DeadlineExceededException.class, () -> hurried.get(utf8("k")));

    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(took).isBetween(Duration.ofMillis(400), Duration.ofMillis(2400));
    assertThat(write.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(read.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    assertThat(write)
        .hasMessage(
            "put \"k\": no answer from n1 (%s) within 200 ms; the write may or may not be applied:"
                    .formatted(cluster.node(1).address())
                + " try again, or allow a longer deadline [FER-DEADLINE]");
  }

  @Test
  void thousands_of_swallowed_calls_all_end_by_their_deadline() {
    cluster.node(1).script = r -> r.request.hasWrite();
    AsyncFerris hurried = ferris.withDeadline(Duration.ofMillis(500)).async();
    long start = System.nanoTime();
    List<CompletableFuture<Version>> puts = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      puts.add(hurried.put(utf8("k" + i), utf8("1")));
    }

    for (CompletableFuture<Version> put : puts) {
      assertThat(catchThrowableOfType(CompletionException.class, put::join).getCause())
          .isInstanceOfSatisfying(
              FerrisException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void a_request_tells_the_node_how_long_it_is_waited_for() {
    ferris.withDeadline(Duration.ofMillis(1500)).get(utf8("before"));

    FakeNode.Received get =
        cluster.node(1).received.stream().filter(r -> r.request.hasGet()).findFirst().orElseThrow();
    assertThat(get.request.getDeadlineMillis()).isBetween(500, 1500);
  }

  @Test
  void a_cluster_that_stays_overloaded_throttles() {
    // The third refusal, some 600 ms before the deadline, leaves less time than the node asks for.
    // Only an answer that takes longer than that could still make the outcome unknown.
    refuseData(ErrorCode.OVERLOADED, 700);

    ThrottledException failure =
        catchThrowableOfType(
            ThrottledException.class,
            () -> ferris.withDeadline(Duration.ofSeconds(2)).put(utf8("k"), utf8("1")));

    assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    assertThat(failure.attempts()).isBetween(2, 3);
    assertThat(failure)
        .hasMessageContaining("was refused within 2 s, at last by n1")
        .hasMessageContaining("scripted");
  }

  @Test
  void a_busy_node_is_asked_again_and_not_too_often() {
    refuseData(ErrorCode.OVERLOADED);
    Duration deadline = Duration.ofSeconds(2);

    FerrisException failure =
        catchThrowableOfType(
            FerrisException.class, () -> ferris.withDeadline(deadline).get(utf8("k")));

    assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    // 5, 10, 20, ... ms, half of it random, and 500 ms at the most
    assertThat(failure.attempts()).isBetween(3, 16);
    assertThat(cluster.node(1).count(BodyCase.GET)).isEqualTo(failure.attempts());
  }

  @Test
  void errors_keep_their_type_message_and_hint() {
    refuseData(ErrorCode.TIMESTAMP_INVALID);
    assertThat(
            catchThrowableOfType(
                SnapshotUnavailableException.class, () -> ferris.get(utf8("k"), new Version(1))))
        .hasMessage("get \"k\": scripted: read now, or at a later version [FER-SNAPSHOT]");
    refuseData(ErrorCode.INTERNAL);
    assertThat(catchThrowableOfType(ServerErrorException.class, () -> ferris.get(utf8("k"))))
        .hasMessageContaining("n1")
        .hasMessageContaining("[FER-SERVER]");
    refuseData(ErrorCode.INVALID);
    assertThat(catchThrowableOfType(InvalidRequestException.class, () -> ferris.get(utf8("k"))))
        .hasMessage("get \"k\": scripted [FER-INVALID]");
  }

  @Test
  void a_value_over_the_frame_limit_is_refused_before_it_is_sent() {
    LimitExceededException failure =
        catchThrowableOfType(
            LimitExceededException.class,
            () -> ferris.put(utf8("k"), Bytes.ofBytes(new byte[6 << 20])));

    assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    ferris.put(utf8("k"), utf8("the connection lives"));
    assertThat(cluster.applied).isEqualTo(2);
  }

  @Test
  void no_more_calls_are_under_way_than_allowed_and_the_others_wait_their_turn() {
    ConcurrentLinkedQueue<FakeNode.Received> held = new ConcurrentLinkedQueue<>();
    cluster.node(1).script = r -> r.request.hasGet() && held.add(r);
    FerrisOptions options = FerrisOptions.defaults().withMaxInFlight(4, 1 << 20, 6);
    try (Ferris narrow = Ferris.connect(cluster.uri(), options)) {
      List<CompletableFuture<?>> gets = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        gets.add(narrow.async().get(utf8("before")));
      }
      CompletableFuture<?> tooMany = narrow.async().get(utf8("before"));
      assertThat(tooMany).isCompletedExceptionally();
      assertThat(catchThrowableOfType(CompletionException.class, tooMany::join))
          .hasCauseInstanceOf(ThrottledException.class)
          .hasMessageContaining("maxQueued 6");
      for (int answered = 0; answered < 10; answered++) {
        int started = Math.min(10, 4 + answered);
        Eventually.await().until(() -> cluster.node(1).count(BodyCase.GET) == started);
        held.remove().answer();
      }
      for (CompletableFuture<?> get : gets) {
        assertThat(get).succeedsWithin(Duration.ofSeconds(5));
      }
    }
  }

  @Test
  void the_nodes_own_limit_of_requests_is_respected() {
    cluster.node(1).maxInFlight = 2;
    ConcurrentLinkedQueue<FakeNode.Received> held = new ConcurrentLinkedQueue<>();
    cluster.node(1).script = r -> r.request.hasGet() && held.add(r);
    try (Ferris other = Ferris.connect(cluster.uri())) {
      Eventually.await().until(() -> cluster.node(1).count(BodyCase.TIMESTAMP) == 2);
      other.put(utf8("x"), utf8("the oracle has answered"));
      List<CompletableFuture<?>> gets = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        gets.add(other.async().get(utf8("before")));
      }
      for (int answered = 0; answered < 6; answered++) {
        int started = Math.min(6, 2 + answered);
        Eventually.await().until(() -> cluster.node(1).count(BodyCase.GET) == started);
        held.remove().answer();
      }
      for (CompletableFuture<?> get : gets) {
        assertThat(get).succeedsWithin(Duration.ofSeconds(5));
      }
    }
  }

  @Test
  void calls_from_many_virtual_threads_share_one_connection() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 500; t++) {
      int id = t;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 4; i++) {
                  ferris.put(utf8("t" + id + "-" + i), utf8("1"));
                }
              }));
    }
    for (Thread thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
    }
    assertThat(cluster.applied).isEqualTo(2001);
    assertThat(cluster.node(1).connections()).isEqualTo(1);
  }

  @Test
  void an_interrupted_caller_leaves_and_keeps_its_flag() throws Exception {
    cluster.node(1).script = r -> r.request.hasWrite();
    CompletableFuture<FerrisException> seen = new CompletableFuture<>();
    Thread caller =
        Thread.ofPlatform()
            .start(() -> {
              try {
                ferris.put(utf8("k"), utf8("1"));
              } catch (CallInterruptedException e) {
                if (Thread.currentThread().isInterrupted()) {
                  seen.complete(e);
                }
              }
            });
    Eventually.await().until(() -> cluster.node(1).count(BodyCase.WRITE) == 2);
    caller.interrupt();

    assertThat(seen.get(5, TimeUnit.SECONDS).outcome()).isEqualTo(Outcome.UNKNOWN);
  }
}
