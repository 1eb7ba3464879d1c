package org.ferrisdb.node.cli;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.ferrisdb.client.CrossShardBatchException;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.InvalidRequestException;
import org.ferrisdb.client.LimitExceededException;
import org.ferrisdb.client.Outcome;

/**
 * Sorts failures of the client library. Apart from {@link Failures} so that others do not load it.
 */
final class ClientFailures {
  private ClientFailures() {}

  static Failures of(Throwable error) {
    return switch (error) {
      case CompletionException e when e.getCause() != null -> Failures.of(e.getCause());
      case ExecutionException e when e.getCause() != null -> Failures.of(e.getCause());
      case FerrisException e -> ofFerris(e);
      default ->
          new Failures(
              ExitCode.INTERNAL, "internal error: " + error, "please report it with the trace");
    };
  }

  /** Messages of the client library are whole lines, hint included. */
  private static Failures ofFerris(FerrisException e) {
    int exitCode =
        switch (e) {
          case InvalidRequestException _, LimitExceededException _, CrossShardBatchException _ ->
              ExitCode.USAGE;
          default -> e.outcome() == Outcome.UNKNOWN ? ExitCode.UNKNOWN : ExitCode.UNAVAILABLE;
        };
    return new Failures(exitCode, Failures.words(e), "");
  }
}
