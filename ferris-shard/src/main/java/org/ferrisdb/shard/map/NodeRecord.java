package org.ferrisdb.shard.map;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.raft.NodeId;

/**
 * A node as the registry of the meta group knows it.
 *
 * @param id the identity of its data directory
 * @param name the name its operator gave it (n1, n2, ...); a new id under an old name replaces it
 * @param clientAddress host:port of its front door, by which the other nodes reach it
 * @param raftAddress host:port of its Raft server
 * @param httpAddress host:port of metrics, health and status
 * @param state whether it counts
 * @param networks host:port of its front door by the names of networks from which it is reached by
 *     another address than {@code clientAddress}; mostly empty
 */
public record NodeRecord(
    NodeId id,
    String name,
    String clientAddress,
    String raftAddress,
    String httpAddress,
    State state,
    SortedMap<String, String> networks) {
  /** Where a node stands. */
  public enum State {
    /** A member. */
    MEMBER,
    /** Replaced by a newer id under its name; its replicas are being, or have been, moved away. */
    REPLACED
  }

  /** Takes a copy of the networks. */
  public NodeRecord {
    networks = Collections.unmodifiableSortedMap(new TreeMap<>(networks));
  }

  /** A node that everybody reaches by the same address. */
  public NodeRecord(
      NodeId id,
      String name,
      String clientAddress,
      String raftAddress,
      String httpAddress,
      State state) {
    this(
        id,
        name,
        clientAddress,
        raftAddress,
        httpAddress,
        state,
        Collections.unmodifiableSortedMap(new TreeMap<>()));
  }

  /** Its front door as a network reaches it; the common address where it has none there. */
  public String clientAddress(String network) {
    return networks.getOrDefault(network, clientAddress);
  }

  /** The same node in another state. */
  public NodeRecord withState(State other) {
    return new NodeRecord(id, name, clientAddress, raftAddress, httpAddress, other, networks);
  }
}
