package org.ferrisdb.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** CONTRACT STUB: one per process, hosts every group of this node. ferris-raft fills it in. */
public final class RaftNode implements AutoCloseable {
  private RaftNode() {}

  /**
   * Starts the Raft server on the address and reopens every group whose directory is found below
   * {@code directory}, each with the state machine the function makes for it.
   */
  public static RaftNode start(
      RaftMember self,
      Path directory,
      RaftOptions options,
      Function<GroupId, ReplicatedStateMachine> stateMachines,
      CheckpointFetcher fetcher)
      throws IOException {
    throw new UnsupportedOperationException();
  }

  /**
   * Creates this node's replica of a new group with the given first members (self among them).
   * Idempotent.
   */
  public RaftGroup create(GroupId group, List<RaftMember> members) {
    throw new UnsupportedOperationException();
  }

  /**
   * Opens an empty replica of an existing group, which waits until its leader adds it. Idempotent.
   */
  public RaftGroup join(GroupId group) {
    throw new UnsupportedOperationException();
  }

  /** Closes this node's replica and deletes its log (not the state machine's files). */
  public void remove(GroupId group) {
    throw new UnsupportedOperationException();
  }

  /** Closes a failed replica and opens it again from its files (disk full healed, for instance). */
  public RaftGroup reopen(GroupId group) {
    throw new UnsupportedOperationException();
  }

  /** The group's replica here, null if there is none. */
  public @Nullable RaftGroup group(GroupId group) {
    throw new UnsupportedOperationException();
  }

  /** All replicas here. */
  public Collection<RaftGroup> groups() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
