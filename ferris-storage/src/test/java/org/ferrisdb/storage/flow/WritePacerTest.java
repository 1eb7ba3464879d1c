package org.ferrisdb.storage.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.ferrisdb.storage.metrics.SeenRate;
import org.ferrisdb.storage.metrics.StallCounters;
import org.ferrisdb.storage.metrics.StallReason;
import org.ferrisdb.storage.metrics.StallStats;
import org.ferrisdb.storage.testing.ManualTicker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A writer that is faster than the flush ends up as fast as the flush, without a stop. */
final class WritePacerTest {
  private static final int MIB = 1 << 20;
  private static final int MEMTABLE = 16 * MIB;

  private final ManualTicker ticker = new ManualTicker();
  private final StallCounters stalls = new StallCounters();
  private final WritePacer pacer = new WritePacer(ticker, stalls);

  private StallStats of(StallReason reason) {
    return stalls.stats().stream().filter(s -> s.reason() == reason).findFirst().orElseThrow();
  }

  /** An engine with one flush thread, in simulated time. */
  private final class Simulation {
    final double flushNanosPerByte;
    final SeenRate seen = new SeenRate();
    int waiting;
    double active;
    long flushEnd; // of the memtable that is being flushed
    long stops;
    long flushes;

    Simulation(int flushMibPerSecond) {
      this.flushNanosPerByte = 1e9 / (flushMibPerSecond * (double) MIB);
    }

    void flush() {
      while (waiting > 0 && flushEnd <= ticker.nanos()) {
        seen.add(MEMTABLE, flushNanos());
        waiting--;
        flushes++;
        flushEnd += flushNanos();
      }
    }

    long flushNanos() {
      return (long) (MEMTABLE * flushNanosPerByte);
    }

    void write(int bytes) {
      flush();
      double pressure = WritePressure.immutableMemtables(waiting, active / MEMTABLE, 2);
      if (pressure > 0) {
        pacer.pace(bytes, StallReason.IMMUTABLE_MEMTABLES, pressure, seen.perSecond());
      } else {
        pacer.free();
      }
      flush();
      if (active >= MEMTABLE) {
        if (waiting == 2) {
          stops++;
          ticker.advance(flushEnd - ticker.nanos());
          flush();
        }
        if (waiting++ == 0) {
          flushEnd = ticker.nanos() + flushNanos();
        }
        active = 0;
      }
      active += bytes;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "100, 200, 60",
    "100, 400, 20",
    "1000, 300, 100",
    "16384, 500, 30",
    "65536, 1000, 15"
  })
  void a_fast_writer_is_slowed_to_the_pace_of_the_flush(
      int value, int writeMibPerSecond, int flushMibPerSecond) {
    Simulation engine = new Simulation(flushMibPerSecond);
    long writeNanos = (long) (value * 1e9 / (writeMibPerSecond * (double) MIB));
    long begin = ticker.nanos();
    long bytes = 0;
    while (engine.flushes < 40) {
      engine.write(value);
      ticker.advance(writeNanos);
      bytes += value;
    }
    assertThat(engine.stops).as("stops at the wall").isZero();
    assertThat(ticker.sleeps()).allMatch(nanos -> nanos <= 10_000_000, "at most 10 ms");
    double seconds = (ticker.nanos() - begin) / 1e9;
    assertThat(bytes / seconds / MIB)
        .as("MiB a second")
        .isGreaterThan(0.95 * flushMibPerSecond)
        .isLessThan(1.15 * flushMibPerSecond);
    assertThat(of(StallReason.IMMUTABLE_MEMTABLES).count()).isEqualTo(ticker.sleeps().size());
  }

  @Test
  void a_slow_writer_is_never_held_up() {
    Simulation engine = new Simulation(60);
    while (engine.flushes < 20) {
      engine.write(1_000);
      ticker.advance(30_000); // 32 MiB a second
    }
    assertThat(ticker.sleeps()).isEmpty();
    assertThat(engine.stops).isZero();
  }

  @Test
  void a_large_batch_waits_a_little_and_the_writes_behind_it_pay_the_rest() {
    pacer.pace(5 * MIB, StallReason.LEVEL0, 1, 4 * MIB); // as much as the work takes in 2.5 s
    assertThat(ticker.sleeps()).containsExactly(30_000_000L);
    assertThat(of(StallReason.LEVEL0)).isEqualTo(new StallStats(StallReason.LEVEL0, 1, 30_000_000));
    long begin = ticker.nanos();
    int waited = 1;
    while (true) {
      pacer.pace(100, StallReason.LEVEL0, 0.1, 4 * MIB); // next to nothing of its own
      if (ticker.sleeps().size() == waited) {
        break;
      }
      waited++;
    }
    assertThat(ticker.sleeps().subList(1, waited)).allMatch(nanos -> nanos <= 5_000_000);
    assertThat((ticker.nanos() - begin) / 1e9).as("seconds").isBetween(2.4, 2.6);
  }

  @Test
  void no_batch_waits_long_however_many_there_are() {
    for (int i = 0; i < 100; i++) {
      pacer.pace(5 * MIB, StallReason.LEVEL0, 1, 4 * MIB);
    }
    assertThat(ticker.sleeps()).hasSize(100).allMatch(nanos -> nanos <= 30_000_000);
    pacer.free();
    pacer.pace(100, StallReason.LEVEL0, 0.1, 4 * MIB);
    assertThat(ticker.sleeps()).as("forgiven").hasSize(100);
  }

  @Test
  void what_is_owed_is_forgotten_when_nothing_presses() {
    for (int i = 0; i < 10; i++) {
      pacer.pace(100, StallReason.LEVEL0, 0.9, 8 * MIB); // 77 us each, too little to sleep
    }
    pacer.free();
    for (int i = 0; i < 10; i++) {
      pacer.pace(100, StallReason.LEVEL0, 0.9, 8 * MIB);
    }
    assertThat(ticker.sleeps()).isEmpty();
    for (int i = 0; i < 10; i++) {
      pacer.pace(100, StallReason.LEVEL0, 0.9, 8 * MIB);
    }
    assertThat(ticker.sleeps()).hasSize(1);
  }

  @Test
  void where_no_time_passes_nobody_waits() {
    WritePacer inline = new WritePacer(Ticker.STILL, stalls);
    for (int i = 0; i < 1_000; i++) {
      inline.pace(MIB, StallReason.LEVEL0, 1, MIB);
    }
    assertThat(of(StallReason.LEVEL0).count()).isZero();
  }
}
