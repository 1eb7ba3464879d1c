package org.ferrisdb.node.console;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.ferrisdb.node.console.ConsoleData.Series;
import org.ferrisdb.node.console.TrafficSlot.Counts;
import org.jspecify.annotations.Nullable;

/**
 * The activity of all nodes, as far as it has been gathered: kept also of nodes that are down, for
 * as long as a chart is. One thread's.
 */
final class ClusterActivity {
  /** Slots that a chart may end before the present; beyond, a node is late and not waited for. */
  private static final long LATE_SLOTS = 3;

  /** Nodes that are remembered; replaced ones go first. */
  private static final int NODES = 256;

  private static final class Kept {
    private ActivityCursor cursor = ActivityCursor.START;
    private final ArrayDeque<Event> events = new ArrayDeque<>();
  }

  private final Map<String, Kept> nodes = new LinkedHashMap<>();

  /** By slot, then by node id. */
  private final TreeMap<Long, Map<String, TrafficSlot>> slots = new TreeMap<>();

  /** Quantiles cost the merging of histograms: kept until another node's share arrives. */
  private final Map<Long, Map<TrafficKind, Summary>> summaries = new HashMap<>();

  /**
   * A slot of the cluster.
   *
   * @param ok requests
   * @param failed requests
   * @param p50 microseconds, null without a request
   * @param p99 microseconds, null without a request
   */
  private record Summary(long ok, long failed, @Nullable Long p50, @Nullable Long p99) {}

  /** What to ask a node for. */
  ActivityCursor cursor(String nodeId) {
    Kept kept = nodes.get(nodeId);
    return kept == null ? ActivityCursor.START : kept.cursor;
  }

  /** Takes in what a node told. */
  void add(String nodeId, ActivityReport report) {
    Kept kept = nodes.computeIfAbsent(nodeId, id -> new Kept());
    if (nodes.size() > NODES) {
      nodes.remove(nodes.keySet().iterator().next());
    }
    long newest = kept.cursor.slot();
    for (TrafficSlot slot : report.slots()) {
      slots.computeIfAbsent(slot.slot(), s -> new HashMap<>()).put(nodeId, slot);
      summaries.remove(slot.slot());
      newest = slot.slot();
    }
    while (slots.size() > TrafficSlot.KEPT + LATE_SLOTS) {
      summaries.remove(slots.pollFirstEntry().getKey());
    }
    kept.events.addAll(report.events());
    while (kept.events.size() > NodeActivity.EVENTS) {
      kept.events.removeFirst();
    }
    kept.cursor = new ActivityCursor(report.startedMillis(), newest, report.eventsEver());
  }

  /** What every node saw. */
  List<List<Event>> events() {
    List<List<Event>> all = new ArrayList<>();
    nodes.values().forEach(k -> all.add(List.copyOf(k.events)));
    return all;
  }

  /**
   * The last slot that a chart may show: the newest that all of these nodes have told about, so
   * that charts do not end in a dip that is only a late answer.
   */
  long lastSlot(Set<String> answering, long nowMillis) {
    long present = nowMillis / TrafficSlot.MILLIS - 1;
    OptionalLong oldest =
        answering.stream()
            .map(nodes::get)
            .filter(k -> k != null)
            .mapToLong(k -> k.cursor.slot())
            .min();
    return Math.clamp(oldest.orElse(present), present - LATE_SLOTS, present);
  }

  /** Requests a second that a node answered in the slot. */
  double perSecond(String nodeId, long slot) {
    TrafficSlot of = slots.getOrDefault(slot, Map.of()).get(nodeId);
    return of == null
        ? 0
        : of.kinds().values().stream().mapToLong(Counts::ok).sum() * 1_000.0 / TrafficSlot.MILLIS;
  }

  /** A kind's series over all kept slots up to the last one; null where nothing was told. */
  Series series(TrafficKind kind, long lastSlot) {
    List<@Nullable Double> perSecond = new ArrayList<>();
    List<@Nullable Double> failed = new ArrayList<>();
    List<@Nullable Long> p50 = new ArrayList<>();
    List<@Nullable Long> p99 = new ArrayList<>();
    for (long slot = lastSlot - TrafficSlot.KEPT + 1; slot <= lastSlot; slot++) {
      Summary s = slots.containsKey(slot) ? summary(slot, kind) : null;
      perSecond.add(s == null ? null : s.ok() * 1_000.0 / TrafficSlot.MILLIS);
      failed.add(s == null ? null : s.failed() * 1_000.0 / TrafficSlot.MILLIS);
      p50.add(s == null ? null : s.p50());
      p99.add(s == null ? null : s.p99());
    }
    return new Series(kind.jsonName(), perSecond, failed, p50, p99);
  }

  private Summary summary(long slot, TrafficKind kind) {
    return summaries
        .computeIfAbsent(slot, s -> new HashMap<>())
        .computeIfAbsent(kind, k -> summarize(slots.getOrDefault(slot, Map.of()), k));
  }

  private static Summary summarize(Map<String, TrafficSlot> nodes, TrafficKind kind) {
    List<Counts> counts = new ArrayList<>();
    for (TrafficSlot slot : nodes.values()) {
      Counts c = slot.kinds().get(kind);
      if (c != null) {
        counts.add(c);
      }
    }
    long ok = counts.stream().mapToLong(Counts::ok).sum();
    long failed = counts.stream().mapToLong(Counts::failed).sum();
    if (ok == 0) {
      return new Summary(0, failed, null, null);
    }
    Histogram all = Latencies.merge(counts.stream().map(Counts::latencies).toList());
    return new Summary(ok, failed, all.getValueAtPercentile(50), all.getValueAtPercentile(99));
  }
}
