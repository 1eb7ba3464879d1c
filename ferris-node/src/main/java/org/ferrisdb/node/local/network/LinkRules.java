package org.ferrisdb.node.local.network;

/** What befalls data at a {@link LinkProxy}; asked for every piece of it. Thread-safe. */
@FunctionalInterface
interface LinkRules {
  /**
   * What befalls a piece of data now.
   *
   * @param from who sent it: a name, or {@link LinkProxy#STRANGER}
   * @param to whom it is for
   */
  LinkState of(String from, String to);
}
