package org.ferrisdb.shard.simulation;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Exceptions as text, and out of their wrappings. */
final class Failures {
  private Failures() {}

  /** What it says, and where the first frames of it lie. */
  static String text(Throwable failure) {
    StringBuilder text = new StringBuilder(failure.toString());
    StackTraceElement[] stack = failure.getStackTrace();
    for (int i = 0; i < Math.min(6, stack.length); i++) {
      text.append("\n      at ").append(stack[i]);
    }
    Throwable cause = failure.getCause();
    return cause == null
        ? text.toString()
        : text.append("\n    by ").append(text(cause)).toString();
  }

  /** The cause of a future's failure. */
  static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException c && c.getCause() != null
        ? c.getCause()
        : failure;
  }
}
