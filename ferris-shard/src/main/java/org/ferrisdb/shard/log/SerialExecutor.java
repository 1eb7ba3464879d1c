package org.ferrisdb.shard.log;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An actor's thread: runs tasks one at a time and in the order they came, on threads it shares with
 * others, and takes no thread while it has none. State touched only by its tasks needs no lock.
 *
 * <p>The queue has no bound of its own: whoever submits on behalf of requests bounds those.
 * Thread-safe. Once the threads below refuse tasks (shutdown), tasks are dropped silently.
 */
public final class SerialExecutor implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

  /** Tasks run before the thread is offered to other actors. */
  private static final int TURN = 64;

  private final Executor threads;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** Runs its tasks on the given threads. */
  public SerialExecutor(Executor threads) {
    this.threads = threads;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (waiting.getAndIncrement() == 0) {
      schedule();
    }
  }

  /**
   * Runs a task at once on the calling thread, if no other task runs or waits; else nothing is
   * done. For short tasks that wait for nothing: it spares a change of threads.
   *
   * @return whether it ran
   */
  public boolean tryHere(Runnable task) {
    if (!waiting.compareAndSet(0, 1)) {
      return false;
    }
    runOne(task);
    if (waiting.decrementAndGet() > 0) {
      schedule();
    }
    return true;
  }

  private void schedule() {
    try {
      threads.execute(this::run);
    } catch (RejectedExecutionException e) {
      LOG.debug("threads refuse tasks, they are shutting down", e);
    }
  }

  private void run() {
    int done = 0;
    Runnable task;
    while (done < TURN && (task = tasks.poll()) != null) {
      done++;
      runOne(task);
    }
    // Adding happens before counting, so a count left over means a task that is or will be there.
    if (waiting.addAndGet(-done) > 0) {
      schedule();
    }
  }

  private static void runOne(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a task of an actor failed, the others go on", e);
    }
  }
}
