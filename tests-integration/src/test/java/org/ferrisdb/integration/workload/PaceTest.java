package org.ferrisdb.integration.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void operationsAreEvenlySpaced() {
    Pace pace = new Pace(4, 10 * SECOND);
    assertThat(pace.next(10 * SECOND)).isEqualTo(10 * SECOND);
    assertThat(pace.next(10 * SECOND)).isEqualTo(10 * SECOND + SECOND / 4);
    assertThat(pace.next(10 * SECOND)).isEqualTo(10 * SECOND + SECOND / 2);
  }

  @Test
  void anOutageIsNotMadeUpForInABurst() {
    Pace pace = new Pace(10, 0);
    pace.next(0);
    assertThat(pace.next(5 * SECOND)).as("late, so at once").isEqualTo(5 * SECOND);
    assertThat(pace.next(5 * SECOND)).as("and then as before").isEqualTo(5 * SECOND + SECOND / 10);
  }

  @Test
  void aRateIsPositive() {
    assertThatThrownBy(() -> new Pace(0, 0)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new Pace(Double.NaN, 0)).hasMessageContaining("above 0");
  }
}
