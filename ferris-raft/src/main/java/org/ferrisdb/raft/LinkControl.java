package org.ferrisdb.raft;

/**
 * Decides which messages between nodes get through. A cluster that runs for real uses {@link
 * #OPEN}; tests cut links with it, also one way, without touching the machine's network. Asked for
 * every message on both ends, from many threads.
 */
@FunctionalInterface
public interface LinkControl {
  /** Everything gets through. */
  LinkControl OPEN = (from, to) -> true;

  /** Whether a message sent by one node reaches the other now; if not, it vanishes silently. */
  boolean delivers(NodeId from, NodeId to);
}
