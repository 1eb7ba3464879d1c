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

  /**
   * The same for a replica that was lost here, after {@link #remove}: once its leader has committed
   * a configuration without this node, and not before. The new replica has forgotten what the old
   * one voted and acknowledged, so it is born in the term of that leader, with its vote in it
   * spent: it answers no older leader, and votes in later terms only, whose leaders all know that
   * it was removed.
   *
   * @param term the term of the leader that knew the configuration without this node as committed
   * @throws IllegalStateException if there is a replica, or what is left of one
   */
  public RaftGroup rejoin(GroupId group, long term) {
    return host.rejoin(group, term);
  }

  /** Closes this node's replica and deletes its log (not the state machine's files). */
  public void remove(GroupId group) {
    host.remove(group);
  }

  /**
   * Closes a replica and opens it again from its files: after a full disk was healed, or with a
   * state that its {@link ReplicatedStateMachine} got from another replica meanwhile. Log and vote
   * must be whole. A log that ends before such a state is begun anew behind it.
   */
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

  /**
   * Those of {@link #lostGroups()} whose log and vote are whole, but begin behind the end of the
   * state. The remedy is a state that reaches up to the log, and then {@link #reopen}.
   */
  public Set<GroupId> statelessGroups() {
    return host.statelessGroups();
  }

  @Override
  public void close() {
    host.close();
  }
}
