package org.ferrisdb.shard.log;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.ferrisdb.raft.LeaderLease;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftPosition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One leader in one term (rules 1 to 6 of the design): it numbers and proposes entries, and says
 * whether this leader may answer. A node that is elected again gets a new object.
 *
 * <pre>
 *              first no-op applied                  a proposal failed, or was rejected by the chain
 *   ESTABLISHING ----------------> CHAINED ---------------------------------------+
 *        ^                                                                        |
 *        +------------ everything in flight is void; a no-op on top of what ------+
 *                      really has applied starts a new chain
 *   ... any state ---- end() ----> ENDED
 * </pre>
 *
 * <p>{@link #live} holds in CHAINED while the lease does. Whoever finds it not live calls {@link
 * #demand}, parks what he has, and is told by {@link Listener#live}. A term that nobody demands
 * anything of for a while lets its lease run out, so that idle shards cost nothing.
 *
 * <p><b>Threads.</b> {@link #start}, {@link #propose}, {@link #demand} and all callbacks belong to
 * the {@code loop} executor, which must run tasks one at a time and in order ({@link
 * SerialExecutor}). {@link #applied} belongs to the thread that applies, {@link #live} and {@link
 * #end} to any.
 */
public final class LeaderTerm {
  /** How far two monotonic clocks may drift apart over a lease: the e of rule 2. */
  public static final double CLOCK_ERROR = 0.01;

  private static final Logger LOG = LoggerFactory.getLogger(LeaderTerm.class);
  private static final long MIN_USE_WINDOW = TimeUnit.SECONDS.toNanos(2);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /**
   * What it needs of its surroundings.
   *
   * @param nanoTime monotonic clock, the one that {@link Leadership} is measured by
   * @param wallMillis wall clock, only to notice a suspended machine
   * @param loop the actor that owns the term; may block in {@link RaftGroup#propose}
   * @param timer wakes the loop; nothing long runs on it
   * @param leaseLength L
   */
  public record Surroundings(
      LongSupplier nanoTime,
      LongSupplier wallMillis,
      SerialExecutor loop,
      ScheduledExecutorService timer,
      Duration leaseLength) {}

  /** Who is told; calls come on the loop. */
  public interface Listener {
    /**
     * The term has become live: for the first time, after a failed proposal, or after it was found
     * not live by {@link #demand}. State may be read and evaluated from here on.
     */
    void live();

    /**
     * A proposal failed: the results of everything in flight have just been delivered as {@link
     * EntryResult.Voided}; what was evaluated on top of it is to be dropped. {@link #live} follows
     * when (and if) a new chain has begun.
     */
    void voided(String reason);
  }

  private enum Phase {
    ESTABLISHING,
    CHAINED,
    ENDED
  }

  private record InFlight(
      long number, long proposedNanos, int chain, Consumer<EntryResult> result, boolean answers) {}

  private record Applied(InFlight entry, RaftPosition position) {}

  private final long term;
  private final RaftGroup group;
  private final Surroundings env;
  private final Listener listener;
  private final LeaderLease lease;
  private final long leaseNanos;

  /** What has applied and nobody has been told of. */
  private final Queue<Applied> applied = new ConcurrentLinkedQueue<>();

  // Guarded by this:
  private final Deque<InFlight> inFlight = new ArrayDeque<>();
  private Phase phase = Phase.ESTABLISHING;
  private int chain;
  private long lastNumber;
  private long tail;
  private long lastAccepted;
  private boolean demanded = true;
  private boolean ticking;
  private long lastUseNanos;
  private long notLiveSinceNanos;
  private long retryAtNanos;
  private long renewedNanos;
  private long steppedDownNanos;

  /** A term that does nothing until {@link #start}. */
  public LeaderTerm(
      Leadership leadership, RaftGroup group, Surroundings surroundings, Listener listener) {
    this.term = leadership.term();
    this.group = group;
    this.env = surroundings;
    this.listener = listener;
    this.lease =
        new LeaderLease(
            surroundings.leaseLength(),
            CLOCK_ERROR,
            leadership,
            surroundings.nanoTime().getAsLong(),
            surroundings.wallMillis().getAsLong());
    this.leaseNanos = surroundings.leaseLength().toNanos();
    long now = now();
    this.lastUseNanos = now;
    this.notLiveSinceNanos = now;
    this.retryAtNanos = now;
    this.steppedDownNanos = now;
  }

  /** Proposes the first no-op. On the loop. */
  public void start() {
    tick();
  }

  /** Which term. */
  public long term() {
    return term;
  }

  /**
   * Whether the chain is intact and the lease holds now: check it after a value was read (rule 3).
   */
  public synchronized boolean live() {
    return phase == Phase.CHAINED && lease.holds(now(), env.wallMillis().getAsLong());
  }

  /**
   * Whether it is live, or idle: nobody has asked anything of it for a while, so it let its lease
   * run out, and will renew it when somebody does. For status, never for an answer.
   */
  public synchronized boolean liveOrIdle() {
    return phase == Phase.CHAINED && (!demanded || live());
  }

  /** Whether the leader it belongs to is over. */
  public synchronized boolean ended() {
    return phase == Phase.ENDED;
  }

  /** Entries proposed and neither applied nor void. */
  public synchronized int inFlight() {
    return inFlight.size();
  }

  /** Roughly how long the lease still runs if nothing renews it; 0 if it does not. For status. */
  public synchronized long leaseNanosLeft() {
    return live() ? Math.max(0, renewedNanos + leaseNanos - now()) : 0;
  }

  /**
   * Notes that the term is in use, so that its lease is kept for a while. Returns whether it is
   * live; if not, a no-op is on its way and {@link Listener#live} follows. On the loop.
   */
  public boolean demand() {
    boolean live;
    boolean wake;
    synchronized (this) {
      if (phase == Phase.ENDED) {
        return false;
      }
      live = live();
      lastUseNanos = now();
      if (!live && !demanded) {
        demanded = true;
        notLiveSinceNanos = lastUseNanos;
      }
      wake = !ticking || (!live && !renewalUnderWay() && retryAtNanos <= lastUseNanos);
    }
    if (wake) {
      tick();
    }
    return live;
  }

  /**
   * Notes that the term is in use, if it is live and nothing has to be done for that; else returns
   * false, and {@link #demand} is to be called. Never blocks. On the loop.
   */
  public synchronized boolean inUseAndLive() {
    if (!ticking || !live()) {
      return false;
    }
    lastUseNanos = now();
    return true;
  }

  /**
   * Proposes an entry on top of all that were proposed before. On the loop, and only while {@link
   * #live}; it may block briefly. The result comes on the loop, in the order of the entries, unless
   * the term is over or the chain broken already: then this returns false and nothing was proposed.
   */
  public boolean propose(int kind, ByteBuffer body, Consumer<EntryResult> result) {
    return proposeIfChained(kind, body, result, false);
  }

  /**
   * The same, for a result that only answers somebody: good news may come on the thread that has
   * applied the entry, which is then the loop for that long. It must not wait, nor propose.
   */
  public boolean proposeToAnswer(int kind, ByteBuffer body, Consumer<EntryResult> result) {
    return proposeIfChained(kind, body, result, true);
  }

  private boolean proposeIfChained(
      int kind, ByteBuffer body, Consumer<EntryResult> result, boolean answers) {
    return append(true, kind, body, result, answers);
  }

  /** Looks in the same step: the term may end at any moment, and settles what is in flight then. */
  private boolean append(
      boolean onlyIfChained,
      int kind,
      ByteBuffer body,
      Consumer<EntryResult> result,
      boolean answers) {
    InFlight entry;
    ByteBuffer payload;
    synchronized (this) {
      if (phase == Phase.ENDED || (onlyIfChained && phase != Phase.CHAINED)) {
        return false;
      }
      // The clock is read before the proposal: that is where the lease it renews begins (rule 1).
      entry = new InFlight(++lastNumber, now(), chain, result, answers);
      payload = new LogEntryFrame(kind, term, entry.number, tail, body).encode();
      tail = entry.number;
      inFlight.addLast(entry);
    }
    var _ =
        propose(payload)
            .whenComplete((outcome, failure) -> {
              if (!(outcome instanceof ProposalOutcome.Applied)) {
                env.loop().execute(() -> settled(entry, outcome));
              } else if (!entry.answers || !env.loop().tryHere(this::answerApplied)) {
                env.loop().execute(this::deliverApplied);
              }
            });
    return true;
  }

  /** An exception is an outcome too: nobody knows which. */
  private CompletableFuture<ProposalOutcome> propose(ByteBuffer payload) {
    try {
      return group.propose(payload);
    } catch (RuntimeException | Error e) {
      LOG.error("term {}: proposing failed", term, e);
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * The state machine has applied, or its chain has rejected, an entry whose frame names this term.
   * On the thread that applies, after the state has changed.
   */
  public void applied(long number, RaftPosition position, boolean accepted) {
    synchronized (this) {
      if (phase == Phase.ENDED) {
        return;
      }
      if (accepted) {
        lastAccepted = number;
      }
      InFlight head = inFlight.peekFirst();
      if (head == null || inFlight.stream().noneMatch(e -> e.number == number)) {
        return; // of a chain given up; if it was accepted, the new chain's no-op will not be
      }
      if (accepted) {
        inFlight.removeFirst();
        lease.renew(head.proposedNanos);
        renewedNanos = head.proposedNanos;
        phase = Phase.CHAINED;
        // Told once the proposal's future completes, right after this: then nobody holds a lock.
        applied.add(new Applied(head, position));
        return;
      }
    }
    env.loop().execute(() -> breakChain(number, false, null, "rejected by the chain"));
  }

  /** Tells what has applied, in the order of the log. On the loop. */
  private void deliverApplied() {
    for (Applied next = applied.poll(); next != null; next = applied.poll()) {
      next.entry.result.accept(new EntryResult.Applied(next.position));
    }
    announce();
  }

  /** The same on the thread that applies, as far as nothing there may wait. */
  private void answerApplied() {
    for (Applied next = applied.peek(); next != null; next = applied.peek()) {
      if (!next.entry.answers) {
        break;
      }
      applied.remove();
      next.entry.result.accept(new EntryResult.Applied(next.position));
    }
    boolean more;
    synchronized (this) {
      more = demanded || !applied.isEmpty();
    }
    if (more) {
      env.loop().execute(this::deliverApplied);
    }
  }

  private void announce() {
    synchronized (this) {
      if (!demanded || !live()) {
        return;
      }
      demanded = false;
    }
    listener.live();
  }

  /** A proposal's own future: only bad news counts, good news comes from the state machine. */
  private void settled(InFlight entry, @Nullable ProposalOutcome outcome) {
    switch (outcome) {
      case ProposalOutcome.Applied _ -> {
        // told already, or rejected by applied()
      }
      case ProposalOutcome.NotProposed no ->
          breakChain(entry.number, false, no.leader(), no.reason());
      case ProposalOutcome.Unknown unknown ->
          breakChain(entry.number, true, null, unknown.reason());
      case null -> breakChain(entry.number, true, null, "the proposal failed");
    }
  }

  /** The entry did not make it: nothing in flight counts any more, a new chain is needed. */
  private void breakChain(long number, boolean mayApply, @Nullable NodeId leader, String reason) {
    deliverApplied();
    List<InFlight> dropped;
    synchronized (this) {
      if (phase == Phase.ENDED || inFlight.stream().noneMatch(e -> e.number == number)) {
        return;
      }
      dropped = new ArrayList<>(inFlight);
      inFlight.clear();
      chain++;
      phase = Phase.ESTABLISHING;
      if (!demanded) {
        demanded = true;
        notLiveSinceNanos = now();
      }
      retryAtNanos = now() + RETRY_NANOS;
    }
    LOG.info("term {}: {} entries in flight are void: {}", term, dropped.size(), reason);
    for (InFlight entry : dropped) {
      // What stands on an entry that never applies never applies. What stands before it still may.
      boolean may = entry.number < number || mayApply;
      entry.result.accept(new EntryResult.Voided(may, leader, reason));
    }
    listener.voided(reason);
    schedule(RETRY_NANOS);
  }

  /** Leadership is lost: nothing of this term counts any more. Any thread. */
  public void end(String reason) {
    List<InFlight> dropped;
    synchronized (this) {
      if (phase == Phase.ENDED) {
        return;
      }
      phase = Phase.ENDED;
      lease.drop();
      dropped = new ArrayList<>(inFlight);
      inFlight.clear();
    }
    NodeId leader = group.status().leader();
    env.loop()
        .execute(() -> {
          deliverApplied();
          dropped.forEach(e -> e.result.accept(new EntryResult.Voided(true, leader, reason)));
        });
  }

  private void timerTick() {
    synchronized (this) {
      ticking = false;
    }
    tick();
  }

  /** Looks after the lease; on the loop. Runs again by timer for as long as the term is in use. */
  private void tick() {
    boolean renew;
    boolean giveUp;
    long delay;
    synchronized (this) {
      if (phase == Phase.ENDED) {
        return;
      }
      long now = now();
      renew = wantsNoOp(now);
      if (renew && phase == Phase.ESTABLISHING) {
        tail = lastAccepted;
      }
      giveUp = isStuck(now);
      if (giveUp) {
        steppedDownNanos = now;
      }
      delay = leaseNanos / 4;
      if (now < lease.serveFromNanos()) {
        delay = Math.min(delay, lease.serveFromNanos() - now);
      }
    }
    if (renew) {
      boolean _ = append(false, LogEntryFrame.NO_OP, ByteBuffer.allocate(0), result -> {}, true);
    }
    deliverApplied(); // also what applied when its proposal had ended in doubt
    if (giveUp) {
      LOG.warn("term {}: no live lease for long, stepping down", term);
      group.stepDown().exceptionally(this::logged);
    }
    if (inUse()) {
      schedule(Math.max(delay, TimeUnit.MILLISECONDS.toNanos(1)));
    }
  }

  private @Nullable Void logged(Throwable failure) {
    LOG.warn("term {}: stepping down failed, it will be tried again", term, failure);
    return null;
  }

  /** Whether it has been without a lease, or an entry without an end, for longer than it waits. */
  private boolean isStuck(long now) {
    if (live()) {
      return false;
    }
    InFlight oldest = inFlight.peekFirst();
    long since = demanded ? notLiveSinceNanos : oldest != null ? oldest.proposedNanos : now;
    return now - Math.max(since, Math.max(steppedDownNanos, lease.serveFromNanos())) > patience();
  }

  private boolean wantsNoOp(long now) {
    if (phase == Phase.ESTABLISHING) {
      return inFlight.isEmpty() && retryAtNanos <= now;
    }
    boolean wanted = demanded || now - lastUseNanos <= useWindow();
    return wanted && lease.wantsRenewal(now) && !renewalUnderWay();
  }

  /** Whether an entry is in flight that will renew the lease to a useful length. */
  private boolean renewalUnderWay() {
    InFlight youngest = inFlight.peekLast();
    return youngest != null && now() - youngest.proposedNanos < leaseNanos / 2;
  }

  private synchronized boolean inUse() {
    return phase == Phase.ESTABLISHING
        || !applied.isEmpty()
        || demanded
        || !inFlight.isEmpty()
        || now() - lastUseNanos <= useWindow();
  }

  private void schedule(long nanos) {
    synchronized (this) {
      if (ticking || phase == Phase.ENDED) {
        return;
      }
      ticking = true;
    }
    try {
      var _ =
          env.timer()
              .schedule(() -> env.loop().execute(this::timerTick), nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the timer refuses tasks, it is shutting down", e);
    }
  }

  private long useWindow() {
    return Math.max(MIN_USE_WINDOW, 4 * leaseNanos);
  }

  private long patience() {
    return Math.max(MIN_USE_WINDOW, 4 * leaseNanos);
  }

  private long now() {
    return env.nanoTime().getAsLong();
  }
}
