package org.ferrisdb.client;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How much may be under way at once. A call is counted from its submission; on the event loop it
 * starts if there is room, else it waits its turn. An asynchronous call for which even the queue
 * has no room is refused at submission, in the caller's thread; one on which a thread waits never
 * is, because there is only one of those per thread.
 */
final class Admission {
  private final FerrisOptions options;

  // ---- any thread
  private final AtomicInteger counted = new AtomicInteger();
  private final AtomicLong countedBytes = new AtomicLong();

  // ---- the event loop's
  private final ArrayDeque<Call<?>> queue = new ArrayDeque<>();
  private int inFlight;
  private long inFlightBytes;

  Admission(FerrisOptions options) {
    this.options = options;
  }

  /** Counts a call; returns the limit it would break, or null if it is let in. */
  @Nullable String enter(Call<?> call) {
    int calls = counted.incrementAndGet();
    long bytes = countedBytes.addAndGet(call.bytes);
    call.counted = true;
    if (call.patient) {
      return null;
    }
    if (calls > (long) options.maxInFlight() + options.maxQueued()) {
      leave(call);
      return "maxQueued " + options.maxQueued();
    }
    if (bytes > 2 * options.maxInFlightBytes() && bytes > call.bytes) {
      leave(call);
      return "maxInFlightBytes " + options.maxInFlightBytes() + ", twice";
    }
    return null;
  }

  /** The call is not counted any more. */
  void leave(Call<?> call) {
    if (call.counted) {
      call.counted = false;
      counted.decrementAndGet();
      countedBytes.addAndGet(-call.bytes);
    }
  }

  /** Queues a call; {@link #next} gives it out when there is room. */
  void queue(Call<?> call) {
    queue.add(call);
  }

  /** The next call that may start, counted as in flight; null if none may or none waits. */
  @Nullable Call<?> next() {
    while (true) {
      Call<?> call = queue.peek();
      if (call == null) {
        return null;
      }
      if (call.finished) {
        queue.remove();
        continue;
      }
      boolean room =
          inFlight < options.maxInFlight()
              && (inFlight == 0 || inFlightBytes + call.bytes <= options.maxInFlightBytes());
      if (!room) {
        return null;
      }
      queue.remove();
      inFlight++;
      inFlightBytes += call.bytes;
      call.admitted = true;
      return call;
    }
  }

  /** A call that was in flight has ended. */
  void ended(Call<?> call) {
    inFlight--;
    inFlightBytes -= call.bytes;
  }
}
