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

  @Test
  void theLongestGapEverOutlivesFurtherFaults() {
    ServiceMeter meter = new ServiceMeter(2, 0);
    meter.acknowledged(0, 0, 10 * MS);
    meter.acknowledged(1, 0, 700 * MS);
    meter.fault(710 * MS);
    meter.acknowledged(0, 690 * MS, 720 * MS);
    meter.acknowledged(1, 711 * MS, 730 * MS);
    assertThat(meter.longestGap(740 * MS)).isEqualTo(Duration.ofMillis(710));
    meter.fault(741 * MS);
    meter.acknowledged(0, 742 * MS, 750 * MS);
    meter.acknowledged(1, 742 * MS, 750 * MS);
    assertThat(meter.longestGap(760 * MS)).isEqualTo(Duration.ofMillis(30));
    assertThat(meter.longestGapEver(760 * MS)).isEqualTo(Duration.ofMillis(710));
    assertThat(meter.longestGapEver(2_000 * MS)).isEqualTo(Duration.ofMillis(1_250));
  }

  @Test
  void askedAgainOnlyLaterAnswersCountAndTheGapStays() {
    ServiceMeter meter = new ServiceMeter(1, 0);
    meter.fault(100 * MS);
    meter.acknowledged(0, 101 * MS, 500 * MS);
    assertThat(meter.allResumed()).isTrue();
    meter.askAgain(510 * MS);
    meter.acknowledged(0, 509 * MS, 520 * MS); // sent before
    assertThat(meter.allResumed()).isFalse();
    meter.acknowledged(0, 521 * MS, 530 * MS);
    assertThat(meter.allResumed()).isTrue();
    assertThat(meter.longestGap(530 * MS)).isEqualTo(Duration.ofMillis(500));
    assertThat(meter.firstAckAfterFault()).isEqualTo(Duration.ofMillis(400));
  }
}
