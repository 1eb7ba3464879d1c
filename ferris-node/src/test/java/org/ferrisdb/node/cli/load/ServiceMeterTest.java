package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServiceMeterTest {
  private static final long MS = 1_000_000;

  @Test
  void theGapIsTheLongestOfOneClientNotOfTheService() {
    ServiceMeter meter = new ServiceMeter(2, 0);
    meter.acknowledged(0, 0, 90 * MS);
    meter.acknowledged(1, 0, 95 * MS);
    meter.fault(100 * MS);
    meter.acknowledged(0, 101 * MS, 200 * MS); // this one did not notice much
    meter.acknowledged(1, 99 * MS, 895 * MS); // sent before the fault, answered late
    meter.acknowledged(1, 896 * MS, 900 * MS);
    assertThat(meter.longestGap(901 * MS)).isEqualTo(Duration.ofMillis(800));
    assertThat(meter.firstAckAfterFault()).isEqualTo(Duration.ofMillis(100));
    assertThat(meter.allResumed()).isTrue();
  }

  @Test
  void aGapThatGoesOnCounts() {
    ServiceMeter meter = new ServiceMeter(2, 0);
    meter.fault(100 * MS);
    meter.acknowledged(0, 110 * MS, 120 * MS);
    assertThat(meter.longestGap(5_000 * MS)).isEqualTo(Duration.ofSeconds(5));
    assertThat(meter.allResumed()).isFalse();
  }
}
