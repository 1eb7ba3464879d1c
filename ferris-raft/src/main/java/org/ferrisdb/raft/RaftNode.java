package org.ferrisdb.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.ferrisdb.raft.ratis.RatisHost;
import org.jspecify.annotations.Nullable;

/**
 * One per process: hosts this node's replica of every group, behind one port. Thread-safe; the
 * calls that open, close or remove a replica block, so they belong on no event loop.
 */
public final class RaftNode implements AutoCloseable {
  private final RatisHost host;

  private RaftNode(RatisHost host) {
    this.host = host;
  }

  /**
   * Starts the Raft server on the address and reopens every group that this node had, each with the
   * state machine the function makes for it. A group whose directory is gone is not made anew: see
   * {@link #lostGroups()}.
   *
   * @param directory where logs, votes and the list of groups live; no other process may use it
   */
  public static RaftNode start(
      RaftMember self,
      Path directory,
      RaftOptions options,
      Function<GroupId, ReplicatedStateMachine> stateMachines,
      CheckpointFetcher fetcher)
      throws IOException {
    return start(self, directory, options, RaftTransport.of(self, null), stateMachines, fetcher);
  }

  /** As above, with the choice of how the node's port talks. */
  public static RaftNode start(
      RaftMember self,
      Path directory,
      RaftOptions options,
      RaftTransport transport,
      Function<GroupId, ReplicatedStateMachine> stateMachines,
      CheckpointFetcher fetcher)
      throws IOException {
    return new RaftNode(
        RatisHost.start(self, directory, options, transport, stateMachines, fetcher));
  }

  /**
   * Creates this node's replica of a new group with the given first members (self among them).
   * Idempotent.
   */
  public RaftGroup create(GroupId group, List<RaftMember> members) {
    return host.create(group, members);
  }

  /**
   * Opens an empty replica of an existing group, which waits until its leader adds it. Idempotent.
   */
  public RaftGroup join(GroupId group) {
    return host.join(group);
  }

  /** Closes this node's replica and deletes its log (not the state machine's files). */
  public void remove(GroupId group) {
    host.remove(group);
  }

  /** Closes a failed replica and opens it again from its files (disk full healed, for instance). */
  public RaftGroup reopen(GroupId group) {
    return host.reopen(group);
  }

  /** The group's replica here, null if there is none. */
  public @Nullable RaftGroup group(GroupId group) {
    return host.group(group);
  }

  /** All replicas here. */
  public Collection<RaftGroup> groups() {
    return host.groups();
  }

  /**
   * Groups this node had by its own list, but whose log is gone or unreadable. They are not opened:
   * a voter that forgot its vote and its log could undo what was acknowledged. The remedy is to
   * remove this node from the group's members, {@link #remove} the group here, and add it as a new
   * one.
   */
  public Set<GroupId> lostGroups() {
    return host.lostGroups();
  }

  @Override
  public void close() {
    host.close();
  }
}
