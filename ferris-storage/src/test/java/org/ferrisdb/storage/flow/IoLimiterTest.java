package org.ferrisdb.storage.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.ferrisdb.storage.flow.IoLimiter.Urgency;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.ManualTicker;
import org.junit.jupiter.api.Test;

/** Compactions keep to their rate, in the right order; flushes keep to none. */
final class IoLimiterTest {
  private static final int RATE = 10 << 20;

  private final ManualTicker ticker = new ManualTicker();
  private final IoLimiter limiter = new IoLimiter(RATE, ticker);

  private double seconds(long begin) {
    return (ticker.nanos() - begin) / 1e9;
  }

  private static void acquire(IoLimiter limiter, long bytes, Urgency urgency) {
    limiter.acquire(bytes, () -> urgency, () -> {});
  }

  @Test
  void compactions_write_at_the_rate_and_not_above() {
    long begin = ticker.nanos();
    for (int i = 0; i < 1_000; i++) {
      acquire(limiter, 64 << 10, i % 2 == 0 ? Urgency.LEVEL0 : Urgency.DEEPER);
    }
    assertThat(seconds(begin)).isEqualTo(1_000.0 * (64 << 10) / RATE, within(0.15));
    assertThat(ticker.sleeps()).allMatch(nanos -> nanos <= 20_000_000);
  }

  @Test
  void time_that_nobody_used_is_not_saved_up() {
    ticker.advance(3_600_000_000_000L);
    long begin = ticker.nanos();
    for (int i = 0; i < 100; i++) {
      acquire(limiter, RATE / 10, Urgency.DEEPER);
    }
    assertThat(seconds(begin)).isBetween(9.7, 10.0);
  }

  @Test
  void flushes_never_wait_and_compactions_make_up_for_them() {
    for (int i = 0; i < 1_000; i++) {
      acquire(limiter, 1 << 20, Urgency.AT_ONCE);
    }
    assertThat(ticker.sleeps()).isEmpty();
    long begin = ticker.nanos();
    for (int i = 0; i < 1_000; i++) {
      acquire(limiter, RATE / 1_000, Urgency.LEVEL0);
    }
    assertThat(seconds(begin))
        .as("a second's worth, and a tenth for what was flushed, not all of it")
        .isBetween(1.08, 1.12);
  }

  /** Else level 0 would fill up, and writers would stop, at twice the rate and for ever. */
  @Test
  void flushes_that_never_end_leave_compactions_a_quarter() {
    IoLimiter[] shared = new IoLimiter[1];
    Ticker flushing =
        new Ticker() {
          @Override
          public long nanos() {
            return ticker.nanos();
          }

          @Override
          public void sleep(long nanos) {
            acquire(shared[0], 2L * RATE * nanos / 1_000_000_000, Urgency.AT_ONCE);
            ticker.sleep(nanos);
          }
        };
    shared[0] = new IoLimiter(RATE, flushing);
    acquire(shared[0], RATE, Urgency.AT_ONCE);
    long begin = ticker.nanos();
    for (int i = 0; i < 1_000; i++) {
      acquire(shared[0], RATE / 1_000, Urgency.DEEPER);
    }
    assertThat(seconds(begin)).isBetween(3.7, 4.2);
  }

  @Test
  void who_is_no_longer_wanted_does_not_wait_on() {
    acquire(limiter, 1_000L * RATE, Urgency.DEEPER); // 1,000 seconds are missing
    int[] checks = new int[1];
    assertThatThrownBy(() ->
            limiter.acquire(
                1,
                () -> Urgency.DEEPER,
                () -> {
                  if (++checks[0] > 3) {
                    throw new IllegalStateException("closed");
                  }
                }))
        .hasMessage("closed");
    assertThat(ticker.sleeps()).hasSize(3).allMatch(nanos -> nanos <= 20_000_000);
  }

  @Test
  void what_becomes_urgent_while_it_waits_waits_no_longer() {
    acquire(limiter, 1_000L * RATE, Urgency.DEEPER);
    limiter.acquire(
        1, () -> ticker.sleeps().size() < 2 ? Urgency.LEVEL0 : Urgency.AT_ONCE, () -> {});
    assertThat(ticker.sleeps()).hasSize(2);
    assertThat(limiter.tryAcquire(1, Urgency.DEEPER)).as("level 0 waits no more").isPositive();
    ticker.advance(2_000_000_000_000L);
    assertThat(limiter.tryAcquire(1, Urgency.DEEPER)).isZero();
  }

  @Test
  void deeper_levels_let_level_0_go_first() {
    IoLimiter[] shared = new IoLimiter[1];
    int[] asked = new int[1];
    Ticker passing =
        new Ticker() {
          @Override
          public long nanos() {
            return ticker.nanos();
          }

          // While level 0 sleeps here, time enough for both passes, and the deeper one asks.
          @Override
          public void sleep(long nanos) {
            ticker.advance(1_000_000_000);
            assertThat(shared[0].tryAcquire(1, Urgency.DEEPER)).isPositive();
            asked[0]++;
          }
        };
    shared[0] = new IoLimiter(RATE, passing);
    assertThat(shared[0].tryAcquire(RATE / 5, Urgency.DEEPER)).as("all there is, twice").isZero();
    acquire(shared[0], 100, Urgency.LEVEL0);
    assertThat(asked[0]).isEqualTo(1);
    assertThat(shared[0].tryAcquire(1, Urgency.DEEPER)).as("level 0 has what it wanted").isZero();
  }

  @Test
  void without_a_rate_nothing_waits_and_files_are_as_they_were() {
    IoLimiter none = new IoLimiter(IoLimiter.UNLIMITED, ticker);
    for (int i = 0; i < 1_000; i++) {
      acquire(none, 1 << 30, Urgency.DEEPER);
    }
    assertThat(ticker.sleeps()).isEmpty();
    FileSystem files = new FaultyFileSystem();
    assertThat(LimitedFileSystem.of(files, none, () -> Urgency.DEEPER, () -> {})).isSameAs(files);
    IoLimiter inline = new IoLimiter(RATE, Ticker.STILL);
    assertThat(LimitedFileSystem.of(files, inline, () -> Urgency.DEEPER, () -> {})).isSameAs(files);
    assertThatThrownBy(() -> new IoLimiter(-1, ticker))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void what_a_limited_file_appends_is_counted() throws IOException {
    FaultyFileSystem files = new FaultyFileSystem();
    FileSystem limited = LimitedFileSystem.of(files, limiter, () -> Urgency.DEEPER, () -> {});
    limited.createDirectories(Path.of("/disk"));
    long begin = ticker.nanos();
    try (FileSystem.WritableFile file = limited.create(Path.of("/disk/a"))) {
      for (int i = 0; i < 20; i++) {
        file.append(ByteBuffer.allocate(RATE / 10));
      }
      assertThat(file.size()).isEqualTo(20L * (RATE / 10));
    }
    assertThat(seconds(begin)).isBetween(1.75, 2.0);
  }
}
