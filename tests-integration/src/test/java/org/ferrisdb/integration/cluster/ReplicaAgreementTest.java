package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What replicas say of themselves, and what is made of it. */
class ReplicaAgreementTest {
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final Deque<Map<Long, Map<String, ReplicaDigest>>> answers = new ArrayDeque<>();

  private static ReplicaDigest at(long index, String digest) {
    return new ReplicaDigest(index, digest, "");
  }

  private void answer(ReplicaDigest n1, ReplicaDigest n2) {
    answers.add(Map.of(1L, Map.of("n1", n1, "n2", n2)));
  }

  /** The answers one after the other, the last one for ever. */
  private ReplicaAgreement await() {
    return ReplicaAgreement.await(
        List.of(1L),
        () -> answers.size() > 1 ? answers.removeFirst() : answers.getFirst(),
        PATIENCE);
  }

  @Test
  void replicasWithOneDigestAtOneIndexAgree() {
    answer(at(7, "aa"), at(7, "aa"));
    ReplicaAgreement agreement = await();
    assertThat(agreement.isRight()).isTrue();
    assertThat(agreement.agreed())
        .containsExactly(Map.entry(1L, "2 replicas at index 7 with digest aa"));
  }

  @Test
  void whoIsBehindIsWaitedFor() {
    answer(at(7, "aa"), at(3, "bb"));
    answer(at(8, "cc"), at(7, "aa"));
    answer(at(8, "cc"), at(8, "cc"));
    assertThat(await().isRight()).isTrue();
  }

  @Test
  void twoDigestsAtOneIndexAreAViolationAtOnce() {
    answer(at(7, "aa"), at(7, "bb"));
    answer(at(8, "cc"), at(8, "cc"));
    ReplicaAgreement agreement = await();
    assertThat(agreement.isRight()).isFalse();
    assertThat(agreement.violations())
        .singleElement()
        .asString()
        .contains("s1: the replicas differ at the same index")
        .contains("aa")
        .contains("bb");
  }

  @Test
  void whoNeverCatchesUpIsAViolation() {
    answer(at(7, "aa"), at(3, "bb"));
    assertThat(await().violations()).singleElement().asString().contains("do not get to one index");
  }

  @Test
  void whoCanNotTellIsAViolation() {
    answer(at(7, "aa"), new ReplicaDigest(-1, "", "no replica of s1 here"));
    assertThat(await().violations()).singleElement().asString().contains("no replica of s1 here");
  }

  @Test
  void aShardOfWhichNobodyTellsIsAViolation() {
    answers.add(Map.of());
    assertThat(await().violations()).containsExactly("s1: no node tells of its replicas");
  }
}
