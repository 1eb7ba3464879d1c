package org.ferrisdb.shard.simulation;

import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Time, order and chance of a run: one queue of events in the order of their time, run in the
 * caller's thread, and the one generator that all decisions are drawn from.
 *
 * <p>An event may belong to a node. It is dropped if the node has died since, and put off while the
 * node stands still. {@link #runUntil} may be called from inside an event: that is how a node
 * stands still in the middle of its work while the rest of the world goes on.
 */
final class World {
  /** Events of one run; more means that it does not come to rest. */
  private static final int MAX_EVENTS = 3_000_000;

  private static final int MAX_DEPTH = 2;

  /** For an event that any life of its node may get. */
  static final int ANY_LIFE = -1;

  final SplittableRandom random;
  final Weather weather;
  final Trace trace;

  private final PriorityQueue<Event> queue = new PriorityQueue<>();
  private long now;
  private long submitted;
  private int events;
  private int depth;
  private @Nullable SimNode running;
  private Consumer<SimNode> onPause = node -> {};
  private @Nullable String violation;
  private long violatedFrom;
  private long violatedTo;

  /** An event that may still be called off. */
  static final class Event implements Comparable<Event> {
    private long due;
    private final long order;
    private final @Nullable SimNode node;
    private final int life;
    private final Runnable task;
    private boolean cancelled;

    private Event(long due, long order, @Nullable SimNode node, int life, Runnable task) {
      this.due = due;
      this.order = order;
      this.node = node;
      this.life = life;
      this.task = task;
    }

    void cancel() {
      cancelled = true;
    }

    @Override
    public int compareTo(Event other) {
      return due != other.due ? Long.compare(due, other.due) : Long.compare(order, other.order);
    }
  }

  World(long seed, Weather weather, Trace trace) {
    this.random = new SplittableRandom(seed);
    this.weather = weather;
    this.trace = trace;
  }

  /** True time since the start of the run; no node can see it. */
  long now() {
    return now;
  }

  /** Events run so far. */
  int events() {
    return events;
  }

  /** Something of the harness's own, after a delay. */
  Event after(long nanos, Runnable task) {
    return add(new Event(now + Math.max(0, nanos), submitted++, null, 0, task));
  }

  /** Something on a node, if it then lives that life. */
  Event after(long nanos, SimNode node, int life, Runnable task) {
    return add(new Event(now + Math.max(0, nanos), submitted++, node, life, task));
  }

  private Event add(Event event) {
    queue.add(event);
    return event;
  }

  /** Runs what is due up to that time, or until something is found wrong. */
  void runUntil(long end) {
    while (violation == null && !queue.isEmpty() && queue.peek().due <= end) {
      step();
    }
    if (violation == null) {
      now = Math.max(now, end);
    }
  }

  /** Told when a node begins to stand still in the middle of a task. */
  void onPause(Consumer<SimNode> listener) {
    onPause = listener;
  }

  void pausing(SimNode node) {
    onPause.accept(node);
  }

  /** Whether a node may stand still in the middle of a task: each takes a part of the stack. */
  boolean mayNest() {
    return depth < MAX_DEPTH;
  }

  /** The world goes on for that long, inside of an event. */
  void runNested(long nanos) {
    depth++;
    try {
      runUntil(now + nanos);
    } finally {
      depth--;
    }
  }

  private void step() {
    Event event = queue.poll();
    now = Math.max(now, event.due);
    SimNode node = event.node;
    if (event.cancelled || (node != null && !node.lives(event.life))) {
      return;
    }
    if (node != null && node.standsStill()) {
      event.due = node.standsStillUntil();
      queue.add(event);
      return;
    }
    if (++events > MAX_EVENTS) {
      violation(
          "more than %d events: the run does not come to rest at %.6f ms, last %s on node %s",
          MAX_EVENTS,
          now / 1e6,
          event.task.getClass().getSimpleName(),
          node == null ? "-" : node.id);
      return;
    }
    trace.mix(now);
    trace.mix(event.order);
    if (node == null) {
      event.task.run();
    } else {
      node.run(event.task);
    }
  }

  /** Whether that many in a million. */
  boolean chance(int perMillion) {
    return perMillion > 0 && random.nextInt(1_000_000) < perMillion;
  }

  /** A delay: mostly near the mean, sometimes many times that. Nanoseconds. */
  long around(long meanNanos) {
    long base = meanNanos / 4 + random.nextLong(Math.max(1, meanNanos * 3 / 2));
    return random.nextInt(40) == 0 ? base * (2 + random.nextInt(16)) : base;
  }

  /** From here on a node's code runs, or again nobody's; returns whose ran before. */
  @Nullable SimNode running(@Nullable SimNode node) {
    SimNode before = running;
    running = node;
    return before;
  }

  /** Whether the disk of the node whose code runs now has lost power. */
  boolean diskTrouble() {
    return running != null && running.files.crashed();
  }

  /** Notes that something is wrong; the first one counts, and ends the run. */
  void violation(String what, @Nullable Object... details) {
    if (violation == null) {
      violation = details.length == 0 ? what : String.format(what, details);
      violatedFrom = now;
      violatedTo = now;
      trace.line(now, "JUDGE", "VIOLATION: " + violation);
    }
  }

  /** The same, found afterwards in a call: it is there that one has to look. */
  void violation(Op op, String what, @Nullable Object... details) {
    boolean first = violation == null;
    violation("%s: %s", String.format(what, details), op);
    if (first) {
      violatedFrom = op.invoked;
      violatedTo = Math.min(op.completed, now);
    }
  }

  /** What happened from a while before to a little after what is wrong. */
  List<String> excerpt(long beforeNanos, long afterNanos) {
    return trace.lines(violatedFrom - beforeNanos, violatedTo + afterNanos);
  }

  @Nullable String violation() {
    return violation;
  }
}
