package org.ferrisdb.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a call's end on behalf of the synchronous API. Platform and virtual threads alike. */
final class Waiter {
  /**
   * How long after its deadline a call that has not ended is given up: the loop must be in trouble.
   */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final ClientCore core;

  Waiter(ClientCore core) {
    this.core = core;
  }

  /** Refuses to block the thread that would have to end the wait. */
  void check() {
    if (core.inEventLoop()) {
      throw new InvalidRequestException(
          "a blocking call inside a callback of an asynchronous one",
          "use the asynchronous API there, or thenApplyAsync and its like");
    }
  }

  <T> T await(CompletableFuture<T> call, long timeoutNanos, boolean write, String what) {
    Outcome open = write ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
    try {
      return call.get(timeoutNanos + GRACE_NANOS, TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      Throwable cause = Calls.cause(e.getCause() == null ? e : e.getCause());
      if (cause instanceof FerrisException failure) {
        // Made on the event loop: the user wants to see the place of the call.
        failure.fillInStackTrace();
        throw failure;
      }
      throw new ServerErrorException(
          open, what + " failed inside the client: " + cause, "please report this", 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(
          open, what + ": interrupted while waiting for the answer", "", 0);
    } catch (TimeoutException e) {
      throw new DeadlineExceededException(
          open,
          what + ": the client's event loop did not end the call by its deadline",
          "do not block in callbacks of asynchronous calls",
          0);
    }
  }
}
