package org.ferrisdb.integration.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.check.Verdict;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.testkit.EmbeddedFerris;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every workload that can run, on a cluster that nobody breaks, and on one that is gone. */
class GeneratorTest {
  @SuppressWarnings("NullAway.Init") // by start
  private static EmbeddedFerris cluster;

  @SuppressWarnings("NullAway.Init") // by start
  private static Ferris ferris;

  @BeforeAll
  static void start() {
    cluster = EmbeddedFerris.builder().shards(4).start();
    ferris = cluster.connect();
  }

  @AfterAll
  static void stop() {
    ferris.close();
    cluster.close();
  }

  static List<String> workloads() {
    KeySpace keys = KeySpace.of(ferris.clusterInfo(), "names");
    return Workloads.all(keys, 1).stream()
        .filter(w -> w.unsupported().isEmpty())
        .map(Workload::name)
        .toList();
  }

  private static Workload workload(String name, String tag) {
    return Workloads.all(KeySpace.of(ferris.clusterInfo(), tag), 1).stream()
        .filter(w -> w.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Generator.Settings settings(int perSecond, int millis) {
    return new Generator.Settings(
        perSecond, 3, Duration.ofMillis(millis), Duration.ofSeconds(5), 17);
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void onARightClusterEveryHistoryIsRight(String name) throws InterruptedException {
    History history = new History(System::nanoTime);
    Workload workload = workload(name, "right");
    workload.setUp(ferris);
    workload.setUp(ferris); // may be said twice
    Generator generator = new Generator(workload, settings(400, 1_500), history, System::nanoTime);
    generator.start(_ -> () -> ferris.withDeadline(Duration.ofSeconds(5)));
    generator.join();
    assertThat(generator.finalReads(ferris, "n1", Duration.ofSeconds(10))).isEmpty();
    assertThat(generator.faults()).isEmpty();

    List<Event> events = history.events();
    assertThat(events.stream().filter(e -> e.type() == Event.Type.OK)).hasSizeGreaterThan(100);
    assertThat(events).allMatch(e -> generator.processes().contains(e.process()));
    Verdict verdict = workload.checker().check(events);
    assertThat(verdict).isInstanceOf(Verdict.Right.class);
    // What was begun last in the load, and the final reads after it, are in the history.
    assertThat(events.getLast().type()).isEqualTo(Event.Type.OK);
  }

  @Test
  void theRateIsKeptAndNotExceeded() throws InterruptedException {
    History history = new History(System::nanoTime);
    Generator generator =
        new Generator(
            workload("register", "rate"), settings(100, 2_000), history, System::nanoTime);
    generator.start(_ -> () -> ferris.withDeadline(Duration.ofSeconds(5)));
    generator.join();
    long calls = history.events().stream().filter(e -> e.type() == Event.Type.INVOKE).count();
    assertThat(calls).isBetween(100L, 201L);
  }

  @Test
  void aClientThatGetsNoAnswerGoesOnUnderANewNumber() throws InterruptedException {
    try (EmbeddedFerris doomed = EmbeddedFerris.start();
        Ferris client = doomed.connect()) {
      client.clusterInfo();
      KeySpace keys = KeySpace.of(client.clusterInfo(), "gone");
      History history = new History(System::nanoTime);
      Generator.Settings settings =
          new Generator.Settings(50, 2, Duration.ofSeconds(2), Duration.ofMillis(300), 3);
      Generator generator =
          new Generator(new SetWorkload(keys), settings, history, System::nanoTime);
      doomed.stop("n1");
      generator.start(_ -> () -> client.withDeadline(settings.deadline()));
      generator.join();

      List<Event> ends =
          history.events().stream().filter(e -> e.type() != Event.Type.INVOKE).toList();
      assertThat(ends).isNotEmpty().noneMatch(e -> e.type() == Event.Type.OK);
      assertThat(ends).allMatch(e -> e.extra().containsKey("error"));
      Set<String> lost =
          ends.stream()
              .filter(e -> e.type() == Event.Type.INFO)
              .map(Event::process)
              .collect(Collectors.toSet());
      for (String process : lost) {
        List<Event> own =
            history.events().stream().filter(e -> e.process().equals(process)).toList();
        assertThat(own.getLast().type())
            .as("nothing after an unknown outcome")
            .isEqualTo(Event.Type.INFO);
      }
      assertThat(generator.finalReads(client, "n1", Duration.ofMillis(500)))
          .isNotEmpty()
          .allMatch(line -> line.startsWith("set: the final read s0 through n1 was not answered"));
      assertThat(generator.faults()).isEmpty();
      assertThat(new ArrayList<>(generator.processes())).hasSize(2 + lost.size() + 1);
    }
  }
}
