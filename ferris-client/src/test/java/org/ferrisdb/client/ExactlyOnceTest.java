package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.client.wire.WriteRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A write is applied once, and the client never says "not applied" of one that may have been. */
@Timeout(30)
class ExactlyOnceTest {
  private FakeCluster cluster;
  private Ferris ferris;

  @BeforeEach
  void connect() {
    cluster = new FakeCluster(3);
    ferris = Ferris.connect(cluster.uri());
  }

  @AfterEach
  void close() {
    ferris.close();
    cluster.close();
  }

  private List<WriteRequest> writes() {
    return cluster.nodes.stream()
        .flatMap(node -> node.received.stream())
        .filter(r -> r.request.hasWrite())
        .map(r -> r.request.getWrite())
        .toList();
  }

  private static Envelope.Builder error(ErrorCode code, org.ferrisdb.client.wire.Outcome outcome) {
    return Envelope.newBuilder()
        .setError(ErrorReply.newBuilder().setCode(code).setOutcome(outcome).setMessage("scripted"));
  }

  /** The first writes get these treatments in turn, later ones are answered properly. */
  private void firstWrites(List<java.util.function.Consumer<FakeNode.Received>> treatments) {
    AtomicInteger next = new AtomicInteger();
    for (FakeNode node : cluster.nodes) {
      node.script =
          received -> {
            if (!received.request.hasWrite()) {
              return false;
            }
            int turn = next.getAndIncrement();
            if (turn >= treatments.size()) {
              return false;
            }
            treatments.get(turn).accept(received);
            return true;
          };
    }
  }

  private void applyWithoutAnswer(FakeNode.Received received) {
    cluster.answer(cluster.node(1), received.request);
    received.disconnect();
  }

  @Test
  void an_answer_that_was_lost_is_asked_for_again_and_the_write_applied_once() {
    firstWrites(List.of(this::applyWithoutAnswer));

    Version version = ferris.put(utf8("k"), utf8("1"));

    assertThat(cluster.applied).isEqualTo(1);
    assertThat(cluster.duplicates).isEqualTo(1);
    assertThat(ferris.get(utf8("k")).orElseThrow().version()).isEqualTo(version);
  }

  @Test
  void every_attempt_carries_the_same_command() {
    firstWrites(
        List.of(
            FakeNode.Received::disconnect,
            r -> r.reply(error(ErrorCode.UNAVAILABLE, org.ferrisdb.client.wire.Outcome.UNKNOWN))));

    ferris.put(utf8("k"), utf8("1"));

    List<WriteRequest> attempts = writes();
    assertThat(attempts).hasSizeGreaterThanOrEqualTo(3);
    assertThat(attempts).extracting(WriteRequest::getSequence).containsOnly(1L);
    assertThat(attempts.stream().map(WriteRequest::getExpiry).distinct()).hasSize(1);
    assertThat(attempts.stream().map(WriteRequest::getClientHigh).distinct()).hasSize(1);
    assertThat(attempts.stream().map(WriteRequest::getClientLow).distinct()).hasSize(1);
    assertThat(attempts.stream().map(WriteRequest::getAttempt).sorted())
        .isEqualTo(IntStream.rangeClosed(1, attempts.size()).boxed().toList());
    assertThat(cluster.applied).isEqualTo(1);
  }

  @Test
  void an_expiry_lies_behind_the_deadline_in_oracle_time() {
    long now = ferris.now().value() >>> 16;

    ferris.put(utf8("k"), utf8("1"));

    long expiry = writes().get(0).getExpiry() >>> 16;
    assertThat(expiry).isBetween(now + 9_000, now + 10_000 + OracleClock.SLACK_MILLIS + 5_000);
  }

  @Test
  void a_write_that_came_too_late_by_the_oracle_is_sent_as_a_new_command() {
    ferris.put(utf8("k"), utf8("1"));
    cluster.advanceMillis(TimeUnit.HOURS.toMillis(1));

    ferris.put(utf8("k"), utf8("2"));

    assertThat(writes()).extracting(WriteRequest::getSequence).containsExactly(1L, 2L, 3L);
    assertThat(cluster.applied).isEqualTo(2);
  }

  @Test
  void in_limbo_expired_means_unknown() {
    firstWrites(
        List.of(
            FakeNode.Received::disconnect,
            r -> r.reply(error(ErrorCode.EXPIRED, org.ferrisdb.client.wire.Outcome.NOT_APPLIED))));

    OutcomeUnknownException failure =
        catchThrowableOfType(OutcomeUnknownException.class, () -> ferris.put(utf8("k"), utf8("1")));

    assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(failure.attempts()).isEqualTo(2);
    assertThat(failure).hasMessageContaining("may or may not be applied");
  }

  @Test
  void in_limbo_a_refusal_of_a_later_attempt_proves_nothing() {
    firstWrites(
        List.of(
            this::applyWithoutAnswer,
            r ->
                r.reply(
                    error(
                        ErrorCode.LIMIT_EXCEEDED, org.ferrisdb.client.wire.Outcome.NOT_APPLIED))));

    LimitExceededException failure =
        catchThrowableOfType(LimitExceededException.class, () -> ferris.put(utf8("k"), utf8("1")));

    assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(cluster.applied).isEqualTo(1);
  }

  @Test
  void out_of_limbo_a_refusal_is_definite() {
    firstWrites(
        List.of(
            r -> r.reply(error(ErrorCode.OVERLOADED, org.ferrisdb.client.wire.Outcome.NOT_APPLIED)),
            r ->
                r.reply(error(ErrorCode.DISK_FULL, org.ferrisdb.client.wire.Outcome.NOT_APPLIED))));

    DiskFullException failure =
        catchThrowableOfType(DiskFullException.class, () -> ferris.put(utf8("k"), utf8("1")));

    assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
    assertThat(failure.hint()).contains("free space");
  }

  @Test
  void a_lost_answer_to_a_condition_that_failed_is_the_same_the_second_time() {
    ferris.put(utf8("k"), utf8("1"));
    firstWrites(List.of(this::applyWithoutAnswer));

    WriteResult result = ferris.putIfAbsent(utf8("k"), utf8("2"));

    assertThat(result.applied()).isFalse();
    assertThat(cluster.duplicates).isEqualTo(1);
  }

  @Test
  void the_lowest_open_write_holds_back_what_is_acknowledged() throws Exception {
    List<FakeNode.Received> held = new ArrayList<>();
    firstWrites(List.of(held::add));
    CompletableFuture<Version> open = ferris.async().put(utf8("open"), utf8("1"));
    Eventually.await().until(() -> held.size() == 1);

    ferris.put(utf8("a"), utf8("1"));
    ferris.put(utf8("b"), utf8("1"));
    held.get(0).answer();
    open.get(5, TimeUnit.SECONDS);
    ferris.put(utf8("c"), utf8("1"));

    assertThat(writes())
        .extracting(WriteRequest::getAcknowledgedBelow)
        .containsExactly(1L, 1L, 1L, 4L);
  }

  @Test
  void a_first_write_waits_for_the_oracle_and_then_goes() {
    AtomicInteger refusals = new AtomicInteger();
    for (FakeNode node : cluster.nodes) {
      node.script =
          r -> {
            if (!r.request.hasTimestamp() || refusals.incrementAndGet() > 10) {
              return false;
            }
            r.reply(error(ErrorCode.UNAVAILABLE, org.ferrisdb.client.wire.Outcome.NOT_APPLIED));
            return true;
          };
    }
    try (Ferris second = Ferris.connect(cluster.uri())) {
      second.put(utf8("k"), utf8("1"));
    }

    assertThat(refusals.get()).isGreaterThan(10);
    assertThat(cluster.applied).isEqualTo(1);
  }

  @Test
  void under_every_kind_of_failure_each_write_is_applied_once() throws Exception {
    long seed = System.nanoTime();
    System.out.println("under_every_kind_of_failure_each_write_is_applied_once seed " + seed);
    for (FakeNode node : cluster.nodes) {
      Random random = new Random(seed ^ node.id.hashCode());
      node.script = received -> received.request.hasWrite() && mistreat(node, received, random);
    }
    Random leaders = new Random(seed);
    AsyncFerris async = ferris.withDeadline(Duration.ofSeconds(20)).async();
    List<CompletableFuture<Version>> puts = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      puts.add(async.put(utf8("key-" + i), utf8("v" + i)));
      if (i % 100 == 50) {
        puts.get(i - 40).get(25, TimeUnit.SECONDS);
        cluster.lead(1, 1 + leaders.nextInt(3));
      }
    }
    for (CompletableFuture<Version> put : puts) {
      put.get(25, TimeUnit.SECONDS);
    }

    assertThat(cluster.applied).isEqualTo(2000);
    assertThat(cluster.data.values()).allSatisfy(versions -> assertThat(versions).hasSize(1));
  }

  private boolean mistreat(FakeNode node, FakeNode.Received received, Random random) {
    switch (random.nextInt(60)) {
      case 0 -> received.disconnect();
      case 1 -> {
        cluster.answer(node, received.request);
        received.disconnect();
      }
      case 2 ->
          received.reply(error(ErrorCode.UNAVAILABLE, org.ferrisdb.client.wire.Outcome.UNKNOWN));
      case 3 -> {
        cluster.answer(node, received.request);
        received.reply(error(ErrorCode.DEADLINE, org.ferrisdb.client.wire.Outcome.UNKNOWN));
      }
      case 4 ->
          received.reply(error(ErrorCode.OVERLOADED, org.ferrisdb.client.wire.Outcome.NOT_APPLIED));
      case 5 ->
          received.reply(error(ErrorCode.NOT_LEADER, org.ferrisdb.client.wire.Outcome.UNKNOWN));
      default -> {
        return false;
      }
    }
    return true;
  }
}
