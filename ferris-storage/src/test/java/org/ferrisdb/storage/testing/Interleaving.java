package org.ferrisdb.storage.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Background work that goes on while a script does, and yet the same way in every run: of all
 * threads only one runs at a time, and who that is is drawn from a seed, at each file operation of
 * a table ({@link InterleavedFileSystem} calls {@link #pause}). So two compactions are in the midst
 * of their work at the same time, each of them ends first in some script, and a flush, an excision,
 * a checkpoint or a close comes between any two of their steps.
 *
 * <p>A task begins only when the script pauses, or waits ({@link #help}). Nothing is handed over
 * while a manifest is written, for its lock is held then. The script is one thread.
 */
public final class Interleaving implements Executor {
  private final List<Task> tasks = new ArrayList<>();
  private final Semaphore script = new Semaphore(0);
  private Random random = new Random(0);
  private @Nullable Task current;
  private boolean byHand;
  private long overlaps;

  private final class Task {
    private final Runnable work;
    private final Semaphore turn = new Semaphore(0);
    private @Nullable Thread thread;
    private boolean writes; // a compaction in the midst of its work
    private boolean ended;

    Task(Runnable work) {
      this.work = work;
    }

    /** Goes on until the task pauses or ends. */
    void goOn() {
      current = this;
      if (thread == null) {
        thread = Thread.ofVirtual().start(this::run);
      } else {
        turn.release();
      }
      script.acquireUninterruptibly();
      current = null;
      if (ended) {
        tasks.remove(this);
      }
    }

    private void run() {
      try {
        work.run();
      } finally {
        ended = true;
        script.release();
      }
    }

    void pause() {
      script.release();
      turn.acquireUninterruptibly();
    }
  }

  /** Tasks pause wherever they can, and get on only by {@link #help}. */
  public Interleaving byHand() {
    byHand = true;
    return this;
  }

  /** Tasks that have not ended. */
  public int waiting() {
    return tasks.size();
  }

  /** The task that runs pauses here, if one does. */
  public void yieldTask() {
    Task task = current;
    if (task != null) {
      task.pause();
    }
  }

  /** How many flushes and compactions are in the midst of their work. */
  public long writing() {
    return tasks.stream().filter(each -> each.writes).count();
  }

  /** Begins anew; nothing may be left of before. */
  public void seed(long seed) {
    if (!tasks.isEmpty()) {
      throw new IllegalStateException(tasks.size() + " tasks are left");
    }
    random = new Random(seed);
  }

  /** How often a step was made while another flush or compaction was in the midst of its work. */
  public long overlaps() {
    return overlaps;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(new Task(task));
  }

  /** Lets some task get on, for who would wait for it; false if there is none. */
  public boolean help() {
    if (tasks.isEmpty() || current != null) {
      return false;
    }
    tasks.get(random.nextInt(tasks.size())).goOn();
    return true;
  }

  /** Here others may get on. */
  void pause(boolean writes) {
    Task task = current;
    if (task == null) {
      while (!byHand && random.nextInt(3) == 0 && help()) {
        // Another step.
      }
      return;
    }
    task.writes |= writes;
    overlaps += writing() > 1 ? 1 : 0;
    if (byHand || random.nextInt(3) > 0) {
      task.pause();
    }
  }
}
