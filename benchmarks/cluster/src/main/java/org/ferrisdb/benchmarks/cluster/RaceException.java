package org.ferrisdb.benchmarks.cluster;

import org.jspecify.annotations.Nullable;

/**
 * The race, or a contestant's run, can not go on; the message says why and the remedy what to do.
 */
final class RaceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String remedy;

  RaceException(String message, String remedy) {
    this(message, remedy, null);
  }

  RaceException(String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }

  /** Message and remedy on one line. */
  String line() {
    return getMessage() + "; " + remedy;
  }
}
