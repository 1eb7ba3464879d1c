package org.ferrisdb.client;

import java.util.List;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.client.wire.ShardDescriptorProto;

/**
 * An attempt that came to nothing, but the call may try again.
 *
 * @param node where it was tried
 * @param step what to do next
 * @param problem one line for people
 * @param leaderHint id of the node that is said to lead; empty if nobody said
 * @param descriptors newer shard descriptors that came with the refusal
 * @param retryAfterMillis what the node asked to wait; 0 if it did not
 */
record AttemptFailure(
    NodeLink node,
    Step step,
    String problem,
    String leaderHint,
    List<ShardDescriptorProto> descriptors,
    int retryAfterMillis) {

  /** What a refusal asks the client to do. */
  enum Step {
    /** This node does not serve the shard (now): find who does. */
    FIND_LEADER,
    /** The request was routed by an old map. */
    FIND_SHARD,
    /** The right place, but too busy or too late: again, a little later. */
    WAIT,
    /** The expiry had passed, and no attempt can have been applied: again, as a new command. */
    NEW_COMMAND,
    /** Trying again would not help. */
    FAIL
  }

  static AttemptFailure lost(NodeLink node, String problem) {
    return new AttemptFailure(node, Step.FIND_LEADER, problem, "", List.of(), 0);
  }

  static AttemptFailure refused(NodeLink node, Step step, ErrorReply error) {
    return new AttemptFailure(
        node,
        step,
        node + ": " + (error.getMessage().isEmpty() ? error.getCode().name() : error.getMessage()),
        error.getLeaderNodeId(),
        error.getDescriptorsList(),
        error.getRetryAfterMillis());
  }

  /**
   * The step for an error.
   *
   * @param limbo whether an attempt of this write, this one or an earlier one, may have been
   *     applied or may yet be
   */
  static Step stepFor(ErrorCode code, boolean limbo) {
    return switch (code) {
      case NOT_LEADER, UNAVAILABLE -> Step.FIND_LEADER;
      case WRONG_EPOCH -> Step.FIND_SHARD;
      case OVERLOADED, TABLE_FULL, DEADLINE -> Step.WAIT;
      case EXPIRED -> limbo ? Step.FAIL : Step.NEW_COMMAND;
      case LIMIT_EXCEEDED,
          INVALID,
          OUTCOME_UNKNOWN,
          DISK_FULL,
          UNSUPPORTED,
          WRONG_CLUSTER,
          TIMESTAMP_INVALID,
          INTERNAL,
          ERROR_UNSPECIFIED,
          UNRECOGNIZED ->
          Step.FAIL;
    };
  }
}
