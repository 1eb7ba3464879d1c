package org.ferrisdb.shard.simulation;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
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
 * A Raft member: elections, replication, commit and apply as in the paper, without what only makes
 * it fast, and without what makes a deposed leader notice early (it goes on until it hears of a
 * higher term). What it promises its state machine is what Ratis does through ferris-raft: entries
 * one at a time and in order, leadership after the first entry of the term has applied, notices in
 * order but late, proposals whose outcome may be unknown.
 */
final class SimMember implements RaftGroup {
  private static final int BATCH = 8;

  private enum Role {
    FOLLOWER,
    CANDIDATE,
    LEADER
  }

  private record Pending(long term, CompletableFuture<ProposalOutcome> outcome) {}

  private final SimGroup group;
  private final World world;
  final SimNode node;
  private final SimLog log = new SimLog();
  private final long[] next;
  private final long[] match;
  private final BitSet votes = new BitSet();
  private final long[] moreAt;

  // Volatile: gone with the process.
  private @Nullable ReplicatedStateMachine machine;
  private Role role = Role.FOLLOWER;
  private int leader = -1;
  private long commit;
  private long applied;
  private long lastReceivedNanos;
  private long earlierNanos;
  private long electionAt;
  private boolean electionTimer;
  private boolean applying;
  private boolean fetching;
  private boolean flushingAppends;
  private int checkpoints;
  private final TreeMap<Long, Pending> pending = new TreeMap<>();
  private SimNotices notices;

  SimMember(SimGroup group, SimNode node) {
    this.group = group;
    this.world = group.world;
    this.node = node;
    this.notices = new SimNotices(this);
    this.next = new long[3];
    this.match = new long[3];
    this.moreAt = new long[3];
  }

  // ---- life -------------------------------------------------------------------------------------

  void open(ReplicatedStateMachine newMachine) {
    machine = newMachine;
    RaftPosition position = newMachine.open();
    if (position.index() < log.base()) {
      world.violation(
          "%s on node %d opened at %s, but was told that all before %d is durable and its log purged",
          group.name, node.id, position, log.base());
    }
    if (position.index() > log.base() && log.termAt(position.index()) != position.term()) {
      // Ahead of the log, or a checkpoint was installed beside a log of another leader's entries.
      log.restartAt(position);
    }
    applied = position.index();
    commit = Math.max(applied, log.base());
    lastReceivedNanos = node.monotonic();
    resetElection();
    say("opened at %s, log from %d to %d", position, log.base(), log.last());
  }

  void die() {
    machine = null;
    role = Role.FOLLOWER;
    leader = -1;
    pending.clear(); // nobody is left to be told
    notices = new SimNotices(this);
    electionTimer = false;
    applying = false;
    fetching = false;
    flushingAppends = false;
    log.crash(world.random);
  }

  ReplicatedStateMachine machine() {
    return Objects.requireNonNull(machine);
  }

  boolean leads() {
    return node.up() && role == Role.LEADER;
  }

  long term() {
    return log.term;
  }

  long applied() {
    return applied;
  }

  long commit() {
    return commit;
  }

  /** Who leads, as far as it knows; -1 if it does not. */
  int knownLeader() {
    return leader;
  }

  private void say(String what, @Nullable Object... details) {
    if (world.trace.keeps()) {
      node.say(group.name + " term " + log.term + ": " + what, details);
    }
  }

  private void later(long nanos, Runnable task) {
    world.after(nanos, node, node.life(), task);
  }

  private void toPeer(int peer, java.util.function.Consumer<SimMember> message) {
    SimMember to = group.member(peer);
    group.network.send(
        node.id,
        peer,
        true,
        () -> {
          if (to.machine != null) {
            message.accept(to);
          }
        });
  }

  // ---- elections --------------------------------------------------------------------------------

  private void resetElection() {
    long lease = world.weather.leaseNanos();
    electionAt = world.now() + lease * 3 / 2 + world.random.nextLong(lease * 3 / 2);
    if (!electionTimer) {
      electionTimer = true;
      later(electionAt - world.now(), this::electionTick);
    }
  }

  private void electionTick() {
    if (role == Role.LEADER) {
      electionTimer = false;
      return;
    }
    if (world.now() >= electionAt) {
      campaign(); // which only moves the time: the timer is this one
    }
    later(Math.max(1, electionAt - world.now()), this::electionTick);
  }

  /** Asks for votes, for whatever reason: that is always allowed. */
  void campaign() {
    if (role == Role.LEADER) {
      return;
    }
    resetElection();
    if (fetching) {
      return;
    }
    role = Role.CANDIDATE;
    leader = -1;
    log.term++;
    log.votedFor = node.id;
    votes.clear();
    votes.set(node.id);
    say("asks for votes");
    long term = log.term;
    long lastIndex = log.last();
    long lastTerm = log.termAt(lastIndex);
    for (int peer = 0; peer < group.size(); peer++) {
      if (peer != node.id) {
        toPeer(peer, to -> to.onVoteRequest(node.id, term, lastIndex, lastTerm));
      }
    }
  }

  private void onVoteRequest(int from, long term, long lastIndex, long lastTerm) {
    if (term > log.term) {
      becomeFollower(term, -1);
    }
    long mine = log.termAt(log.last());
    boolean upToDate = lastTerm > mine || (lastTerm == mine && lastIndex >= log.last());
    boolean granted = term == log.term && upToDate && (log.votedFor < 0 || log.votedFor == from);
    if (granted) {
      log.votedFor = from;
      resetElection();
    }
    long now = log.term;
    toPeer(from, to -> to.onVote(node.id, now, granted));
  }

  private void onVote(int from, long term, boolean granted) {
    if (term > log.term) {
      becomeFollower(term, -1);
    } else if (role == Role.CANDIDATE && term == log.term && granted) {
      votes.set(from);
      if (votes.cardinality() > group.size() / 2) {
        becomeLeader();
      }
    }
  }

  private void becomeLeader() {
    role = Role.LEADER;
    leader = node.id;
    earlierNanos = lastReceivedNanos;
    Arrays.fill(next, log.last() + 1);
    Arrays.fill(match, 0);
    say("LEADS");
    appendOwn(null);
    heartbeat(log.term);
  }

  private void becomeFollower(long term, int newLeader) {
    if (term > log.term) {
      log.term = term;
      log.votedFor = -1;
    }
    boolean led = role == Role.LEADER;
    role = Role.FOLLOWER;
    leader = newLeader;
    if (led) {
      say("leads no more");
      notices.lost(term);
      List<Pending> lost = new ArrayList<>(pending.values());
      pending.clear();
      lost.forEach(p -> p.outcome.complete(new ProposalOutcome.Unknown("leadership was lost")));
    }
    if (led || !electionTimer) {
      resetElection();
    }
  }

  // ---- replication ------------------------------------------------------------------------------

  private void heartbeat(long term) {
    if (role == Role.LEADER && log.term == term) {
      replicate();
      later(world.weather.leaseNanos() / 3, () -> heartbeat(term));
    }
  }

  private long appendOwn(byte @Nullable [] payload) {
    log.append(new SimLog.Entry(log.term, payload));
    lastReceivedNanos = node.monotonic();
    long index = log.last();
    syncThen(() -> advanceCommit());
    if (!flushingAppends) {
      flushingAppends = true;
      later(
          world.random.nextInt(100_000),
          () -> {
            flushingAppends = false;
            if (role == Role.LEADER) {
              replicate();
            }
          });
    }
    return index;
  }

  private void syncThen(Runnable then) {
    later(
        world.around(world.weather.diskNanos()),
        () -> {
          log.sync();
          then.run();
        });
  }

  private void replicate() {
    for (int peer = 0; peer < group.size(); peer++) {
      if (peer != node.id) {
        sendEntries(peer);
      }
    }
  }

  private void sendEntries(int peer) {
    long term = log.term;
    if (next[peer] <= log.base()) {
      toPeer(peer, to -> to.onCheckpointOffer(node.id, term));
      return;
    }
    long previous = next[peer] - 1;
    long previousTerm = log.termAt(previous);
    List<SimLog.Entry> entries = log.from(next[peer], BATCH);
    long known = commit;
    next[peer] += entries.size();
    toPeer(peer, to -> to.onEntries(node.id, term, previous, previousTerm, entries, known));
  }

  /** Sends on, but not for each of many answers: what comes twice would breed. */
  private void sendMore(int peer) {
    if (world.now() >= moreAt[peer]) {
      moreAt[peer] = world.now() + world.weather.delayNanos();
      sendEntries(peer);
    }
  }

  private void onEntries(
      int from,
      long term,
      long previous,
      long previousTerm,
      List<SimLog.Entry> entries,
      long leaderCommit) {
    if (!heardFromLeader(from, term)) {
      return;
    }
    long last = previous + entries.size();
    if (previous > log.last() || (previous >= log.base() && log.termAt(previous) != previousTerm)) {
      long hint = Math.min(log.last(), previous - 1);
      toPeer(from, to -> to.onEntriesAnswer(node.id, term, false, hint));
      return;
    }
    for (long i = Math.max(previous, log.base()) + 1; i <= last; i++) {
      SimLog.Entry entry = entries.get((int) (i - previous - 1));
      if (log.termAt(i) != entry.term()) {
        if (i <= log.last()) {
          say("removes entries from %d on, it has %d", i, log.last());
          if (i <= commit) {
            world.violation("simulated Raft: a committed entry would be removed");
            return;
          }
          log.truncate(i);
        }
        log.append(entry);
        lastReceivedNanos = node.monotonic();
      }
    }
    if (Math.min(leaderCommit, last) > commit) {
      commitUpTo(Math.min(leaderCommit, last));
    }
    if (last <= log.synced()) {
      toPeer(from, to -> to.onEntriesAnswer(node.id, term, true, last));
    } else {
      syncThen(() -> {
        if (log.term == term) {
          toPeer(from, to -> to.onEntriesAnswer(node.id, term, true, last));
        }
      });
    }
  }

  private boolean heardFromLeader(int from, long term) {
    if (term < log.term) {
      long newer = log.term;
      toPeer(from, to -> to.onEntriesAnswer(node.id, newer, false, 0));
      return false;
    }
    becomeFollower(term, from);
    resetElection();
    return true;
  }

  private void onEntriesAnswer(int from, long term, boolean accepted, long index) {
    if (term > log.term) {
      becomeFollower(term, -1);
    } else if (role == Role.LEADER && term == log.term) {
      if (accepted) {
        match[from] = Math.max(match[from], index);
        next[from] = Math.max(next[from], index + 1);
        advanceCommit();
        if (next[from] <= log.last()) {
          sendMore(from);
        }
      } else {
        next[from] = Math.max(match[from], index) + 1;
        sendMore(from);
      }
    }
  }

  private void advanceCommit() {
    if (role != Role.LEADER) {
      return;
    }
    match[node.id] = log.synced();
    long[] sorted = match.clone();
    Arrays.sort(sorted);
    long majority = sorted[(group.size() - 1) / 2];
    if (majority > commit && log.termAt(majority) == log.term) {
      commitUpTo(majority);
    }
  }

  private void commitUpTo(long index) {
    commit = index;
    group.committed(log, index);
    applyLater();
  }

  // ---- applying ---------------------------------------------------------------------------------

  private void applyLater() {
    if (!applying && applied < commit) {
      applying = true;
      later(world.around(30_000), this::applyNext);
    }
  }

  private void applyNext() {
    applying = false;
    if (fetching || applied >= commit) {
      return;
    }
    long index = applied + 1;
    SimLog.Entry entry = log.get(index);
    try {
      byte[] payload = entry.payload();
      if (payload == null) {
        machine().advance(new RaftPosition(entry.term(), index));
      } else {
        ByteBuffer view = ByteBuffer.wrap(payload).asReadOnlyBuffer();
        machine().apply(new AppliedEntry(entry.term(), index, view));
      }
    } catch (RuntimeException | Error e) {
      if (!node.files.crashed()) {
        world.violation(
            "%s on node %d: applying %d failed: %s", group.name, node.id, index, Failures.text(e));
      }
      return;
    }
    applied = index;
    Pending proposal = pending.remove(index);
    if (proposal != null) {
      proposal.outcome.complete(
          proposal.term == entry.term()
              ? new ProposalOutcome.Applied(new RaftPosition(entry.term(), index))
              : new ProposalOutcome.Unknown("overwritten"));
    }
    if (entry.payload() == null && role == Role.LEADER && entry.term() == log.term) {
      notices.gained(new Leadership(log.term, earlierNanos));
    }
    applyLater();
  }

  // ---- checkpoints ------------------------------------------------------------------------------

  /** Flushes the state and purges the log up to what that made durable, less a few entries. */
  void compact(int kept) {
    RaftPosition durable = machine().flush();
    long upTo = Math.min(durable.index(), applied) - kept;
    say("durable up to %d, purges up to %d", durable.index(), upTo);
    log.purge(upTo);
  }

  private void onCheckpointOffer(int from, long term) {
    if (heardFromLeader(from, term) && !fetching) {
      fetching = true;
      toPeer(from, to -> to.onCheckpointRequest(node.id, term));
      later(
          world.weather.leaseNanos() * 2,
          () -> {
            fetching = false;
            applyLater();
          });
    }
  }

  private void onCheckpointRequest(int from, long term) {
    SimCheckpoint copy = SimCheckpoint.take(machine(), node, group.name + "-out" + checkpoints++);
    if (copy != null) {
      toPeer(from, to -> to.onCheckpoint(node.id, term, copy));
    }
  }

  private void onCheckpoint(int from, long term, SimCheckpoint copy) {
    if (!fetching || !heardFromLeader(from, term)) {
      return;
    }
    fetching = false;
    long offered = copy.position().index();
    if (offered <= commit) {
      applyLater(); // it came too late: all of it is here
      if (offered <= log.synced()) {
        toPeer(from, to -> to.onEntriesAnswer(node.id, term, true, offered));
      }
      return;
    }
    RaftPosition installed = copy.install(machine(), node, group.name + "-in" + checkpoints++);
    if (installed == null) {
      return;
    }
    say("installed a checkpoint of %s", copy.position());
    if (!installed.equals(copy.position())) {
      world.violation(
          "%s on node %d installed a checkpoint of %s and says it is at %s",
          group.name, node.id, copy.position(), installed);
      return;
    }
    log.restartAt(installed);
    applied = installed.index();
    commit = Math.max(commit, applied);
    lastReceivedNanos = node.monotonic();
    toPeer(from, to -> to.onEntriesAnswer(node.id, term, true, installed.index()));
  }

  // ---- what the state machine sees
  // ---------------------------------------------------------------

  @Override
  public GroupId id() {
    return group.id;
  }

  @Override
  public CompletableFuture<ProposalOutcome> propose(ByteBuffer payload) {
    if (role != Role.LEADER || world.chance(world.weather.liesPerMillion())) {
      NodeId hint = leader < 0 || leader == node.id ? null : SimGroup.nodeId(leader);
      return CompletableFuture.completedFuture(
          new ProposalOutcome.NotProposed(hint, "does not take it"));
    }
    byte[] bytes = new byte[payload.remaining()];
    payload.duplicate().get(bytes);
    long index = appendOwn(bytes);
    Pending proposal = new Pending(log.term, new CompletableFuture<>());
    pending.put(index, proposal);
    if (world.chance(world.weather.liesPerMillion())) {
      later(
          world.random.nextLong(world.weather.leaseNanos()),
          () -> proposal.outcome.complete(new ProposalOutcome.Unknown("a lie")));
    }
    return proposal.outcome;
  }

  @Override
  public GroupStatus status() {
    GroupStatus.Role seen = GroupStatus.Role.valueOf(role.name());
    return group.status(seen, log.term, node.id, leader, match, commit, applied);
  }

  @Override
  public CompletableFuture<Void> transferLeadership(NodeId target, Duration timeout) {
    handOver(SimGroup.node(target));
    return CompletableFuture.completedFuture(null);
  }

  void handOver(int target) {
    say("hands over to node %d", target);
    toPeer(target, SimMember::campaign);
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    if (role == Role.LEADER) {
      say("steps down");
      becomeFollower(log.term, -1);
    }
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
  public String toString() {
    return "term " + log.term + ", committed " + commit + ", applied " + applied;
  }
}
