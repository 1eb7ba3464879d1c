package org.ferrisdb.node.console;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.ferrisdb.node.config.ConfigKey;
import org.ferrisdb.node.config.NodeConfig;
import org.ferrisdb.node.config.Setting;
import org.ferrisdb.node.console.Event.Level;
import org.ferrisdb.node.observe.NodeView;
import org.ferrisdb.node.server.FrontDoorListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node has answered and seen lately, for whoever draws the console: two rings in memory,
 * filled by a timer. A restart forgets. Thread-safe.
 */
public final class NodeActivity {
  /** Events that are kept; a busy hour of a large cluster, some tens of kilobytes. */
  static final int EVENTS = 500;

  private static final long TICK_MILLIS = 500;

  private static final Logger LOG = LoggerFactory.getLogger("ferris.console");

  private final NodeView node;
  private final LongSupplier wallMillis;
  private final TrafficRecorder recorder;
  private final ArrayDeque<TrafficSlot> slots = new ArrayDeque<>();
  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private Observation last;
  private long eventsEver;
  private long currentSlot;

  /**
   * Keeps nothing yet.
   *
   * @param node what it looks at; not before {@link #start}
   * @param config what the node was told, for the first event
   * @param next hears the front door as well
   * @param wallMillis wall clock
   */
  public NodeActivity(
      NodeView node, NodeConfig config, FrontDoorListener next, LongSupplier wallMillis) {
    this.node = node;
    this.wallMillis = wallMillis;
    this.recorder = new TrafficRecorder(next);
    long now = wallMillis.getAsLong();
    this.currentSlot = now / TrafficSlot.MILLIS;
    this.last = Observer.nothing(config.name(), now);
    add(Event.of(last, Level.INFO, "started " + now, started(config)));
  }

  /** To be told of every answered request. */
  public FrontDoorListener listener() {
    return recorder;
  }

  /** Begins to look, twice a second; ends when the executor is shut down. */
  public void start(ScheduledExecutorService timer) {
    var _ = timer.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      look();
    } catch (RuntimeException e) {
      // A group that is being closed, for one. The timer must go on; the next look will tell.
      LOG.debug("not looked", e);
    }
  }

  /** Looks at the node, and ends the slot if its time is over. */
  synchronized void look() {
    long now = wallMillis.getAsLong();
    long slot = now / TrafficSlot.MILLIS;
    if (slot != currentSlot) {
      // After a clock that was set back the newest slot comes first again: the ring stays in order.
      while (!slots.isEmpty() && slots.getLast().slot() >= slot - 1) {
        slots.removeLast();
      }
      slots.addLast(recorder.cut(slot - 1));
      currentSlot = slot;
      while (slots.size() > TrafficSlot.KEPT) {
        slots.removeFirst();
      }
    }
    Observation seen = Observer.look(node, last, now);
    ObservedChanges.between(last, seen).forEach(this::add);
    last = seen;
  }

  private synchronized void add(Event event) {
    events.addLast(event);
    eventsEver++;
    if (events.size() > EVENTS) {
      events.removeFirst();
    }
  }

  /** What happened since the cursor. */
  synchronized ActivityReport since(ActivityCursor cursor) {
    boolean known = cursor.startedMillis() == node.startedMillis();
    // An asker ahead of the ring has seen this clock before it was set back.
    long after =
        known && !slots.isEmpty() && cursor.slot() <= slots.getLast().slot()
            ? cursor.slot()
            : Long.MIN_VALUE;
    List<TrafficSlot> newSlots = slots.stream().filter(s -> s.slot() > after).toList();
    long skip = known ? cursor.events() - (eventsEver - events.size()) : 0;
    List<Event> newEvents =
        new ArrayList<>(events).subList(Math.clamp(skip, 0, events.size()), events.size());
    return new ActivityReport(node.startedMillis(), newSlots, eventsEver, List.copyOf(newEvents));
  }

  /** The same for another node: payload and reply of {@code AdminCommands.ACTIVITY}. */
  public ByteString answer(ByteString cursor) {
    return since(ActivityCursor.decode(cursor)).encode();
  }

  /** "n1 started with memory.budget = 256m": what was set on purpose. */
  static String started(NodeConfig config) {
    String told =
        config.settings().entrySet().stream()
            .filter(e -> isTuning(e.getKey(), e.getValue()))
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getKey().key() + " = " + e.getValue().value())
            .collect(Collectors.joining(", "));
    return config.name() + " started" + (told.isEmpty() ? "" : " with " + told);
  }

  private static boolean isTuning(ConfigKey key, Setting setting) {
    boolean place =
        switch (key) {
          case NODE_NAME,
              DATA_DIR,
              CLIENT_LISTEN,
              RAFT_LISTEN,
              HTTP_LISTEN,
              CLIENT_ADVERTISE,
              RAFT_ADVERTISE,
              HTTP_ADVERTISE,
              SEEDS,
              SPLIT_KEYS,
              LOG_LEVEL,
              LOG_CONSOLE ->
              true;
          default -> false;
        };
    return !place && !setting.value().equals(key.defaultValue());
  }
}
