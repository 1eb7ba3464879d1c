package org.ferrisdb.raft;

import java.nio.file.Path;

/**
 * The duties of a replica's state. One instance per group and node. Calls for one group come from
 * one thread at a time (Ratis's apply thread) except {@link #checkpoint} and the leadership
 * notices, which may come from others at any time.
 *
 * <p>Same log, same state: {@link #apply} may look at nothing but its state and the entry. Applied
 * entries may be replayed from {@link #open}'s position after a restart; a replay must not change
 * what is already in (skip an index at or below the applied one). An entry that must be refused is
 * refused inside the state machine, deterministically; an exception out of {@code apply} stops this
 * replica (environment failures such as a full disk: the node reopens it later).
 */
public interface ReplicatedStateMachine extends AutoCloseable {
  /** Opens the state and returns the durable position from which the log is to be replayed. */
  RaftPosition open();

  /** Applies one committed entry. */
  void apply(AppliedEntry entry);

  /**
   * Raft applied an entry of its own (configuration, metadata) at this position; the state machine
   * may note the position so that flush() covers it. No data.
   */
  void advance(RaftPosition position);

  /** Makes everything applied durable; returns that position. The log before it may be purged. */
  RaftPosition flush();

  /**
   * Writes a complete copy (hard links) of the state, flushed, into {@code directory}, which does
   * not exist yet, and returns its position. Called on the node a lagging follower fetches from.
   */
  RaftPosition checkpoint(Path directory);

  /**
   * Replaces the whole state by the checkpoint in {@code directory} (complete and synced), such
   * that a crash at any point leaves the old or the new; returns its position. Open readers of the
   * old state get an error, never a mix.
   */
  RaftPosition install(Path directory);

  /** This node is the leader in a term and its log is ready: see {@link Leadership}. */
  void leadershipGained(Leadership leadership);

  /** This node no longer leads (or never did in this term); anything of an earlier term is void. */
  void leadershipLost();

  /** The group's log failed on this node (disk full, corruption); this replica serves nothing. */
  void failed(Throwable cause);

  @Override
  void close();
}
