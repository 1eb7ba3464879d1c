package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.ferrisdb.node.cli.demo.DemoState.Latency;
import org.ferrisdb.node.cli.demo.DemoState.Second;
import org.junit.jupiter.api.Test;

class MinuteSamplesTest {
  private final MinuteSamples samples = new MinuteSamples();
  private final Histogram none = new Histogram(3);

  @Test
  void aSecondHasWhatWasAcknowledgedInItAndTheKeyPressedInIt() {
    samples.second(100, none);
    samples.mark('k');
    samples.second(100, none);
    samples.mark('p');
    samples.mark('h');
    samples.second(350, none);
    samples.second(360, none);
    assertThat(samples.seconds())
        .containsExactly(
            new Second(100, ' '), new Second(0, 'k'), new Second(250, 'h'), new Second(10, ' '));
  }

  @Test
  void onlyTheLastMinuteIsKept() {
    for (int i = 1; i <= 100; i++) {
      samples.second(i * (i + 1L) / 2, none);
    }
    assertThat(samples.seconds()).hasSize(60);
    assertThat(samples.seconds().getFirst().writes()).isEqualTo(41);
    assertThat(samples.seconds().getLast().writes()).isEqualTo(100);
  }

  @Test
  void latenciesAreThoseOfTheLastSecond() {
    Histogram slow = new Histogram(3);
    slow.recordValue(2_000_000);
    samples.second(1, slow);
    assertThat(samples.latency().count()).isEqualTo(1);
    assertThat(samples.latency().p99Nanos()).isCloseTo(2_000_000L, within(2_000L));
    samples.second(1, none);
    assertThat(samples.latency()).isEqualTo(Latency.NONE);
  }

  private static org.assertj.core.data.Offset<Long> within(long value) {
    return org.assertj.core.api.Assertions.within(value);
  }
}
