package org.ferrisdb.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the client's idea of oracle time, which every write needs for its expiry. Writes that come
 * before anything is known wait here for the first timestamp. Belongs to the event loop.
 */
final class Oracle {
  private final ClientCore core;
  private final OracleClock clock = new OracleClock();
  private final ArrayDeque<WriteCall<?>> waiting = new ArrayDeque<>();
  private boolean requested;
  private int failures;

  /**
   * The newest timestamp of any handshake, which may be old: a node in a quiet cluster knows no
   * newer.
   */
  private long greetingTimestamp;

  private long greetingNanos;

  Oracle(ClientCore core) {
    this.core = core;
  }

  OracleClock clock() {
    return clock;
  }

  boolean ready() {
    return clock.known();
  }

  /** The write is dispatched again when the time is known. */
  void await(WriteCall<?> call) {
    call.lastProblem = "waiting for a first timestamp from the oracle";
    waiting.add(call);
    request();
  }

  /** Takes note of a timestamp that was drawn just now. */
  void observe(long timestamp) {
    clock.observe(timestamp, core.now());
    if (clock.known()) {
      release();
    }
  }

  /** Takes note of what a node said in its handshake; used only if the oracle can not be asked. */
  void greeted(long timestamp) {
    if (Long.compareUnsigned(timestamp, greetingTimestamp) > 0) {
      greetingTimestamp = timestamp;
      greetingNanos = core.now();
    }
  }

  /** A write was refused as expired that should not have been: ask again what time it is. */
  void doubt() {
    clock.forget();
    greetingTimestamp = 0;
  }

  /** Asks for a timestamp, unless one is already awaited. */
  void request() {
    if (requested || core.isClosed()) {
      return;
    }
    requested = true;
    AnyCalls.TimestampCall call =
        new AnyCalls.TimestampCall(core.now(), core.internalTimeoutNanos(), true, drawn -> {});
    var unused =
        call.whenComplete((version, failure) -> {
          requested = false;
          if (failure == null) {
            failures = 0;
            observe(version.value());
          } else {
            failed(String.valueOf(failure.getMessage()));
          }
        });
    core.submitInternal(call);
  }

  private void failed(String problem) {
    failures++;
    if (greetingTimestamp != 0) {
      // Perhaps old. If it is too old, the write comes back as expired and becomes a new command.
      clock.observe(greetingTimestamp, greetingNanos);
      release();
      return;
    }
    waiting.removeIf(call -> call.finished);
    waiting.forEach(call -> call.lastProblem = problem);
    if (!waiting.isEmpty()) {
      core.schedule(this::request, core.searchBackoff().nanosAfter(failures));
    }
  }

  private void release() {
    if (waiting.isEmpty()) {
      return;
    }
    List<WriteCall<?>> ready = new ArrayList<>(waiting);
    waiting.clear();
    for (WriteCall<?> call : ready) {
      if (!call.finished) {
        call.dispatch(core);
      }
    }
  }
}
