package org.ferrisdb.shard.testing;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;

/**
 * A group of one, on real threads: whatever is proposed commits at once and is applied on a thread
 * of its own. For tests of threads and for measuring what a shard costs without Raft.
 */
public final class LoopbackGroup implements RaftGroup, AutoCloseable {
  private final ReplicatedStateMachine machine;
  private final ExecutorService applier =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("apply").factory());
  private final AtomicLong index = new AtomicLong();
  private final AtomicLong term = new AtomicLong();

  public LoopbackGroup(ReplicatedStateMachine machine) {
    this.machine = machine;
  }

  /** Opens the state machine and makes it leader of the next term. */
  public void lead() {
    index.set(Math.max(index.get(), machine.open().index()));
    machine.leadershipGained(new Leadership(term.incrementAndGet(), System.nanoTime()));
  }

  @Override
  public GroupId id() {
    return new GroupId(new UUID(1, 1));
  }

  @Override
  public synchronized CompletableFuture<ProposalOutcome> propose(ByteBuffer payload) {
    CompletableFuture<ProposalOutcome> future = new CompletableFuture<>();
    RaftPosition position = new RaftPosition(term.get(), index.incrementAndGet());
    try {
      applier.execute(() -> {
        machine.apply(
            new AppliedEntry(position.term(), position.index(), payload.asReadOnlyBuffer()));
        future.complete(new ProposalOutcome.Applied(position));
      });
    } catch (RejectedExecutionException e) {
      future.complete(new ProposalOutcome.NotProposed(null, "closed"));
    }
    return future;
  }

  @Override
  public GroupStatus status() {
    NodeId self = SimulatedGroup.nodeId(0);
    return new GroupStatus(
        GroupStatus.Role.LEADER,
        term.get(),
        self,
        List.of(new RaftMember(self, "localhost", 1)),
        index.get(),
        index.get(),
        0,
        List.of());
  }

  @Override
  public CompletableFuture<Void> transferLeadership(NodeId target, Duration timeout) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> changeMembers(List<RaftMember> expected, List<RaftMember> next) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }

  @Override
  public CompletableFuture<RaftPosition> compactLog() {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }

  @Override
  public void close() {
    applier.close();
  }
}
