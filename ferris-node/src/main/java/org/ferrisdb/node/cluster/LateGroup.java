package org.ferrisdb.node.cluster;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.LogEnd;
import org.ferrisdb.raft.LogHold;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftPosition;
import org.jspecify.annotations.Nullable;

/**
 * A group that may not be there yet. A state machine is made before its group is (and again when
 * the group is reopened), but may hear that it leads the moment the group runs: so it gets this,
 * which finds the group when it is used.
 */
final class LateGroup implements RaftGroup {
  private final GroupId id;
  private final Supplier<@Nullable RaftGroup> lookup;
  private volatile @Nullable RaftGroup found;

  LateGroup(GroupId id, Supplier<@Nullable RaftGroup> lookup) {
    this.id = id;
    this.lookup = lookup;
  }

  private @Nullable RaftGroup group() {
    RaftGroup group = found;
    if (group == null) {
      group = lookup.get();
      found = group;
    }
    return group;
  }

  @Override
  public GroupId id() {
    return id;
  }

  @Override
  public CompletableFuture<ProposalOutcome> propose(ByteBuffer payload) {
    RaftGroup group = group();
    return group == null
        ? CompletableFuture.completedFuture(
            new ProposalOutcome.NotProposed(null, "the group is being opened"))
        : group.propose(payload);
  }

  @Override
  public GroupStatus status() {
    RaftGroup group = group();
    return group == null
        ? new GroupStatus(GroupStatus.Role.FOLLOWER, 0, null, List.of(), 0, 0, 0, List.of())
        : group.status();
  }

  @Override
  public LogEnd logEnd() {
    RaftGroup group = group();
    return group == null ? LogEnd.NONE : group.logEnd();
  }

  @Override
  public CompletableFuture<Void> transferLeadership(NodeId target, Duration timeout) {
    RaftGroup group = group();
    return group == null ? notYet() : group.transferLeadership(target, timeout);
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    RaftGroup group = group();
    return group == null ? notYet() : group.stepDown();
  }

  @Override
  public CompletableFuture<Void> changeMembers(List<RaftMember> expected, List<RaftMember> next) {
    RaftGroup group = group();
    return group == null ? notYet() : group.changeMembers(expected, next);
  }

  @Override
  public CompletableFuture<RaftPosition> compactLog() {
    RaftGroup group = group();
    return group == null ? notYet() : group.compactLog();
  }

  @Override
  public LogHold holdLog() {
    RaftGroup group = group();
    return group == null ? LogHold.NONE : group.holdLog();
  }

  private static <T> CompletableFuture<T> notYet() {
    return CompletableFuture.failedFuture(new IllegalStateException("the group is being opened"));
  }
}
