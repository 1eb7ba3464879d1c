package org.ferrisdb.integration.cluster;

import java.time.Duration;
import java.util.Set;

/**
 * What is between the nodes, in both directions apart, and between them and the clients. Faults of
 * one direction add up, and stay over restarts of the nodes, until {@link #heal}. Thread-safe.
 */
public interface Network {
  /** The other end of what is no node, where a method takes a node. */
  String CLIENTS = "clients";

  /**
   * A direction.
   *
   * @param from who sends: a node or {@link #CLIENTS}
   * @param to whom it is for
   */
  record Direction(String from, String to) {
    @Override
    public String toString() {
      return from + ">" + to;
    }
  }

  /** Loses all that one sends to the other, without a word to either. */
  void cutOneWay(String from, String to);

  /** Both ways. */
  default void cut(String one, String other) {
    cutOneWay(one, other);
    cutOneWay(other, one);
  }

  /**
   * Lets everything in this direction arrive later.
   *
   * @param delay what it takes at least
   * @param jitter how much more it takes at most; order is kept
   */
  void slow(String from, String to, Duration delay, Duration jitter);

  /**
   * Loses packets. Over TCP they come later, and with bad luck the connection breaks.
   *
   * @param share of the packets that get lost, 0 to 1
   */
  void lossy(String from, String to, double share);

  /** Ends all connections between the two, once; returns how many, or -1 if that is unknown. */
  int reset(String one, String other);

  /**
   * Cuts a node off from all others as far as Raft is concerned, and lets its Raft port refuse
   * them, as a firewall does that rejects: the others take the node for dead at once. Front doors
   * stay open.
   */
  void refuse(String node);

  /** What is cut now. */
  Set<Direction> cuts();

  /** Ends every fault of the network. */
  void heal();
}
