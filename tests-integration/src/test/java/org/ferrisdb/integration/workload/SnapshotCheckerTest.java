package org.ferrisdb.integration.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ferrisdb.integration.check.Verdict;
import org.ferrisdb.integration.check.Violation;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotCheckerTest {
  private final List<Event> events = new ArrayList<>();

  private void event(
      int process,
      Event.Type type,
      String f,
      @Nullable String key,
      @Nullable Object value,
      Map<String, Object> extra) {
    long index = events.size();
    events.add(new Event(index, index, Integer.toString(process), type, f, key, value, extra));
  }

  private void written(String key, long value, long version) {
    event(1, Event.Type.INVOKE, "write", key, value, Map.of());
    event(1, Event.Type.OK, "write", key, value, Map.of("version", version));
  }

  private void deleted(String key, long version) {
    event(1, Event.Type.INVOKE, "delete", key, null, Map.of());
    event(1, Event.Type.OK, "delete", key, null, Map.of("version", version));
  }

  private void now(long version) {
    event(2, Event.Type.INVOKE, "now", null, null, Map.of());
    event(2, Event.Type.OK, "now", null, version, Map.of());
  }

  private void read(Map<String, Object> cut) {
    event(3, Event.Type.INVOKE, "read-at", null, Map.of("at", cut.get("at")), Map.of());
    event(3, Event.Type.OK, "read-at", null, cut, Map.of());
  }

  private static List<Long> pair(long value, long version) {
    return List.of(value, version);
  }

  private List<String> anomalies() {
    Verdict verdict = new SnapshotChecker().check(events);
    return verdict instanceof Verdict.Wrong wrong
        ? wrong.violations().stream().map(Violation::anomaly).toList()
        : List.of();
  }

  @Test
  void aPastThatStaysAsItWasIsRight() {
    written("k1", 1, 10);
    now(15);
    written("k1", 2, 20);
    deleted("k1", 30);
    now(35);
    read(Map.of("at", 15L, "k1", pair(1, 10)));
    read(Map.of("at", 35L));
    read(Map.of("at", 15L, "k1", pair(1, 10)));
    assertThat(new SnapshotChecker().check(events)).isEqualTo(new Verdict.Right(8));
  }

  @Test
  void aReadThatMissesAnAcknowledgedWriteIsStale() {
    written("k1", 1, 10);
    written("k1", 2, 20);
    now(25);
    read(Map.of("at", 25L, "k1", pair(1, 10)));
    assertThat(anomalies()).containsExactly("stale snapshot");
  }

  @Test
  void aReadOfNothingThatMissesAWriteIsStale() {
    written("k1", 1, 10);
    now(25);
    read(Map.of("at", 25L));
    assertThat(anomalies()).containsExactly("stale snapshot");
  }

  @Test
  void aReadThatMissesADeletionIsStale() {
    written("k1", 1, 10);
    deleted("k1", 20);
    now(25);
    read(Map.of("at", 25L, "k1", pair(1, 10)));
    assertThat(anomalies()).containsExactly("stale snapshot");
  }

  @Test
  void aReadOfTheFutureIsFound() {
    now(5);
    written("k1", 1, 10);
    read(Map.of("at", 5L, "k1", pair(1, 10)));
    assertThat(anomalies()).containsExactly("future read");
  }

  @Test
  void twoReadsOfOneMomentThatDifferAreFoundAlsoIfNothingElseIsKnown() {
    event(1, Event.Type.INVOKE, "write", "k1", 1L, Map.of());
    event(1, Event.Type.INFO, "write", "k1", 1L, Map.of("error", "timeout"));
    now(25);
    read(Map.of("at", 25L));
    read(Map.of("at", 25L, "k1", pair(1, 20)));
    assertThat(anomalies()).containsExactly("changed past");
  }

  @Test
  void aWriteOfUnknownOutcomeMayShowOrNot() {
    written("k1", 1, 10);
    event(4, Event.Type.INVOKE, "write", "k1", 2L, Map.of());
    event(4, Event.Type.INFO, "write", "k1", 2L, Map.of("error", "timeout"));
    now(25);
    now(35);
    read(Map.of("at", 25L, "k1", pair(1, 10)));
    read(Map.of("at", 35L, "k1", pair(2, 30)));
    assertThat(anomalies()).isEmpty();
  }

  @Test
  void aDeletionOfUnknownOutcomeExplainsAnAbsentKeyAndNothingElse() {
    written("k1", 1, 10);
    written("k2", 2, 11);
    event(4, Event.Type.INVOKE, "delete", "k1", null, Map.of());
    event(4, Event.Type.INFO, "delete", "k1", null, Map.of("error", "timeout"));
    now(25);
    read(Map.of("at", 25L, "k2", pair(2, 11)));
    assertThat(anomalies()).isEmpty();
    now(26);
    read(Map.of("at", 26L, "k1", pair(1, 10)));
    assertThat(anomalies()).containsExactly("stale snapshot");
  }

  @Test
  void aValueOfARefusedWriteOrOfNobodyIsAPhantom() {
    event(4, Event.Type.INVOKE, "write", "k1", 2L, Map.of());
    event(4, Event.Type.FAIL, "write", "k1", 2L, Map.of("error", "refused"));
    now(25);
    read(Map.of("at", 25L, "k1", pair(2, 20)));
    now(26);
    read(Map.of("at", 26L, "k2", pair(77, 20)));
    assertThat(anomalies()).containsExactly("phantom value", "phantom value");
  }

  @Test
  void aWriteWhoseVersionIsNotAboveAKnownTimestampIsFromThePast() {
    now(25);
    written("k1", 1, 20);
    assertThat(anomalies()).containsExactly("timestamp from the past");
  }

  @Test
  void aTimestampThatIsNotAboveAnAcknowledgedVersionIsFromThePast() {
    written("k1", 1, 20);
    now(20);
    assertThat(anomalies()).containsExactly("timestamp from the past");
  }

  @Test
  void concurrentCallsMayBeToldTimestampsInAnyOrder() {
    event(5, Event.Type.INVOKE, "now", null, null, Map.of());
    written("k1", 1, 20);
    event(5, Event.Type.OK, "now", null, 15L, Map.of());
    assertThat(anomalies()).isEmpty();
  }
}
