package org.ferrisdb.raft;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a node's Raft port talks.
 *
 * @param bindHost the local address to listen on; it and the port may differ from what the peers
 *     use (the node's {@link RaftMember}), where something in between forwards
 * @param bindPort the local port to listen on
 * @param clusterId sent in every handshake: nodes of another cluster are refused. Null as long as
 *     the node belongs to none; then any cluster's nodes are accepted
 * @param links what gets through; {@link LinkControl#OPEN} outside of tests
 */
public record RaftTransport(
    String bindHost, int bindPort, @Nullable UUID clusterId, LinkControl links) {
  /** Listens where its peers reach it, all links open. */
  public static RaftTransport of(RaftMember self, @Nullable UUID clusterId) {
    return new RaftTransport(self.host(), self.port(), clusterId, LinkControl.OPEN);
  }
}
