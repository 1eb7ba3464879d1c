package org.ferrisdb.integration.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Records a run. Thread-safe: the order of events is that in which threads come to the one lock,
/// which a caller takes before its request leaves and again after its reply is there.
///
/// Misuse is refused with an [IllegalStateException], since the verdict would mean nothing: a
/// second call of a process whose first is open or of unknown end, and a call that ends twice.
public final class History {
  private static final long GONE = -1;

  private final LongSupplier nanoTime;
  private final long start;
  private final List<Event> events = new ArrayList<>();

  /// The index of the open call of each process; [#GONE] once it ended unknown.
  private final Map<Integer, Long> open = new HashMap<>();

  private int processes;

  /// @param nanoTime such as [System#nanoTime]: never goes back
  public History(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /// An open call; give it to the method that ends it.
  ///
  /// @param index of its invoke
  /// @param time of its invoke, nanoseconds since the history began
  /// @param process whose call it is
  /// @param f what was asked
  /// @param key of what, if it has a key
  /// @param value the argument
  public record Call(
      long index, long time, int process, String f, @Nullable String key, @Nullable Object value) {}

  /// A client number not used before.
  public synchronized int newProcess() {
    return processes++;
  }

  /// Call before the request leaves.
  ///
  /// @param value the argument, shaped as in [Event]; must not be changed afterwards
  public synchronized Call invoke(
      int process, String f, @Nullable String key, @Nullable Object value) {
    Long before = open.get(process);
    if (before != null) {
      throw new IllegalStateException(
          before == GONE
              ? "process " + process + " ended with an unknown result: go on under newProcess()"
              : "process " + process + " has the open call " + before + ": end it first");
    }
    Call call = new Call(events.size(), now(), process, f, key, value);
    open.put(process, call.index);
    events.add(
        new Event(
            call.index,
            call.time,
            Integer.toString(process),
            Event.Type.INVOKE,
            f,
            key,
            value,
            Map.of()));
    return call;
  }

  /// It took effect; call after the reply is there.
  ///
  /// @param value what a read saw; of others the argument, which null repeats
  public void ok(Call call, @Nullable Object value) {
    ok(call, value, Map.of());
  }

  /// As [#ok(Call, Object)], with more to tell, such as the node that answered.
  public void ok(Call call, @Nullable Object value, Map<String, Object> extra) {
    end(call, Event.Type.OK, value == null ? call.value : value, extra);
  }

  /// It took no effect and never will. If in doubt it is [#info].
  public void fail(Call call, String error) {
    end(call, Event.Type.FAIL, call.value, Map.of("error", error));
  }

  /// Nobody knows; the client goes on under a [#newProcess].
  public void info(Call call, String error) {
    end(call, Event.Type.INFO, call.value, Map.of("error", error));
  }

  private synchronized void end(
      Call call, Event.Type type, @Nullable Object value, Map<String, Object> extra) {
    Long current = open.get(call.process);
    if (current == null || current != call.index) {
      throw new IllegalStateException("ended twice: " + call);
    }
    if (type == Event.Type.INFO) {
      open.put(call.process, GONE);
    } else {
      open.remove(call.process);
    }
    String process = Integer.toString(call.process);
    events.add(new Event(events.size(), now(), process, type, call.f, call.key, value, extra));
  }

  /// A fault begins, ends, or shows an effect.
  public synchronized void nemesis(String f, @Nullable Object value) {
    events.add(
        new Event(events.size(), now(), Event.NEMESIS, Event.Type.INFO, f, null, value, Map.of()));
  }

  /// All events so far, in the order of their indexes; calls still open have no end in it.
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /// How many events there are so far.
  public synchronized int size() {
    return events.size();
  }

  private long now() {
    return nanoTime.getAsLong() - start;
  }
}
