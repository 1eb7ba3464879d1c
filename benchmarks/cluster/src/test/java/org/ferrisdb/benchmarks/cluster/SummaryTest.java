package org.ferrisdb.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.ferrisdb.benchmarks.cluster.Results.Entrant;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private final Summary summary = new Summary(Samples.results());

  @Test
  void theMedianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
    assertThat(Range.of(List.of(9.0, 1.0, 3.0, 5.0))).contains(new Range(4, 4, 1, 9));
    assertThat(Range.of(List.of(7.0))).contains(new Range(1, 7, 7, 7));
    assertThat(Range.of(List.of())).isEmpty();
  }

  @Test
  void ratiosAreFormedWithinARepetitionNotOfMedians() {
    // 4000/2000, 4400/4000, 9000/3000; the ratio of the medians would be 4400/3000.
    Range ratio = summary.ratio("etcd", "put-16").orElseThrow();
    assertThat(ratio.median()).isCloseTo(2.0, within(1e-9));
    assertThat(ratio.least()).isCloseTo(1.1, within(1e-9));
    assertThat(ratio.most()).isCloseTo(3.0, within(1e-9));
  }

  @Test
  void aRatioTakesOnlyRepetitionsThatBothRan() {
    Range ratio = summary.ratio("zookeeper", "put-16").orElseThrow();
    assertThat(ratio.count()).isEqualTo(1);
    assertThat(ratio.median()).isCloseTo(0.8, within(1e-9));
    assertThat(summary.ratio("zookeeper", "ycsb-e-16")).isEmpty();
  }

  @Test
  void ferrisDbStandsFirstAndTheBestPeerIsFoundByCell() {
    assertThat(summary.contestants().getFirst().name()).isEqualTo("ferrisdb");
    assertThat(summary.bestPeer("put-16").map(Entrant::name)).contains("zookeeper");
    assertThat(summary.bestPeer("ycsb-e-16").map(Entrant::name)).contains("etcd");
  }
}
