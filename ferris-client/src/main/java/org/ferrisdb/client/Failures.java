package org.ferrisdb.client;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;

/** Turns what the client knows of a failed call into the exception that the user gets. */
final class Failures {
  private Failures() {}

  /** An error answer after which trying again would not help. */
  static FerrisException fromError(Call<?> call, NodeLink from, ErrorReply error) {
    Outcome outcome = call.outcomeNow();
    int attempts = call.attempts;
    String said = error.getMessage().isEmpty() ? error.getCode().name() : error.getMessage();
    String message = call.describe() + ": " + said;
    String hint = error.getHint();
    return switch (error.getCode()) {
      case LIMIT_EXCEEDED ->
          new LimitExceededException(
              outcome, message, or(hint, "make the key, value or batch smaller"), attempts);
      case INVALID -> new InvalidRequestException(outcome, message, or(hint, ""), attempts);
      case DISK_FULL ->
          new DiskFullException(
              outcome, message, or(hint, "free space on the disk of " + from), attempts);
      case OUTCOME_UNKNOWN, EXPIRED ->
          new OutcomeUnknownException(
              outcome, message, or(hint, "read the key to see whether it was applied"), attempts);
      case TIMESTAMP_INVALID ->
          new SnapshotUnavailableException(
              outcome, message, or(hint, "read now, or at a later version"), attempts);
      case UNSUPPORTED ->
          new ServerErrorException(
              outcome,
              call.describe() + ": " + from + " does not know this request: " + said,
              or(hint, "upgrade the node, or use a client of its release"),
              attempts);
      default ->
          new ServerErrorException(
              outcome,
              call.describe() + " failed at " + from + ": " + said,
              or(hint, "see the log of that node"),
              attempts);
    };
  }

  /** An answer that makes no sense. */
  static FerrisException nonsense(Call<?> call, NodeLink from, String what) {
    return new ServerErrorException(
        call.outcomeNow(),
        call.describe() + ": " + from + " answered with " + what,
        "client and node do not fit together; compare their releases",
        call.attempts);
  }

  /**
   * The deadline has passed, or is too near for another attempt. What the user is told depends on
   * where the call stood: at a node that has not answered, in a queue, refused, or without any node
   * to go to.
   */
  static FerrisException outOfTime(Call<?> call) {
    Outcome outcome = call.outcomeNow();
    String within = " within " + duration(call.deadlineNanos - call.startNanos);
    String before = call.lastProblem.isEmpty() ? "" : " (before that: " + call.lastProblem + ")";
    NodeLink link = call.link;
    if (!call.admitted) {
      return new ThrottledException(
          outcome,
          call.describe() + ": no place among the client's requests in flight" + within,
          "raise maxInFlight, or start fewer calls at once",
          call.attempts);
    }
    if (link != null && call.sent) {
      return new DeadlineExceededException(
          outcome,
          call.describe() + ": no answer from " + link + within + before,
          "try again, or allow a longer deadline",
          call.attempts);
    }
    if (call.throttled) {
      return new ThrottledException(
          outcome,
          call.describe() + " was refused" + within + ", at last by " + call.lastProblem,
          "send less at once",
          call.attempts);
    }
    String why =
        link != null && !(call.refused && link.isReady()) ? link.describeState() : call.lastProblem;
    return new UnavailableException(
        outcome,
        call.describe() + ": no node could serve it" + within + (why.isEmpty() ? "" : "; " + why),
        "see ./ferris status: are enough nodes up?",
        call.attempts);
  }

  static FerrisException closed(Call<?> call) {
    return new ClientClosedException(
        call.outcomeNow(),
        call.describe() + ": the client was closed",
        "close it only after its last call",
        call.attempts);
  }

  static FerrisException queueFull(Call<?> call, String limit) {
    return new ThrottledException(
        Outcome.NOT_APPLIED,
        call.describe() + ": the client's queue is full (" + limit + ")",
        "wait for earlier calls before starting more, or raise the limit",
        0);
  }

  static FerrisException tooLong(Call<?> call, NodeLink link, int length, int limit) {
    return new LimitExceededException(
        call.outcomeNow(),
        call.describe() + ": the request has " + length + " bytes, " + link + " takes " + limit,
        "make the key, value or batch smaller",
        call.attempts);
  }

  static FerrisException crossShard(Call<?> call) {
    if (call.outcomeNow() == Outcome.UNKNOWN) {
      return new OutcomeUnknownException(
          Outcome.UNKNOWN,
          call.describe() + ": its shard was split while the outcome of an attempt was open",
          "read the keys to see whether it was applied",
          call.attempts);
    }
    return new CrossShardBatchException(
        Outcome.NOT_APPLIED,
        call.describe() + ": its keys lie in more than one shard",
        "keep keys that change together under one prefix, or write several batches",
        call.attempts);
  }

  /** Whether a refusal means that something was full. */
  static boolean isThrottle(ErrorCode code) {
    return code == ErrorCode.OVERLOADED || code == ErrorCode.TABLE_FULL;
  }

  static String duration(long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    return millis % 1000 == 0 ? Duration.ofMillis(millis).toSeconds() + " s" : millis + " ms";
  }

  private static String or(String hint, String otherwise) {
    return hint.isEmpty() ? otherwise : hint;
  }
}
