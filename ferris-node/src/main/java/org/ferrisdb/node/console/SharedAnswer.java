package org.ferrisdb.node.console;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something dear to make that may be a little old: it is made when asked for, at most once in a
 * time, by one caller while the others wait for the same. Thread-safe.
 *
 * @param <T> what is made
 */
final class SharedAnswer<T> {
  private final Supplier<T> maker;
  private final long staleNanos;
  private final LongSupplier nanoTime;
  private @Nullable T last;
  private long madeNanos;

  /**
   * @param maker makes it; if it throws, nothing is kept
   * @param stale how old it may be, counted from when its making began
   * @param nanoTime a clock
   */
  SharedAnswer(Supplier<T> maker, Duration stale, LongSupplier nanoTime) {
    this.maker = maker;
    this.staleNanos = stale.toNanos();
    this.nanoTime = nanoTime;
  }

  synchronized T get() {
    long now = nanoTime.getAsLong();
    T answer = last;
    if (answer == null || now - madeNanos >= staleNanos) {
      answer = maker.get();
      last = answer;
      madeNanos = now;
    }
    return answer;
  }
}
