package org.ferrisdb.shard.testing;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
import org.jspecify.annotations.Nullable;

/**
 * A Raft group as its state machines see it, without Raft: one committed log, and for each member
 * the proposals that are not in it yet. The test decides what becomes of those.
 *
 * <pre>{@code
 * SimulatedGroup group = new SimulatedGroup(simulation, 3);
 * group.open(0, replica0); ...            // opens the state machine and replays the log into it
 * group.elect(0);                         // leadershipGained, an entry of Raft's own
 * group.holdCommits(true);                // from now on proposals wait ...
 * group.member(0).commitNext();           // ... for the test: committed and applied everywhere
 * group.member(0).loseNext();             // Unknown, and never in the log
 * group.member(0).refuseNext();           // NotProposed
 * group.electSilently(1);                 // 1 leads, 0 does not know; its proposals go nowhere
 * group.member(0).learnOfNewLeader();     // leadershipLost
 * }</pre>
 *
 * <p>While commits are not held, a proposal of the real leader commits after {@link #setLatency}.
 * Not thread-safe: everything runs in the thread of the {@link Simulation}.
 */
public final class SimulatedGroup {
  private record LogEntry(long term, byte @Nullable [] payload) {}

  private final Simulation simulation;
  private final GroupId id = new GroupId(new UUID(7, 7));
  private final List<LogEntry> log = new ArrayList<>();
  private final List<Member> members = new ArrayList<>();
  private Duration latency = Duration.ofMillis(1);
  private boolean holdCommits;
  private long term;
  private int leader = -1;

  /** A group of that many members, none with a state machine, none leading. */
  public SimulatedGroup(Simulation simulation, int size) {
    this.simulation = simulation;
    for (int i = 0; i < size; i++) {
      members.add(new Member(i));
    }
  }

  /** The member's replica: a {@link RaftGroup}. */
  public Member member(int index) {
    return members.get(index);
  }

  /** Time from a proposal to its commit. */
  public void setLatency(Duration newLatency) {
    latency = newLatency;
  }

  /**
   * Whether proposals wait for {@link Member#commitNext} and its like. Those of the leader that
   * wait when this ends are committed at once.
   */
  public void holdCommits(boolean hold) {
    holdCommits = hold;
    while (!hold && leader >= 0 && member(leader).pending() > 0) {
      member(leader).commitNext();
    }
  }

  /** Opens the state machine at the member and replays what it has not made durable. */
  public void open(int member, ReplicatedStateMachine machine) {
    members.get(member).open(machine);
  }

  /** Makes the member leader of a new term; the old leader, if any, hears of it first. */
  public void elect(int member) {
    if (leader >= 0) {
      members.get(leader).learnOfNewLeader();
    }
    electSilently(member);
  }

  /**
   * Makes the member leader of a new term; the old leader is cut off: it is not told, its proposals
   * hang and it receives nothing until {@link Member#learnOfNewLeader}.
   */
  public void electSilently(int member) {
    electKeeping(member, 0);
  }

  /**
   * The same, where the new leader has that many of the old one's waiting proposals in its log:
   * they commit, in their old term.
   */
  public void electKeeping(int member, int kept) {
    if (leader >= 0 && leader != member && members.get(leader).leads) {
      Member old = members.get(leader);
      old.lagging = true;
      for (int i = 0; i < kept && i < old.pending.size(); i++) {
        append(List.copyOf(old.pending).get(i).payload);
      }
    }
    Member m = members.get(member);
    m.learnOfNewLeader(); // of the term it led before, if it did not know yet
    m.catchUp();
    term++;
    leader = member;
    // Received now: the last entry of an earlier term can not have come later.
    long received = simulation.nanoTime();
    append(null);
    m.lead(new Leadership(term, received));
  }

  /** The member that leads, -1 if none does. */
  public int leader() {
    return leader;
  }

  /** The current term. */
  public long term() {
    return term;
  }

  /** Index of the last committed entry. */
  public long commitIndex() {
    return log.size();
  }

  /** The payload at the index (from 1), null where Raft logged an entry of its own. */
  public byte @Nullable [] payload(long index) {
    return log.get((int) index - 1).payload();
  }

  /** Commits raw bytes in the current term, as if the leader had proposed them. */
  public RaftPosition append(byte @Nullable [] payload) {
    log.add(new LogEntry(term, payload));
    RaftPosition position = new RaftPosition(term, log.size());
    for (Member m : members) {
      if (!m.lagging) {
        m.catchUp();
      }
    }
    return position;
  }

  private record Proposal(long term, byte[] payload, CompletableFuture<ProposalOutcome> outcome) {}

  /** One member; what a replica is attached to. */
  public final class Member implements RaftGroup {
    private final int index;
    private final Deque<Proposal> pending = new ArrayDeque<>();
    private @Nullable ReplicatedStateMachine machine;
    private long applied;
    private boolean leads;
    private boolean lagging;
    private long leadsTerm;
    private int stepDowns;
    private int proposals;
    private boolean throwing;

    private Member(int index) {
      this.index = index;
    }

    private void open(ReplicatedStateMachine newMachine) {
      machine = newMachine;
      applied = newMachine.open().index();
      catchUp();
    }

    /** Whether the member receives no entries for now. */
    public void setLagging(boolean newLagging) {
      lagging = newLagging;
      if (!lagging) {
        catchUp();
      }
    }

    /** Takes the state machine away, as a killed process would; it is not closed. */
    public void crash() {
      machine = null;
      leads = false;
      lagging = false;
      failPending(false);
      if (leader == index) {
        leader = -1;
      }
    }

    /** Puts a checkpoint in place of the state, and goes on from its position. */
    public void install(java.nio.file.Path checkpoint) {
      applied = machine().install(checkpoint).index();
      catchUp();
    }

    private ReplicatedStateMachine machine() {
      if (machine == null) {
        throw new IllegalStateException("member " + index + " is down");
      }
      return machine;
    }

    private void catchUp() {
      ReplicatedStateMachine to = machine;
      while (to != null && applied < log.size()) {
        LogEntry entry = log.get((int) applied);
        applied++;
        byte[] payload = entry.payload();
        if (payload == null) {
          to.advance(new RaftPosition(entry.term(), applied));
        } else {
          ByteBuffer view = ByteBuffer.wrap(payload).asReadOnlyBuffer();
          to.apply(new AppliedEntry(entry.term(), applied, view));
        }
      }
    }

    private void lead(Leadership leadership) {
      leads = true;
      leadsTerm = leadership.term();
      machine().leadershipGained(leadership);
    }

    /**
     * The member hears that it no longer leads; what it had proposed is lost, it knows not whether.
     */
    public void learnOfNewLeader() {
      if (leads) {
        leads = false;
        machine().leadershipLost();
        failPending(false);
        lagging = false;
        catchUp();
      }
    }

    private void failPending(boolean refused) {
      while (!pending.isEmpty()) {
        Proposal p = pending.removeFirst();
        p.outcome.complete(refused ? notProposed() : new ProposalOutcome.Unknown("lost"));
      }
    }

    private ProposalOutcome notProposed() {
      NodeId to = leader >= 0 && leader != index ? nodeId(leader) : null;
      return new ProposalOutcome.NotProposed(to, "refused by the test");
    }

    /** Whether it believes that it leads. */
    public boolean leads() {
      return leads;
    }

    /** Proposals that wait. */
    public int pending() {
      return pending.size();
    }

    /** Proposals made so far. */
    public int proposals() {
      return proposals;
    }

    /** Calls of stepDown so far. */
    public int stepDowns() {
      return stepDowns;
    }

    /** Commits the oldest waiting proposal, in the term it was made in. */
    public void commitNext() {
      Proposal p = pending.removeFirst();
      if (p.term != term) {
        throw new IllegalStateException("a proposal of term " + p.term + " in term " + term);
      }
      RaftPosition position = append(p.payload);
      if (lagging) {
        throw new IllegalStateException("a leader does not lag");
      }
      p.outcome.complete(new ProposalOutcome.Applied(position));
    }

    /** Commits the oldest waiting proposal, and its proposer is told that this is unknown. */
    public void commitNextInDoubt() {
      Proposal p = pending.removeFirst();
      var _ = append(p.payload);
      p.outcome.complete(new ProposalOutcome.Unknown("in doubt"));
    }

    /** Commits the oldest waiting proposal, and its proposer is told nothing. */
    public void commitNextInSilence() {
      var _ = append(pending.removeFirst().payload);
    }

    /**
     * The oldest waiting proposal is never committed, and its proposer told that this is unknown.
     */
    public void loseNext() {
      pending.removeFirst().outcome.complete(new ProposalOutcome.Unknown("lost by the test"));
    }

    /** The youngest waiting proposal was not appended. */
    public void refuseLast() {
      pending.removeLast().outcome.complete(notProposed());
    }

    /** The next proposal throws, as only a fault of Raft's would make it. */
    public void throwNext() {
      throwing = true;
    }

    /** The oldest waiting proposal was not appended. */
    public void refuseNext() {
      pending.removeFirst().outcome.complete(notProposed());
    }

    /**
     * Tells the proposer "unknown" of the oldest waiting proposal; returns it for a late commit.
     */
    public byte[] loseNextForNow() {
      Proposal p = pending.removeFirst();
      p.outcome.complete(new ProposalOutcome.Unknown("late"));
      return p.payload;
    }

    @Override
    public GroupId id() {
      return id;
    }

    @Override
    public CompletableFuture<ProposalOutcome> propose(ByteBuffer payload) {
      proposals++;
      if (throwing) {
        throwing = false;
        throw new IllegalStateException("thrown by the test");
      }
      if (!leads) {
        return CompletableFuture.completedFuture(notProposed());
      }
      byte[] bytes = new byte[payload.remaining()];
      payload.duplicate().get(bytes);
      Proposal p = new Proposal(leadsTerm, bytes, new CompletableFuture<>());
      pending.addLast(p);
      var _ =
          simulation.schedule(
              () -> {
                if (!holdCommits && leader == index && p.equals(pending.peekFirst())) {
                  commitNext();
                }
              },
              latency.toNanos(),
              TimeUnit.NANOSECONDS);
      return p.outcome;
    }

    @Override
    public GroupStatus status() {
      GroupStatus.Role role = leads ? GroupStatus.Role.LEADER : GroupStatus.Role.FOLLOWER;
      NodeId known = leads ? nodeId(index) : leader >= 0 ? nodeId(leader) : null;
      List<RaftMember> all =
          members.stream().map(m -> new RaftMember(nodeId(m.index), "localhost", 1)).toList();
      return new GroupStatus(role, term, known, all, log.size(), applied, 0, List.of());
    }

    @Override
    public CompletableFuture<Void> transferLeadership(NodeId target, Duration timeout) {
      for (Member m : members) {
        if (nodeId(m.index).equals(target)) {
          elect(m.index);
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> stepDown() {
      stepDowns++;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> changeMembers(List<RaftMember> expected, List<RaftMember> next) {
      return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    @Override
    public CompletableFuture<RaftPosition> compactLog() {
      return CompletableFuture.completedFuture(machine().flush());
    }
  }

  /** The node of a member. */
  public static NodeId nodeId(int member) {
    return new NodeId(String.format("%016x", member + 1));
  }
}
