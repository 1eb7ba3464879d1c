package org.ferrisdb.node.server;

import java.util.concurrent.CompletionException;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.client.wire.Outcome;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.ShardException;

/** Turns failures into error replies. Pure functions. */
public final class ErrorReplies {
  private ErrorReplies() {}

  /**
   * The reply for a failure of a request.
   *
   * @param request what failed; a read that failed has certainly not been applied
   */
  public static ErrorReply of(Throwable failure, Envelope request) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof RequestException known) {
      return known.reply();
    }
    if (cause instanceof ShardException shard) {
      return ofShard(shard);
    }
    return ErrorReply.newBuilder()
        .setCode(ErrorCode.INTERNAL)
        .setOutcome(outcomeIfLost(request))
        .setMessage(oneLine(cause.toString()))
        .setHint("the node's log has the details")
        .build();
  }

  /** What is known of a request whose answer never came. */
  public static Outcome outcomeIfLost(Envelope request) {
    return request.hasWrite() ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
  }

  private static ErrorReply ofShard(ShardException e) {
    ErrorReply.Builder reply =
        ErrorReply.newBuilder()
            .setCode(code(e.reason()))
            .setOutcome(
                e.applied() == ShardException.Applied.NO ? Outcome.NOT_APPLIED : Outcome.UNKNOWN)
            .setMessage(oneLine(String.valueOf(e.getMessage())))
            .setHint(hint(e.reason()))
            .setRetryAfterMillis(retryAfterMillis(e.reason()));
    e.leader().map(NodeId::value).ifPresent(reply::setLeaderNodeId);
    e.descriptors().forEach(d -> reply.addDescriptors(Protos.toProto(d)));
    return reply.build();
  }

  /** The protocol's code for a shard's reason; the two lists are kept equal by a test. */
  static ErrorCode code(ShardException.Reason reason) {
    return switch (reason) {
      case NOT_LEADER -> ErrorCode.NOT_LEADER;
      case WRONG_EPOCH -> ErrorCode.WRONG_EPOCH;
      case UNAVAILABLE -> ErrorCode.UNAVAILABLE;
      case OVERLOADED -> ErrorCode.OVERLOADED;
      case LIMIT_EXCEEDED -> ErrorCode.LIMIT_EXCEEDED;
      case INVALID -> ErrorCode.INVALID;
      case DEADLINE -> ErrorCode.DEADLINE;
      case OUTCOME_UNKNOWN -> ErrorCode.OUTCOME_UNKNOWN;
      case EXPIRED -> ErrorCode.EXPIRED;
      case TABLE_FULL -> ErrorCode.TABLE_FULL;
      case DISK_FULL -> ErrorCode.DISK_FULL;
      case TIMESTAMP_INVALID -> ErrorCode.TIMESTAMP_INVALID;
      case INTERNAL -> ErrorCode.INTERNAL;
    };
  }

  private static String hint(ShardException.Reason reason) {
    return switch (reason) {
      case NOT_LEADER -> "ask the leader";
      case WRONG_EPOCH -> "fetch the shard map again";
      case UNAVAILABLE -> "try again shortly";
      case OVERLOADED -> "try again later, or send less at a time";
      case LIMIT_EXCEEDED -> "send less in one request";
      case INVALID -> "this request never succeeds as it is";
      case DEADLINE -> "allow more time";
      case OUTCOME_UNKNOWN -> "read the key to learn what it is";
      case EXPIRED -> "send it anew with a later expiry";
      case TABLE_FULL -> "wait for earlier writes to expire, or use fewer client instances";
      case DISK_FULL -> "free space on the node's disk; it resumes by itself";
      case TIMESTAMP_INVALID -> "read at a newer timestamp";
      case INTERNAL -> "the node's log has the details";
    };
  }

  private static int retryAfterMillis(ShardException.Reason reason) {
    return switch (reason) {
      case OVERLOADED -> 50;
      case TABLE_FULL, DISK_FULL -> 1000;
      case UNAVAILABLE -> 20;
      default -> 0;
    };
  }

  private static String oneLine(String text) {
    String line = text.replace('\n', ' ').replace('\r', ' ');
    return line.length() > 500 ? line.substring(0, 500) : line;
  }
}
