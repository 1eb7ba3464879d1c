package org.ferrisdb.node.cli.shell;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.ferrisdb.node.cli.ExitCode;
import org.jspecify.annotations.Nullable;

/**
 * Runs one command at a time, on a thread of its own, so that Ctrl-C can end it. {@link #cancel}
 * may be called by any thread, everything else by one.
 */
final class Foreground {
  private final AtomicReference<@Nullable Job> current = new AtomicReference<>();

  /** A command under way. */
  private static final class Job {
    final CompletableFuture<Integer> done = new CompletableFuture<>();
    final Runnable onCancel;
    final Thread thread;
    boolean cancelled;

    Job(IntSupplier command, Runnable onCancel) {
      this.onCancel = onCancel;
      thread = Thread.ofPlatform().name("command").daemon().unstarted(() -> run(command, done));
    }

    private static void run(IntSupplier command, CompletableFuture<Integer> done) {
      try {
        done.complete(command.getAsInt());
      } catch (Throwable e) {
        done.completeExceptionally(e);
      }
    }

    /** The first time asks the command to end, the second time no longer waits for it. */
    synchronized void cancel() {
      if (cancelled) {
        done.complete(ExitCode.UNKNOWN);
      } else {
        cancelled = true;
        onCancel.run();
        thread.interrupt();
      }
    }
  }

  /**
   * Runs a command.
   *
   * @param onCancel what is to be done on Ctrl-C before the command's thread is interrupted
   * @return its exit status; {@link ExitCode#UNKNOWN} if it is left to itself
   */
  int run(IntSupplier command, Runnable onCancel) {
    Job job = new Job(command, onCancel);
    current.set(job);
    job.thread.start();
    try {
      return job.done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      job.cancel();
      return ExitCode.UNKNOWN;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause()); // commands answer by their status
    } finally {
      current.set(null);
    }
  }

  /** Cancels the command under way, if there is one. */
  void cancel() {
    Job job = current.get();
    if (job != null) {
      job.cancel();
    }
  }
}
