package org.ferrisdb.integration.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;

/** A small history written by hand; a millisecond passes with each event. */
final class Scene {
  private final AtomicLong clock = new AtomicLong();
  final History history = new History(() -> clock.addAndGet(1_000_000));

  /** A call that overlaps with whatever comes before its end. */
  Call begin(String f, @Nullable String key, @Nullable Object value) {
    return history.invoke(history.newProcess(), f, key, value);
  }

  /** Ends well. */
  void end(Call call, @Nullable Object result) {
    history.ok(call, result);
  }

  /** A whole call of its own time that takes effect and answers what it was asked with. */
  Scene ok(String f, @Nullable String key, @Nullable Object value) {
    end(begin(f, key, value), null);
    return this;
  }

  /** A whole call that reads. */
  Scene sees(String f, @Nullable String key, @Nullable Object result) {
    end(begin(f, key, null), result);
    return this;
  }

  /** A whole call that certainly did nothing. */
  Scene fails(String f, @Nullable String key, @Nullable Object value) {
    history.fail(begin(f, key, value), "refused");
    return this;
  }

  /** A call of which nothing is known. */
  Scene unknown(String f, @Nullable String key, @Nullable Object value) {
    history.info(begin(f, key, value), "timeout");
    return this;
  }

  /** Lets time pass. */
  Scene pass(long millis) {
    clock.addAndGet(millis * 1_000_000);
    return this;
  }

  List<Event> events() {
    return history.events();
  }

  void isRight(Checker checker) {
    assertThat(checker.check(events())).isInstanceOf(Verdict.Right.class);
  }

  /** The anomaly is found, and explained with events that there are. */
  Violation isWrong(Checker checker, String anomaly) {
    Verdict verdict = checker.check(events());
    assertThat(verdict).as("verdict").isInstanceOf(Verdict.Wrong.class);
    List<Violation> violations = ((Verdict.Wrong) verdict).violations();
    assertThat(violations).extracting(Violation::anomaly).contains(anomaly);
    for (Violation violation : violations) {
      assertThat(violation.events()).isNotEmpty().allMatch(e -> e >= 0 && e < events().size());
      assertThat(violation.explanation()).hasSizeGreaterThan(20);
    }
    return violations.stream().filter(v -> v.anomaly().equals(anomaly)).findFirst().orElseThrow();
  }

  /** A list that may hold null. */
  static List<@Nullable Object> list(@Nullable Object... elements) {
    List<@Nullable Object> list = new ArrayList<>();
    Collections.addAll(list, elements);
    return Collections.unmodifiableList(list);
  }
}
