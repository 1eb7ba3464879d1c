package org.ferrisdb.node.console;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.GetRequest;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.WriteRequest;
import org.ferrisdb.node.console.ConsoleData.Series;
import org.ferrisdb.node.console.TrafficSlot.Counts;
import org.ferrisdb.node.server.FrontDoorListener;
import org.ferrisdb.shard.RequestStages;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClusterActivityTest {
  private static final Envelope GET =
      Envelope.newBuilder().setGet(GetRequest.getDefaultInstance()).build();
  private static final Envelope WRITE =
      Envelope.newBuilder().setWrite(WriteRequest.getDefaultInstance()).build();

  private final ClusterActivity cluster = new ClusterActivity();

  @Test
  void quantilesAreThoseOfAllNodesTogether() {
    // Half of the cluster's reads take 1 ms and half 9 ms: no mean of the nodes' medians says so.
    cluster.add("a", report(slot(100, 98, 1_000)));
    cluster.add("b", report(slot(100, 102, 9_000)));
    Series get = cluster.series(TrafficKind.GET, 100);

    assertThat(get.perSecond().getLast()).isEqualTo(100.0);
    assertThat(get.p50Micros().getLast()).isCloseTo(9_000L, within(90L));
    assertThat(get.p99Micros().getLast()).isCloseTo(9_000L, within(90L));
    assertThat(cluster.perSecond("a", 100)).isEqualTo(49.0);
    cluster.add("c", report(slot(100, 1_000, 1_000)));
    assertThat(cluster.series(TrafficKind.GET, 100).p50Micros().getLast())
        .as("another node's share arrives late")
        .isCloseTo(1_000L, within(10L));
  }

  @Test
  void aSlotWithoutRequestsIsZeroAndOneWithoutWordIsUnknown() {
    cluster.add("a", report(new TrafficSlot(100, Map.of())));
    Series get = cluster.series(TrafficKind.GET, 101);

    assertThat(get.perSecond().reversed().subList(0, 3)).containsExactly(null, 0.0, null);
    assertThat(get.p99Micros()).containsOnlyNulls().hasSize(TrafficSlot.KEPT);
  }

  @Test
  void whatIsKeptIsBounded() {
    for (long slot = 1; slot <= 1_000; slot++) {
      cluster.add("a", report(slot(slot, 1, 1_000)));
    }
    assertThat(cluster.series(TrafficKind.GET, 1_000).perSecond())
        .hasSize(TrafficSlot.KEPT)
        .doesNotContainNull();
    assertThat(cluster.series(TrafficKind.GET, 500).perSecond()).containsOnlyNulls();
    assertThat(cluster.cursor("a").slot()).isEqualTo(1_000);
  }

  @Test
  void chartsEndWhereEveryNodeHasToldButDoNotWaitForOneThatHangs() {
    long now = 1_001 * TrafficSlot.MILLIS + 300;
    cluster.add("a", report(slot(1_000, 1, 1_000)));
    cluster.add("b", report(slot(999, 1, 1_000)));
    cluster.add("c", report(slot(10, 1, 1_000)));

    assertThat(cluster.lastSlot(Set.of("a"), now)).isEqualTo(1_000);
    assertThat(cluster.lastSlot(Set.of("a", "b", "unheard-of"), now)).isEqualTo(999);
    assertThat(cluster.lastSlot(Set.of("a", "b", "c"), now)).isEqualTo(997);
    assertThat(cluster.lastSlot(Set.of(), now)).isEqualTo(1_000);
  }

  @Test
  void theRecorderCountsWhatUsersSee() {
    List<String> heard = new ArrayList<>();
    TrafficRecorder recorder =
        new TrafficRecorder(
            new FrontDoorListener() {
              @Override
              public void answered(
                  Envelope request, @Nullable ErrorCode error, long nanos, RequestStages stages) {
                heard.add(request.getBodyCase().name());
              }

              @Override
              public void malformed(String peer, String why) {
                heard.add(why);
              }
            });
    RequestStages stages = new RequestStages(0);
    recorder.answered(GET, null, 2_000_000, stages);
    recorder.answered(GET, null, Long.MAX_VALUE, stages);
    recorder.answered(GET, null, 0, stages);
    recorder.answered(GET, ErrorCode.NOT_LEADER, 1_000, stages);
    recorder.answered(WRITE, ErrorCode.DEADLINE, 1_000, stages);
    recorder.answered(
        Envelope.newBuilder().setHello(Hello.getDefaultInstance()).build(), null, 5, stages);
    recorder.malformed("peer", "why");

    TrafficSlot slot = recorder.cut(7);
    Counts gets = requireNonNull(slot.kinds().get(TrafficKind.GET));
    assertThat(gets.ok()).isEqualTo(3);
    assertThat(gets.failed()).isZero();
    Histogram latencies = Latencies.merge(List.of(gets.latencies()));
    assertThat(latencies.getValueAtPercentile(50)).isCloseTo(2_000L, within(20L));
    assertThat(requireNonNull(slot.kinds().get(TrafficKind.WRITE)).failed()).isEqualTo(1);
    assertThat(slot.kinds()).doesNotContainKey(TrafficKind.SCAN);
    assertThat(recorder.cut(8).kinds()).as("a cut begins anew").isEmpty();
    assertThat(heard).hasSize(7);
  }

  @Test
  void aReportGoesOverTheWireAndNonsenseIsNone() {
    ActivityReport report = report(slot(3, 5, 700));
    ActivityReport back = ActivityReport.decode(report.encode()).orElseThrow();
    assertThat(back).usingRecursiveComparison().isEqualTo(report);
    for (String nonsense : List.of("", "[]", "{}", "{\"slots\": 3}", "nonsense")) {
      assertThat(ActivityReport.decode(ByteString.copyFromUtf8(nonsense))).as(nonsense).isEmpty();
      assertThat(ActivityCursor.decode(ByteString.copyFromUtf8(nonsense)).slot())
          .as(nonsense)
          .isZero();
    }
    assertThat(Latencies.merge(List.of(new byte[] {1, 2, 3})).getTotalCount()).isZero();
  }

  private static ActivityReport report(TrafficSlot slot) {
    return new ActivityReport(1, List.of(slot), 0, List.of());
  }

  static TrafficSlot slot(long slot, int reads, long micros) {
    Histogram histogram = new Histogram(1, Latencies.MAX_MICROS, Latencies.DIGITS);
    histogram.recordValueWithCount(micros, reads);
    return new TrafficSlot(
        slot, Map.of(TrafficKind.GET, new Counts(reads, 0, Latencies.encode(histogram))));
  }
}
