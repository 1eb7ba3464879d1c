package org.ferrisdb.raft;

/**
 * How far a replica's log has come, and how much of it has reached the disk.
 *
 * @param lastIndex of the log's last entry
 * @param syncedIndex of the last entry that is on disk; the leader too counts an entry as committed
 *     no sooner than it is on its own disk (Ratis)
 */
public record LogEnd(long lastIndex, long syncedIndex) {
  /** Of a log that is not open, or that has no disk to wait for. */
  public static final LogEnd NONE = new LogEnd(-1, -1);
}
