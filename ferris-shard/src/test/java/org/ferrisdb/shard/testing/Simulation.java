package org.ferrisdb.shard.testing;

import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Time and threads of a test: an executor and timer whose tasks run in the test's own thread, when
 * it asks for it, in the order of their due time and then of their submission. Not thread-safe.
 */
public final class Simulation extends AbstractExecutorService implements ScheduledExecutorService {
  private static final long START_MILLIS = 1_700_000_000_000L;
  private static final int MAX_TASKS = 5_000_000;

  private final PriorityQueue<Task<?>> queue = new PriorityQueue<>();
  private long nanos = 1_000_000_000L;
  private long wallOffsetMillis;
  private long submitted;
  private int ran;

  /** The monotonic clock. */
  public long nanoTime() {
    return nanos;
  }

  /** The wall clock. */
  public long wallMillis() {
    return START_MILLIS + nanos / 1_000_000 + wallOffsetMillis;
  }

  /** Moves the wall clock alone, as a suspended machine or a bad time server would. */
  public void jumpWall(Duration by) {
    wallOffsetMillis += by.toMillis();
  }

  /** Runs what is due now, and what that submits, until nothing is. */
  public void run() {
    while (!queue.isEmpty() && queue.peek().due <= nanos) {
      step();
    }
  }

  /** Lets time pass, running every task at its time. */
  public void advance(Duration by) {
    long end = nanos + by.toNanos();
    while (!queue.isEmpty() && queue.peek().due <= end) {
      step();
    }
    nanos = end;
  }

  /** Lets time pass, 1 ms at a time, until the condition holds; fails after the given time. */
  public void await(BooleanSupplier condition, Duration atMost) {
    long end = nanos + atMost.toNanos();
    run();
    while (!condition.getAsBoolean()) {
      if (nanos >= end) {
        throw new AssertionError("not within " + atMost + " of simulated time");
      }
      advance(Duration.ofMillis(1));
    }
  }

  /** Waits for a future and returns its value, or throws what it failed with. */
  public <T> T get(CompletableFuture<T> future) {
    await(future::isDone, Duration.ofSeconds(60));
    return future.join();
  }

  private void step() {
    Task<?> task = queue.poll();
    nanos = Math.max(nanos, task.due);
    if (++ran > MAX_TASKS) {
      throw new AssertionError("the simulation does not come to rest");
    }
    task.run();
  }

  @Override
  public void execute(Runnable command) {
    var _ = schedule(command, 0, TimeUnit.NANOSECONDS);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return add(
        new Task<Void>(
            () -> {
              command.run();
              return null;
            },
            delay,
            unit));
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return add(new Task<>(callable, delay, unit));
  }

  private <V> Task<V> add(Task<V> task) {
    queue.add(task);
    return task;
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return schedule(
        () -> {
          command.run();
          var _ = scheduleAtFixedRate(command, period, period, unit);
        },
        initialDelay,
        unit);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    return scheduleAtFixedRate(command, initialDelay, delay, unit);
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }

  private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
    private final long due;
    private final long order = submitted++;

    Task(Callable<V> body, long delay, TimeUnit unit) {
      super(body);
      this.due = nanos + Math.max(0, unit.toNanos(delay));
    }

    @Override
    protected void setException(Throwable failure) {
      super.setException(failure);
      throw new AssertionError("a task of the simulation failed", failure);
    }

    @Override
    public boolean isPeriodic() {
      return false;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Task<?> that = (Task<?>) other;
      return due != that.due ? Long.compare(due, that.due) : Long.compare(order, that.order);
    }
  }
}
