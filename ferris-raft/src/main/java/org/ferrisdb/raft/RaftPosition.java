package org.ferrisdb.raft;

/**
 * A position in a group's log.
 *
 * @param term the term of the entry, 0 before any
 * @param index the index of the entry, 0 before any
 */
public record RaftPosition(long term, long index) {
  /** Before the first entry. */
  public static final RaftPosition NONE = new RaftPosition(0, 0);
}
