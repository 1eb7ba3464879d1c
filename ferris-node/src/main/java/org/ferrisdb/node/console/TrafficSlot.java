package org.ferrisdb.node.console;

import java.util.EnumMap;
import java.util.Map;

/**
 * What a node answered in one slot of time.
 *
 * @param slot number of the slot: wall clock milliseconds divided by {@link #MILLIS}, so that the
 *     slots of all nodes lie on each other as far as their clocks agree
 * @param kinds what there was; kinds without a request are missing
 */
record TrafficSlot(long slot, Map<TrafficKind, Counts> kinds) {
  /** Length of a slot: two seconds are enough to see a failover as a notch and not as noise. */
  static final long MILLIS = 2_000;

  /** Slots that are kept: five minutes. */
  static final int KEPT = 150;

  TrafficSlot {
    EnumMap<TrafficKind, Counts> copy = new EnumMap<>(TrafficKind.class);
    copy.putAll(kinds);
    kinds = copy;
  }

  /**
   * Requests of one kind.
   *
   * @param ok answered as asked; a refused condition counts
   * @param failed answered with an error; those that were only sent to another node do not count
   * @param latencies of the former, see {@link Latencies}; empty if there were none
   */
  record Counts(long ok, long failed, byte[] latencies) {}
}
