package org.ferrisdb.storage;

/**
 * Where in the replicated log a state stands: everything up to and including this entry is in it.
 *
 * <p>Ordered by index; the term travels along because Raft asks for both when it restarts from a
 * state.
 *
 * @param term the Raft term of the entry, 0 before any entry
 * @param index the Raft index of the entry, 0 before any entry
 */
public record AppliedPosition(long term, long index) implements Comparable<AppliedPosition> {
  /** Nothing has been applied. */
  public static final AppliedPosition NONE = new AppliedPosition(0, 0);

  @Override
  public int compareTo(AppliedPosition other) {
    return Long.compare(index, other.index);
  }
}
