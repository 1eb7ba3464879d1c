package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which calls have passed their deadline: a timing wheel.
 *
 * <p>The wheel has {@value #BUCKETS} buckets of {@value #TICK_MILLIS} ms. A call hangs in the
 * bucket of its deadline, in a doubly linked list through the calls themselves, so that adding and
 * removing cost a few pointers and no memory, however many calls are in flight. A call whose
 * deadline is more than one turn away is met early and left hanging. A call is never ended early,
 * and at most one tick late.
 *
 * <p>Belongs to the event loop.
 */
final class DeadlineWheel {
  static final int TICK_MILLIS = 10;
  static final int BUCKETS = 1024;

  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);

  private final @Nullable Call<?>[] buckets = new Call<?>[BUCKETS];
  private final long origin;
  private long nextTick;
  private int size;

  DeadlineWheel(long now) {
    origin = now;
  }

  int size() {
    return size;
  }

  void add(Call<?> call) {
    long tick = Math.max(nextTick, (call.deadlineNanos - origin + TICK_NANOS - 1) / TICK_NANOS);
    int bucket = (int) (tick % BUCKETS);
    Call<?> first = buckets[bucket];
    call.timerBucket = bucket;
    call.timerNext = first;
    if (first != null) {
      first.timerPrevious = call;
    }
    buckets[bucket] = call;
    size++;
  }

  void remove(Call<?> call) {
    if (call.timerBucket < 0) {
      return;
    }
    Call<?> previous = call.timerPrevious;
    Call<?> next = call.timerNext;
    if (previous == null) {
      buckets[call.timerBucket] = next;
    } else {
      previous.timerNext = next;
    }
    if (next != null) {
      next.timerPrevious = previous;
    }
    call.timerPrevious = null;
    call.timerNext = null;
    call.timerBucket = -1;
    size--;
  }

  /**
   * Every call whose deadline is at or before {@code now}. They still hang in the wheel: ending one
   * may end others, so the list is complete before the first is ended.
   */
  List<Call<?>> expired(long now) {
    List<Call<?>> ended = new ArrayList<>();
    long current = (now - origin) / TICK_NANOS;
    if (current - nextTick >= BUCKETS) {
      nextTick = current - BUCKETS + 1; // one whole turn meets every call
    }
    for (; nextTick <= current; nextTick++) {
      for (Call<?> call = buckets[(int) (nextTick % BUCKETS)];
          call != null;
          call = call.timerNext) {
        if (call.deadlineNanos - now <= 0) {
          ended.add(call);
        }
      }
    }
    return ended;
  }

  /** Every call that hangs in the wheel. */
  List<Call<?>> all() {
    List<Call<?>> calls = new ArrayList<>(size);
    for (Call<?> first : buckets) {
      for (Call<?> call = first; call != null; call = call.timerNext) {
        calls.add(call);
      }
    }
    return calls;
  }
}
