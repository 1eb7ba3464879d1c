package org.ferrisdb.integration.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.ferrisdb.integration.check.RegisterChecker;
import org.ferrisdb.integration.check.Verdict;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A real history of registers under a mix of all faults, shipped in both formats for whoever writes
 * a checker, or doubts ours. Made by {@code ./ferris torture --workload register --faults all
 * --seconds 300 --seed 1}: its {@code cells/all-1/history.jsonl}, and that as EDN.
 */
class ShippedHistoryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** So many events apart, a value has been overwritten for certain. */
  private static final int FAR = 500;

  private static List<Event> history = List.of();

  @BeforeAll
  static void read() throws Exception {
    history = HistoryJson.read(resource("registers-300s.jsonl.gz"));
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(ShippedHistoryTest.class.getResource(name)).toURI());
  }

  @Test
  void isLongAndMetManyKindsOfFaults() {
    long nanos = history.getLast().time() - history.getFirst().time();
    assertThat(Duration.ofNanos(nanos)).isGreaterThan(Duration.ofMinutes(5));
    Set<String> faults = new TreeSet<>();
    history.stream().filter(e -> e.process().equals(Event.NEMESIS)).forEach(e -> faults.add(e.f()));
    assertThat(faults).contains("all").hasSizeGreaterThan(15);
  }

  @Test
  void isLinearizable() {
    Verdict verdict = new RegisterChecker(PATIENCE).check(history);
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Right.class, right -> assertThat(right.operations()).isGreaterThan(10_000));
  }

  @Test
  void isTheSameInBothFormats() throws Exception {
    StringBuilder edn = new StringBuilder();
    HistoryEdn.write(history, edn);
    assertThat(edn.toString().lines().toList()).isEqualTo(lines("registers-300s.edn.gz"));
  }

  /** Else the verdict above would say little. */
  @Test
  void oneOldAnswerAmongAllIsFound() {
    for (Event read : history) {
      Optional<Event> old = isRead(read) ? firstWriteLongBefore(read) : Optional.empty();
      if (old.isPresent()) {
        List<Event> changed = new ArrayList<>(history);
        changed.set(history.indexOf(read), answered(read, old.get().value()));
        assertThat(new RegisterChecker(PATIENCE).check(changed)).isInstanceOf(Verdict.Wrong.class);
        return;
      }
    }
    throw new AssertionError("no read could be made older");
  }

  private static boolean isRead(Event event) {
    return event.type() == Event.Type.OK && event.f().equals("read") && event.value() != null;
  }

  private static Optional<Event> firstWriteLongBefore(Event read) {
    return history.stream()
        .filter(e -> e.type() == Event.Type.OK && e.f().equals("write"))
        .filter(e -> Objects.equals(e.key(), read.key()))
        .findFirst()
        .filter(e -> read.index() - e.index() > FAR && !Objects.equals(e.value(), read.value()));
  }

  private static Event answered(Event read, @Nullable Object value) {
    return new Event(
        read.index(),
        read.time(),
        read.process(),
        read.type(),
        read.f(),
        read.key(),
        value,
        read.extra());
  }

  private static List<String> lines(String name) throws IOException, URISyntaxException {
    try (BufferedReader in = HistoryFile.reader(resource(name))) {
      return in.lines().toList();
    }
  }
}
