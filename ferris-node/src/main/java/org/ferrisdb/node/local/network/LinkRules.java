package org.ferrisdb.node.local.network;

/** What may pass a {@link LinkProxy}; asked for every piece of data. Thread-safe. */
@FunctionalInterface
interface LinkRules {
  /**
   * Whether data gets through.
   *
   * @param from who sent it: a name, or {@link LinkProxy#STRANGER}
   * @param to whom it is for
   */
  boolean passes(String from, String to);
}
