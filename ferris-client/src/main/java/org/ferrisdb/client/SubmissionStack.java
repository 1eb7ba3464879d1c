package org.ferrisdb.client;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Hands calls from any thread to the event loop. A lock-free stack through the calls themselves;
 * the loop takes all of it at once and turns it round, so calls leave in the order they came.
 * Whoever pushes onto an empty stack wakes the loop, nobody else: a burst of calls wakes it once,
 * and its requests leave in one flush.
 */
final class SubmissionStack {
  private final AtomicReference<@Nullable Call<?>> top = new AtomicReference<>();

  /** Returns whether the stack was empty, so that the loop must be woken. */
  boolean push(Call<?> call) {
    while (true) {
      Call<?> previous = top.get();
      call.nextSubmitted = previous;
      if (top.compareAndSet(previous, call)) {
        return previous == null;
      }
    }
  }

  /** Everything pushed so far, linked by {@code nextSubmitted}, oldest first. */
  @Nullable Call<?> takeAll() {
    Call<?> call = top.getAndSet(null);
    Call<?> reversed = null;
    while (call != null) {
      Call<?> next = call.nextSubmitted;
      call.nextSubmitted = reversed;
      reversed = call;
      call = next;
    }
    return reversed;
  }
}
