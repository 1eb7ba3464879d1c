package org.ferrisdb.shard.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.testing.Simulation;
import org.junit.jupiter.api.Test;

final class BatchingTimestampSourceTest {
  private record Request(int count, CompletableFuture<Long> answer) {}

  private final Deque<Request> requests = new ArrayDeque<>();
  private final Simulation sim = new Simulation();

  private BatchingTimestampSource source(BatchingTimestampSource.Options options) {
    return new BatchingTimestampSource(
        (count, deadline) -> {
          Request request = new Request(count, new CompletableFuture<>());
          requests.add(request);
          return request.answer();
        },
        sim::nanoTime,
        sim,
        options);
  }

  private Request taken() {
    sim.run();
    return requests.remove();
  }

  private boolean noRequest() {
    sim.run();
    return requests.isEmpty();
  }

  @Test
  void who_comes_while_a_request_is_under_way_is_served_from_the_next() throws Exception {
    BatchingTimestampSource source = source(BatchingTimestampSource.Options.defaults());
    CompletableFuture<Long> first = source.draw(2);
    Request sentBefore = taken();
    assertThat(sentBefore.count()).isEqualTo(2);

    // The meta leader has drawn 100 for the request under way; then somebody else, elsewhere, is
    // given 500 and is done. Who begins to wait only now must get more than 500.
    CompletableFuture<Long> second = source.draw(3);
    CompletableFuture<Long> third = source.draw(1);
    assertThat(noRequest()).as("one request at a time").isTrue();
    sentBefore.answer().complete(100L);
    assertThat(first.get()).isEqualTo(100);
    assertThat(second).isNotDone();
    assertThat(third).isNotDone();

    Request sentAfter = taken();
    assertThat(sentAfter.count()).isEqualTo(4);
    sentAfter.answer().complete(501L);
    assertThat(second.get()).isEqualTo(501);
    assertThat(third.get()).isEqualTo(504);
    assertThat(noRequest()).isTrue();
    assertThat(source.newest()).isEqualTo(504);
    assertThat(source.waiting()).isZero();
  }

  @Test
  void a_failed_request_is_sent_again_with_those_who_came_meanwhile() throws Exception {
    BatchingTimestampSource source = source(BatchingTimestampSource.Options.defaults());
    CompletableFuture<Long> first = source.draw(1);
    Request failed = taken();
    CompletableFuture<Long> second = source.draw(1);
    failed.answer().completeExceptionally(ShardException.refused(Reason.NOT_LEADER, "not me"));
    assertThat(noRequest()).as("there is a pause").isTrue();
    sim.advance(Duration.ofMillis(5));
    Request again = taken();
    assertThat(again.count()).isEqualTo(2);
    again.answer().complete(7L);
    assertThat(first.get()).isEqualTo(7);
    assertThat(second.get()).isEqualTo(8);
  }

  @Test
  void a_request_that_never_ends_is_given_up_and_its_late_answer_thrown_away() throws Exception {
    BatchingTimestampSource source = source(options(Duration.ofMillis(20), 10));
    CompletableFuture<Long> draw = source.draw(1);
    Request lost = taken();
    sim.advance(Duration.ofMillis(19));
    assertThat(noRequest()).isTrue();
    sim.advance(Duration.ofMillis(1 + 5)); // given up; then the pause
    Request again = taken();
    lost.answer().complete(1L);
    assertThat(draw).isNotDone();
    again.answer().complete(9L);
    assertThat(draw.get()).isEqualTo(9);
  }

  @Test
  void when_patience_ends_the_draw_fails_as_unavailable_and_not_applied() {
    BatchingTimestampSource source = source(BatchingTimestampSource.Options.defaults());
    CompletableFuture<Long> draw = source.draw(1);
    long began = sim.nanoTime();
    int attempts = 0;
    while (!draw.isDone()) {
      if (noRequest()) {
        sim.advance(Duration.ofMillis(1));
      } else {
        taken().answer().completeExceptionally(new IOException("connection refused"));
        attempts++;
      }
    }
    ShardException failure = failure(draw);
    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.applied()).isEqualTo(ShardException.Applied.NO);
    assertThat(failure).hasMessageContaining("connection refused");
    assertThat(Duration.ofNanos(sim.nanoTime() - began))
        .isBetween(Duration.ofSeconds(3), Duration.ofMillis(3100));
    assertThat(attempts).as("pauses double, to a tenth of a second").isBetween(30, 40);
    assertThat(source.waiting()).isZero();
  }

  @Test
  void what_no_retry_heals_is_not_retried() {
    BatchingTimestampSource source = source(BatchingTimestampSource.Options.defaults());
    CompletableFuture<Long> draw = source.draw(1);
    taken().answer().completeExceptionally(ShardException.refused(Reason.INVALID, "no"));
    assertThat(failure(draw).reason()).isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void more_waiters_than_the_limit_are_refused_at_once() {
    BatchingTimestampSource source = source(options(Duration.ofSeconds(1), 3));
    List<CompletableFuture<Long>> draws = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      draws.add(source.draw(1));
    }
    assertThat(failure(source.draw(1)).reason()).isEqualTo(Reason.OVERLOADED);
    taken().answer().complete(1L);
    assertThat(draws.getFirst()).isCompletedWithValue(1L);
    assertThat(source.draw(1)).as("there is room again").isNotDone();
    assertThat(failure(source.draw(0)).reason()).isEqualTo(Reason.INVALID);
    assertThat(failure(source.draw((1 << 20) + 1)).reason()).isEqualTo(Reason.INVALID);
  }

  @Test
  void a_batch_larger_than_a_request_may_be_goes_in_several() {
    BatchingTimestampSource source = source(BatchingTimestampSource.Options.defaults());
    CompletableFuture<Long> first = source.draw(1);
    CompletableFuture<Long> big = source.draw(1 << 20);
    CompletableFuture<Long> next = source.draw(1);
    taken().answer().complete(1L);
    assertThat(first).isCompletedWithValue(1L);
    Request carried = taken();
    assertThat(carried.count()).isEqualTo(1 << 20);
    carried.answer().complete(2L);
    assertThat(big).isCompletedWithValue(2L);
    taken().answer().complete(3_000_000L);
    assertThat(next).isCompletedWithValue(3_000_000L);
  }

  @Test
  void closing_fails_everybody_now_and_later() {
    BatchingTimestampSource source = source(BatchingTimestampSource.Options.defaults());
    CompletableFuture<Long> sent = source.draw(1);
    CompletableFuture<Long> waiting = source.draw(1);
    source.close();
    for (CompletableFuture<Long> draw : List.of(sent, waiting, source.draw(1))) {
      assertThat(failure(draw).reason()).isEqualTo(Reason.UNAVAILABLE);
    }
    taken().answer().complete(1L);
    assertThat(source.waiting()).isZero();
  }

  @Test
  void timestamps_seen_elsewhere_raise_the_newest() {
    BatchingTimestampSource source = source(BatchingTimestampSource.Options.defaults());
    source.observe(50);
    source.observe(40);
    assertThat(source.newest()).isEqualTo(50);
  }

  @Test
  void a_transport_that_answers_at_once_does_not_deepen_the_stack() {
    AtomicLong counter = new AtomicLong();
    BatchingTimestampSource source =
        new BatchingTimestampSource(
            (count, deadline) -> CompletableFuture.completedFuture(counter.getAndAdd(count)),
            sim::nanoTime,
            sim,
            BatchingTimestampSource.Options.defaults());
    CompletableFuture<Long> last = source.draw(1);
    for (int i = 0; i < 100_000; i++) {
      last = last.thenCompose(t -> source.draw(1));
    }
    assertThat(last).isCompletedWithValue(100_000L);
  }

  /**
   * Threads draw and note when; the transport answers from a thread of its own, fails and hangs.
   */
  @Test
  void whatever_completed_before_a_draw_began_has_smaller_timestamps() throws Exception {
    long seed = 20261122;
    AtomicLong oracle = new AtomicLong(1);
    Random faults = new Random(seed);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    ScheduledExecutorService network = Executors.newSingleThreadScheduledExecutor();
    BatchingTimestampSource source =
        new BatchingTimestampSource(
            (count, deadline) -> {
              CompletableFuture<Long> answer = new CompletableFuture<>();
              int fate = faults.nextInt(100);
              network.execute(() -> {
                long first = oracle.getAndAdd(count); // drawn, whether or not it arrives
                if (fate < 5) {
                  answer.completeExceptionally(ShardException.refused(Reason.UNAVAILABLE, "no"));
                } else if (fate > 0 && fate < 98) {
                  answer.complete(first);
                }
              });
              return answer;
            },
            System::nanoTime,
            timer,
            new BatchingTimestampSource.Options(
                Duration.ofSeconds(30),
                Duration.ofMillis(5),
                Duration.ofMillis(1),
                Duration.ofMillis(2),
                1000,
                1 << 20));
    AtomicLong completed = new AtomicLong();
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Long> all = new ConcurrentLinkedQueue<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        running.add(
            threads.submit(() -> {
              for (int i = 0; i < 300; i++) {
                long before = completed.get();
                long mine = source.draw(1).join();
                if (mine <= before) {
                  wrong.add(mine + " after " + before);
                }
                all.add(mine);
                completed.accumulateAndGet(mine, Math::max);
              }
            }));
      }
      for (Future<?> thread : running) {
        thread.get(30, TimeUnit.SECONDS);
      }
    } finally {
      network.shutdownNow();
      timer.shutdownNow();
    }
    assertThat(wrong).as("seed %d", seed).isEmpty();
    assertThat(all).doesNotHaveDuplicates().hasSize(2400);
  }

  private static BatchingTimestampSource.Options options(Duration attempt, int waiters) {
    return new BatchingTimestampSource.Options(
        Duration.ofSeconds(3),
        attempt,
        Duration.ofMillis(5),
        Duration.ofMillis(100),
        waiters,
        1 << 20);
  }

  private static ShardException failure(CompletableFuture<Long> draw) {
    try {
      throw new AssertionError("not failed: " + draw.get(5, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return Optional.ofNullable(e.getCause()).map(ShardException.class::cast).orElseThrow();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
