package org.ferrisdb.shard.map;

import org.ferrisdb.raft.NodeId;

/**
 * A node as the registry of the meta group knows it.
 *
 * @param id the identity of its data directory
 * @param name the name its operator gave it (n1, n2, ...); a new id under an old name replaces it
 * @param clientAddress host:port of its front door
 * @param raftAddress host:port of its Raft server
 * @param httpAddress host:port of metrics, health and status
 * @param state whether it counts
 */
public record NodeRecord(
    NodeId id,
    String name,
    String clientAddress,
    String raftAddress,
    String httpAddress,
    State state) {
  /** Where a node stands. */
  public enum State {
    /** A member. */
    MEMBER,
    /** Replaced by a newer id under its name; its replicas are being, or have been, moved away. */
    REPLACED
  }
}
