package org.ferrisdb.storage.metrics;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts waits of writers by reason. Safe for many threads. */
public final class StallCounters {
  private record Waits(LongAdder count, LongAdder nanos) {}

  private final Map<StallReason, Waits> waits = new EnumMap<>(StallReason.class);

  /** Counts from zero. */
  public StallCounters() {
    for (StallReason reason : StallReason.values()) {
      waits.put(reason, new Waits(new LongAdder(), new LongAdder()));
    }
  }

  /** A writer has waited. */
  public void add(StallReason reason, long waitedNanos) {
    Waits of = Objects.requireNonNull(waits.get(reason));
    of.count().increment();
    of.nanos().add(waitedNanos);
  }

  /** All reasons, in their order. */
  public List<StallStats> stats() {
    return waits.entrySet().stream()
        .map(
            e -> new StallStats(e.getKey(), e.getValue().count().sum(), e.getValue().nanos().sum()))
        .toList();
  }
}
