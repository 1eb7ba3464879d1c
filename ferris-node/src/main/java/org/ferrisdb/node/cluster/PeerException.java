package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.util.Optional;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.raft.NodeId;

/** Another node refused, or could not be reached. */
public final class PeerException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient Optional<NodeId> leader;

  private PeerException(ErrorCode code, String message, Optional<NodeId> leader) {
    super(message);
    this.code = code;
    this.leader = leader;
  }

  static PeerException unreachable(String message) {
    return new PeerException(ErrorCode.UNAVAILABLE, message, Optional.empty());
  }

  static PeerException of(String address, ErrorReply reply) {
    Optional<NodeId> leader =
        reply.getLeaderNodeId().isEmpty()
            ? Optional.empty()
            : Optional.of(new NodeId(reply.getLeaderNodeId()));
    return new PeerException(
        reply.getCode(),
        address + " answers " + reply.getCode() + ": " + reply.getMessage(),
        leader);
  }

  /** Why; UNAVAILABLE where there was no answer. */
  public ErrorCode code() {
    return code;
  }

  /** NOT_LEADER: who leads. */
  public Optional<NodeId> leader() {
    return leader;
  }
}
