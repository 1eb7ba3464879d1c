package org.ferrisdb.integration.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History.Call;
import org.junit.jupiter.api.Test;

/** Gaps count only while somebody asks, and while a majority is up and connected. */
class AvailabilityCheckerTest {
  private static final AvailabilityChecker CHECKER =
      new AvailabilityChecker(
          List.of("n1", "n2", "n3"),
          Duration.ofMillis(500),
          Duration.ofSeconds(2),
          AvailabilityCheckerTest::shardOf);

  /** Keys are named s1/k and the like; any other key is in a shard that is not known. */
  private static Optional<String> shardOf(Event invoke) {
    String key = String.valueOf(invoke.key());
    return key.contains("/") ? Optional.of(key.substring(0, key.indexOf('/'))) : Optional.empty();
  }

  private final Scene scene = new Scene();

  private void fault(String phase, List<String> down, List<String> cut) {
    scene.history.nemesis("fault", Map.of("phase", phase, "down", down, "cut", cut));
  }

  /** A call that is asked at once and answered so much later. */
  private void answeredAfter(long millis) {
    Call call = scene.begin("read", "k", null);
    scene.pass(millis);
    scene.end(call, null);
  }

  @Test
  void shortGapsAreRightAndTheLongestIsTold() {
    answeredAfter(100);
    answeredAfter(300);
    answeredAfter(200);
    scene.isRight(CHECKER);
    AvailabilityChecker.Report report = CHECKER.measure(scene.events());
    assertThat(report.longestGap().length()).isEqualTo(Duration.ofMillis(301));
    assertThat(report.longestGap().from()).isEqualTo(2);
    assertThat(report.answers()).isEqualTo(3);
  }

  @Test
  void gapWithOneNodeDownIsFound() {
    answeredAfter(1);
    fault("begin", List.of("n1"), List.of());
    answeredAfter(800);
    assertThat(scene.isWrong(CHECKER, "gap").explanation()).contains("for 801 ms");
  }

  @Test
  void gapEndsWithAnAnswerAndNotWithAFailure() {
    Call one = scene.begin("read", "k", null);
    scene.pass(300);
    scene.fails("write", "k", 1).pass(300);
    scene.end(one, null);
    scene.isWrong(CHECKER, "gap");
  }

  @Test
  void silenceIsNoGap() {
    answeredAfter(1);
    scene.pass(10_000);
    answeredAfter(1);
    scene.isRight(CHECKER);
  }

  @Test
  void withoutAMajorityNobodyCanAnswer() {
    fault("begin", List.of("n1", "n2"), List.of());
    Call call = scene.begin("read", "k", null);
    scene.pass(10_000);
    fault("end", List.of(), List.of());
    scene.pass(1500);
    scene.end(call, null);
    scene.isRight(CHECKER);
    assertThat(CHECKER.measure(scene.events()).longestRecovery().length())
        .isEqualTo(Duration.ofMillis(1501));
  }

  @Test
  void noRecoveryAfterHealingIsFound() {
    fault("begin", List.of(), List.of("n1>n2", "n2>n1", "n1>n3", "n2>n3"));
    scene.begin("read", "k", null);
    fault("end", List.of(), List.of());
    scene.pass(3000);
    scene.fails("read", "k", null);
    scene.isWrong(CHECKER, "no recovery");
  }

  /** n2 talks to n3 both ways, though n1 only hears. */
  @Test
  void gapWithOneWayPartitionIsFound() {
    fault("begin", List.of(), List.of("n1>n2", "n1>n3"));
    answeredAfter(800);
    scene.isWrong(CHECKER, "gap");
  }

  @Test
  void nodeWithABrokenDiskIsNotOneOfAMajority() {
    scene.history.nemesis(
        "disk-full", Map.of("phase", "begin", "down", List.of("n1"), "impaired", List.of("n2")));
    answeredAfter(5000);
    scene.isRight(CHECKER);
  }

  /** So long there are answers of s1 only, one every 100 ms. */
  private void servedBesides(int times) {
    for (int i = 0; i < times; i++) {
      scene.pass(98).sees("read", "s1/a", null);
    }
  }

  @Test
  void gapOfOneShardIsFoundBehindTheAnswersOfAnother() {
    scene.sees("read", "s2/a", null);
    Call call = scene.begin("read", "s2/a", null);
    servedBesides(8);
    scene.end(call, null);
    Violation gap = scene.isWrong(CHECKER, "gap");
    assertThat(gap.explanation()).startsWith("no call to s2 ended well for 801 ms");
    AvailabilityChecker.Report report = CHECKER.measure(scene.events());
    assertThat(report.longestGap().length()).isLessThan(Duration.ofMillis(200));
    assertThat(report.longestGapAnywhere().length()).isEqualTo(Duration.ofMillis(801));
    assertThat(report.longestGapInWords()).startsWith("801 ms, s2, from event ");
    assertThat(report.shards()).containsOnlyKeys("s1", "s2");
  }

  @Test
  void gapOfOneShardGoesOnThroughItsFailuresAndThroughCallsOfUnknownShards() {
    for (int i = 0; i < 8; i++) {
      scene.pass(98).unknown("write", "s2/a", 1).sees("read", "elsewhere", null);
    }
    assertThat(scene.isWrong(CHECKER, "gap").explanation()).startsWith("no call to s2");
  }

  @Test
  void shardThatIsAskedNowAndThenHasNoGapWhileNobodyAsks() {
    scene.sees("read", "s2/a", null);
    servedBesides(20);
    scene.sees("read", "s2/a", null);
    scene.isRight(CHECKER);
  }

  @Test
  void recoveryOfOneShardIsJudgedThoughAnotherIsBackAtOnce() {
    fault("begin", List.of("n1", "n2"), List.of());
    Call call = scene.begin("read", "s2/a", null);
    scene.pass(5_000);
    fault("end", List.of(), List.of());
    servedBesides(19);
    scene.isRight(CHECKER);
    servedBesides(2);
    scene.end(call, null);
    assertThat(scene.isWrong(CHECKER, "no recovery").explanation()).startsWith("no call to s2");
  }

  @Test
  void shardFirstAskedUnderAFaultIsJudgedUnderThatFault() {
    fault("begin", List.of("n1", "n2"), List.of());
    scene.begin("read", "s2/a", null);
    scene.pass(5_000);
    scene.fails("read", "s2/a", null);
    scene.isRight(CHECKER);
  }
}
