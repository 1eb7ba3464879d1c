package org.ferrisdb.node.cluster;

/** What is wrong with a replica that opening it again does not mend. */
enum Damage {
  /** Nothing that is known. */
  NONE,
  /** The state is corrupt or gone; log and vote are whole. */
  STATE,
  /** The log or the vote is gone or unreadable, or there is no replica where one should be. */
  LOG
}
