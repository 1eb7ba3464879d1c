package org.ferrisdb.node.console;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.node.server.FrontDoorListener;
import org.ferrisdb.shard.RequestStages;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests as they are answered. {@link #answered} is wait-free and may be called from any
 * thread, {@link #cut} from one.
 */
final class TrafficRecorder implements FrontDoorListener {
  /** The client asks elsewhere or again by itself: its user does not see these as failures. */
  private static final Set<ErrorCode> ROUTING =
      EnumSet.of(ErrorCode.NOT_LEADER, ErrorCode.WRONG_EPOCH);

  private static final class Meter {
    private final Recorder latencies = new Recorder(1, Latencies.MAX_MICROS, Latencies.DIGITS);
    private final LongAdder failed = new LongAdder();
    private @Nullable Histogram recycled;
  }

  private final Map<TrafficKind, Meter> meters = new EnumMap<>(TrafficKind.class);
  private final FrontDoorListener next;

  /**
   * @param next hears everything as well
   */
  TrafficRecorder(FrontDoorListener next) {
    this.next = next;
    for (TrafficKind kind : TrafficKind.values()) {
      meters.put(kind, new Meter());
    }
  }

  @Override
  public void answered(
      Envelope request, @Nullable ErrorCode error, long nanos, RequestStages stages) {
    next.answered(request, error, nanos, stages);
    TrafficKind kind = TrafficKind.of(request);
    Meter meter = kind == null ? null : meters.get(kind);
    if (meter == null || (error != null && ROUTING.contains(error))) {
      return;
    }
    if (error != null) {
      meter.failed.increment();
    } else {
      meter.latencies.recordValue(Math.clamp(nanos / 1_000, 1, Latencies.MAX_MICROS));
    }
  }

  @Override
  public void malformed(String peer, String why) {
    next.malformed(peer, why);
  }

  /** What was recorded since the last cut, as that slot. */
  TrafficSlot cut(long slot) {
    Map<TrafficKind, TrafficSlot.Counts> kinds = new EnumMap<>(TrafficKind.class);
    meters.forEach((kind, meter) -> {
      Histogram interval = meter.latencies.getIntervalHistogram(meter.recycled);
      meter.recycled = interval;
      long ok = interval.getTotalCount();
      long failed = meter.failed.sumThenReset();
      if (ok > 0 || failed > 0) {
        byte[] latencies = ok > 0 ? Latencies.encode(interval) : new byte[0];
        kinds.put(kind, new TrafficSlot.Counts(ok, failed, latencies));
      }
    });
    return new TrafficSlot(slot, kinds);
  }
}
