package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.node.cli.load.BenchSpec.Mix;
import org.junit.jupiter.api.Test;

class BenchRunnerTest {
  private static BenchSpec spec(Mix mix, int outstanding, double rate) {
    return new BenchSpec(
        mix, 2, outstanding, rate, Duration.ZERO, Duration.ofMillis(300), 100, 10, 7);
  }

  private static BenchReport run(BenchSpec spec, Store store) throws InterruptedException {
    return new BenchRunner(spec, store, () -> CpuMeter.start(List.of())).run();
  }

  @Test
  void preloadWritesEveryKeyOnce() throws InterruptedException {
    MemoryStore store = new MemoryStore();
    new BenchRunner(spec(Mix.PUT, 1, 0), store, () -> CpuMeter.start(List.of())).preload();
    assertThat(store.map).hasSize(100);
    assertThat(store.map.values()).allMatch(s -> s.value().length == 10);
  }

  @Test
  void theMixIsRoughlyWhatItsNameSays() throws InterruptedException {
    BenchReport a = run(spec(Mix.YCSB_A, 1, 0), new MemoryStore());
    assertThat(a.reads().getTotalCount() / (double) a.operations()).isBetween(0.4, 0.6);
    BenchReport c = run(spec(Mix.YCSB_C, 4, 0), new MemoryStore());
    assertThat(c.writes().getTotalCount()).isZero();
    assertThat(c.operations()).isPositive();
    assertThat(c.rows()).hasSize(1);
  }

  @Test
  void ycsbEScansFromKeysAndInsertsNewOnes() throws InterruptedException {
    AtomicInteger longest = new AtomicInteger();
    MemoryStore store =
        new MemoryStore() {
          @Override
          public synchronized int scan(byte[] from, int limit) {
            longest.accumulateAndGet(limit, Math::max);
            return super.scan(from, limit);
          }
        };
    BenchReport e = run(spec(Mix.YCSB_E, 1, 0), store);
    assertThat(e.reads().getTotalCount()).isGreaterThan(e.writes().getTotalCount());
    assertThat(longest.get()).isBetween(2, 100);
    assertThat(store.map).as("every insert is a key of its own").hasSizeGreaterThan(1);
    assertThat((long) store.map.size()).isGreaterThanOrEqualTo(e.writes().getTotalCount());
    assertThatThrownBy(() -> spec(Mix.YCSB_E, 4, 0)).hasMessageContaining("one operation");
  }

  @Test
  void errorsAreCountedAndDoNotEndTheBench() throws InterruptedException {
    AtomicInteger calls = new AtomicInteger();
    BenchReport report =
        run(
            spec(Mix.PUT, 1, 0),
            new MemoryStore() {
              @Override
              public synchronized long put(byte[] key, byte[] value) {
                if (calls.incrementAndGet() % 2 == 0) {
                  throw new StoreException("no", false, null);
                }
                return super.put(key, value);
              }
            });
    assertThat(report.errors()).isPositive();
    assertThat(report.operations()).isPositive();
    assertThat(report.firstError()).isEqualTo("no");
    assertThat(report.json().get("errors").getAsLong()).isEqualTo(report.errors());
  }

  /** A store that answers 20 operations a second: 10 times too slow for the rate asked for. */
  @Test
  void anOpenLoopCountsTheTimeThatOperationsWaitedToBeSent() throws InterruptedException {
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      MemoryStore slow =
          new MemoryStore() {
            @Override
            public CompletionStage<?> putAsync(byte[] key, byte[] value) {
              CompletableFuture<Long> answer = new CompletableFuture<>();
              var _ = timer.schedule(() -> answer.complete(1L), 100, TimeUnit.MILLISECONDS);
              return answer;
            }
          };
      BenchReport open = run(spec(Mix.PUT, 1, 200), slow);
      // The first takes 100 ms, the second waited for it: a closed loop would tell 100 ms of both.
      assertThat(open.writes().getMaxValue()).isGreaterThan(150_000_000L);
    }
  }
}
