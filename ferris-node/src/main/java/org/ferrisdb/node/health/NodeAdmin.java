package org.ferrisdb.node.health;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.node.cluster.AdminCommands;
import org.ferrisdb.node.cluster.AdminCommands.ReplicaState;
import org.ferrisdb.node.cluster.AdminCommands.ShardCommand;

/**
 * Commands to one node, from outside of the cluster. Thread-safe, holds nothing open.
 *
 * <p>Every method fails with {@link IOException} if the node does not answer in time or refuses;
 * the message says which.
 */
public final class NodeAdmin {
  private final String address;
  private final Duration patience;

  /**
   * For a node.
   *
   * @param address host:port of its front door
   * @param patience for connecting, and for each answer
   */
  public NodeAdmin(String address, Duration patience) {
    this.address = address;
    this.patience = patience;
  }

  /** What the node's replica of a shard (0: meta) amounts to; reads all of it. */
  public ReplicaState digest(long shard) throws IOException {
    try {
      return ReplicaState.decode(call(AdminCommands.DIGEST, new ShardCommand(shard, "")));
    } catch (IllegalArgumentException e) {
      throw new IOException(address + ": " + e.getMessage(), e);
    }
  }

  /**
   * Lets the node, which must lead the shard, hand its leadership over; returns when that is done.
   *
   * @param nodeId the identity of the node that shall lead
   */
  public void transferLeadership(long shard, String nodeId) throws IOException {
    ByteString _ = call(AdminCommands.TRANSFER, new ShardCommand(shard, nodeId));
  }

  private ByteString call(String command, ShardCommand payload) throws IOException {
    try (NodeConversation node = NodeConversation.open(address, "", patience)) {
      Envelope reply = node.call(AdminCommands.request(command, payload));
      if (!reply.hasAdminReply()) {
        throw new IOException(
            address + " refused " + command + ": " + reply.getError().getMessage());
      }
      return reply.getAdminReply().getPayload();
    }
  }
}
