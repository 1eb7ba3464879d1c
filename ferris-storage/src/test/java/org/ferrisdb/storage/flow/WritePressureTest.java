package org.ferrisdb.storage.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The way from no pressure to the stop is long, smooth and steep at its end. */
final class WritePressureTest {
  private static final int TRIGGER = 4;
  private static final int STOP = 24;

  @Test
  void level_0_presses_from_a_quarter_of_the_way_to_the_stop() {
    assertThat(WritePressure.level0Start(TRIGGER, STOP)).isEqualTo(9);
    assertThat(WritePressure.level0(9, 0, TRIGGER, STOP)).isZero();
    assertThat(WritePressure.level0(9, 0.1, TRIGGER, STOP)).isPositive().isLessThan(0.01);
    assertThat(WritePressure.level0(17, 0, TRIGGER, STOP)).isEqualTo(0.5);
    assertThat(WritePressure.level0(STOP, 1, TRIGGER, STOP)).isEqualTo(1);
    assertThat(WritePressure.level0(99, 1, TRIGGER, STOP)).isEqualTo(1);
  }

  @Test
  void memtables_press_while_the_last_one_fills() {
    assertThat(WritePressure.immutableMemtables(1, 1, 2)).isZero();
    assertThat(WritePressure.immutableMemtables(2, 0, 2)).isZero();
    assertThat(WritePressure.immutableMemtables(2, 0.5, 2)).isEqualTo(0.5);
    assertThat(WritePressure.immutableMemtables(2, 1, 2)).isEqualTo(1);
    assertThat(WritePressure.immutableMemtables(5, 0, 2)).isEqualTo(1);
  }

  @Test
  void the_budget_presses_only_above_where_it_has_memtables_flushed() {
    assertThat(WritePressure.memory(750, 1_000)).isZero();
    assertThat(WritePressure.memory(812, 1_000)).isZero();
    assertThat(WritePressure.memory(1_000 - 93, 1_000)).isEqualTo(0.5, within(0.01));
    assertThat(WritePressure.memory(1_000, 1_000)).isEqualTo(1);
    assertThat(WritePressure.memory(5_000, 1_000)).isEqualTo(1);
  }

  @Test
  void pressure_never_jumps_and_never_falls_on_the_way() {
    double before = 0;
    for (int step = 0; step <= 30 * 100; step++) {
      double now = WritePressure.level0(step / 100, step % 100 / 100.0, TRIGGER, STOP);
      assertThat(now - before).as("at %s", step / 100.0).isBetween(0.0, 0.001);
      before = now;
    }
    assertThat(before).isEqualTo(1);
  }

  @Test
  void the_price_begins_at_nothing_and_ends_at_eight_times_the_work() {
    double rate = 1e9; // a byte a nanosecond
    assertThat(WritePressure.nanosPerByte(0, rate)).isZero();
    assertThat(WritePressure.nanosPerByte(0.1, rate)).isEqualTo(0.08, within(1e-9));
    assertThat(WritePressure.nanosPerByte(0.3536, rate)).isEqualTo(1, within(0.001));
    assertThat(WritePressure.nanosPerByte(1, rate)).isEqualTo(8);
    assertThat(WritePressure.nanosPerByte(1, 2 * rate)).isEqualTo(4);
  }
}
