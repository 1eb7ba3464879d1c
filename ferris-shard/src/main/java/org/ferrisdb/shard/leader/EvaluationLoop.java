package org.ferrisdb.shard.leader;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.RequestStages;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.leader.Request.GetRequest;
import org.ferrisdb.shard.leader.Request.ScanRequest;
import org.ferrisdb.shard.leader.Request.WriteRequest;
import org.ferrisdb.shard.log.LeaderTerm;
import org.ferrisdb.shard.log.SerialExecutor;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.state.EntryBody;
import org.ferrisdb.shard.state.EntryBodyCodec;
import org.ferrisdb.shard.state.ShardState;
import org.ferrisdb.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The actor of one shard replica: takes what waits in the mailbox, draws timestamps for all of it
 * at once, and has it evaluated in one order. One batch at a time draws; what arrives meanwhile is
 * the next batch.
 *
 * <p>{@link #submit}, {@link #wake} and the figures are for any thread; all else runs on the loop.
 */
public final class EvaluationLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluationLoop.class);
  private static final int MAX_BATCH = 4096;

  /** What applying a mutation takes of memory besides its key and value: many small ones count. */
  private static final int MEMORY_OF_MUTATION = 24;

  private final ShardId id;
  private final ShardEnvironment env;
  private final ShardState state;
  private final Consumer<StorageException.Corruption> onCorruption;
  private final SerialExecutor loop;
  private final Mailbox mailbox;
  private final WriteStage writes;
  private final ReadStage reads;
  private final AtomicBoolean awake = new AtomicBoolean();
  private volatile @Nullable LeaderTerm term;
  private volatile @Nullable RaftGroup group;
  private volatile @Nullable ShardException refusal;

  // Of the loop:
  private @Nullable LeaderState leading;

  /** What waits for a timestamp on its way; null if nothing does. */
  private @Nullable Batch awaiting;

  private boolean starting;
  private boolean sweeping;
  private boolean parked;
  private long parkedFromNanos;
  private long parkedToNanos;
  private final LongAdder evaluated = new LongAdder();

  /**
   * A loop that leads nothing yet.
   *
   * @param onCorruption told when a read finds the engine corrupt; any thread
   */
  public EvaluationLoop(
      ShardId id,
      ShardEnvironment env,
      ShardState state,
      Consumer<StorageException.Corruption> onCorruption) {
    this.id = id;
    this.env = env;
    this.state = state;
    this.onCorruption = onCorruption;
    this.loop = new SerialExecutor(env.loops());
    this.mailbox = new Mailbox(env.limits().maxQueuedRequests());
    this.parkedFromNanos = nanos();
    this.parkedToNanos = parkedFromNanos;
    MvccReader reader = new MvccReader(state);
    this.writes = new WriteStage(this, env, state, reader);
    this.reads = new ReadStage(this, env, state, reader);
  }

  /** The actor itself, for its {@link LeaderTerm}. */
  public SerialExecutor executor() {
    return loop;
  }

  /** Evaluates and applies a write; see {@link org.ferrisdb.shard.ShardReplica#write}. */
  public CompletableFuture<WriteOutcome> write(Write write, RequestStages stages) {
    try {
      long bytes = RequestChecks.check(write, env.limits());
      long entryBytes =
          EntryBodyCodec.commandBytes(write.mutations())
              + (long) write.mutations().size() * MEMORY_OF_MUTATION;
      WriteRequest request = new WriteRequest(write, bytes, entryBytes, nanos(), stages);
      submit(request);
      return request.result;
    } catch (ShardException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Reads keys; see {@link org.ferrisdb.shard.ShardReplica#get}. */
  public CompletableFuture<GetResult> get(Get get, RequestStages stages) {
    try {
      GetRequest request =
          new GetRequest(get, RequestChecks.check(get, env.limits()), nanos(), stages);
      submit(request);
      return request.result;
    } catch (ShardException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Reads a page; see {@link org.ferrisdb.shard.ShardReplica#scan}. */
  public CompletableFuture<ScanPage> scan(Scan scan, RequestStages stages) {
    try {
      ScanRequest request =
          new ScanRequest(scan, RequestChecks.check(scan, env.limits()), nanos(), stages);
      submit(request);
      return request.result;
    } catch (ShardException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void submit(Request request) {
    ShardException refused = refusal;
    if (refused != null) {
      request.fail(refused);
    } else if (term == null) {
      request.fail(notLeader("this replica does not lead"));
    } else if (!mailbox.offer(request)) {
      request.fail(
          ShardException.refused(
              Reason.OVERLOADED,
              "shard %s has %d requests waiting, the most it takes: slow down"
                  .formatted(id, mailbox.size())));
    } else if (!awake.get() && !loop.tryHere(this::begin)) {
      wake();
    }
  }

  /**
   * The first half of a turn on the thread that brings a request, which may not wait: the draw. So
   * a request that comes alone is on its way to the oracle without a change of threads. Everything
   * else is for {@link #turn}.
   */
  private void begin() {
    LeaderTerm now = term;
    LeaderState l = leading();
    if (refusal == null && now != null && l != null && !parked && now.inUseAndLive()) {
      take(l, false);
    } else {
      wake();
    }
  }

  /** Looks at the mailbox as {@link #begin} does. On the loop; waits for nothing. */
  void goOn() {
    if (mailbox.size() > 0) {
      begin();
    }
  }

  /** Has the loop look at its mailbox. */
  void wake() {
    if (awake.compareAndSet(false, true)) {
      loop.execute(this::turn);
    }
  }

  // ---- leadership -------------------------------------------------------------------------------

  /** Tells it its Raft group. */
  public void attach(RaftGroup newGroup) {
    group = newGroup;
  }

  /** The replica leads in this term. */
  public void lead(LeaderTerm newTerm) {
    term = newTerm;
    loop.execute(newTerm::start);
  }

  /** The replica's term, null while it does not lead. */
  public @Nullable LeaderTerm term() {
    return term;
  }

  /** The replica leads no more; what waits is refused. */
  public void follow(String reason) {
    LeaderTerm ending = term;
    term = null;
    if (ending != null) {
      ending.end(reason);
    }
    wake();
  }

  /** From now on everything is refused with this; null: not any more. */
  public void refuse(@Nullable ShardException with) {
    refusal = with;
    wake();
  }

  /** The term has become live, again or for the first time. */
  public void live(LeaderTerm which) {
    if (which != term) {
      return;
    }
    LeaderState l = leading;
    if (l != null && l.term == which) {
      wake();
      return;
    }
    if (starting) {
      return;
    }
    starting = true;
    // Every earlier leader's lease has ended: whatever it promised lies below what is drawn now.
    var _ =
        draw(1)
            .whenComplete((floor, failure) -> loop.execute(() -> started(which, floor, failure)));
  }

  private void started(LeaderTerm which, @Nullable Long floor, @Nullable Throwable failure) {
    starting = false;
    LeaderTerm now = term;
    if (now == null) {
      return;
    }
    if (floor == null || now != which) {
      LOG.warn("shard {}: no timestamp to start a term with, trying again", id, failure);
      later(
          env.leaseLength().toNanos() / 4,
          () -> {
            if (now.demand()) {
              live(now); // else the term says so when it is
            }
          });
      return;
    }
    leading = new LeaderState(which, floor);
    LOG.info("shard {}: leads in term {}", id, which.term());
    adoptDescriptor();
    wake();
  }

  /** What this replica knows as the leader, null if it is not (yet). */
  @Nullable LeaderState leading() {
    LeaderState l = leading;
    return l != null && l.term == term && !l.term.ended() ? l : null;
  }

  // ---- the turn ---------------------------------------------------------------------------------

  private void turn() {
    awake.set(false);
    LeaderTerm now = term;
    ShardException refused = refusal;
    if (refused != null || now == null) {
      ShardException failure = refused != null ? refused : notLeader("leadership was lost");
      giveUpDrawing(failure);
      for (Request r : mailbox.takeAll()) {
        taken(r, Stage.ANSWER, nanos());
        r.fail(failure);
      }
      return;
    }
    if (mailbox.size() == 0) {
      return;
    }
    boolean live = now.demand();
    LeaderState l = leading();
    if (!live || l == null) {
      park();
      return;
    }
    if (parked) {
      parked = false;
      parkedToNanos = nanos();
    }
    take(l, true);
  }

  /**
   * Takes what may be evaluated next and draws timestamps for it.
   *
   * @param mayEvaluate whether the caller may go on at once if they are there already: it may wait
   *     for a disk
   */
  private void take(LeaderState l, boolean mayEvaluate) {
    if (awaiting != null || l.barrier) {
      return;
    }
    boolean room =
        mayPropose(l.entriesInFlight, mailbox.writes(), env.limits()) && !waitsForCompany(l);
    int readsLeft = env.limits().maxQueuedRequests() - l.waitingReads;
    Batch batch =
        new Batch(
            mailbox.takeReads(Math.clamp(readsLeft, 0, MAX_BATCH)),
            room ? mailbox.takeWrites(MAX_BATCH, writes.maxBodyBytes()) : List.of());
    if (!batch.isEmpty()) {
      draw(l, batch, mayEvaluate);
    }
  }

  /**
   * Whether the writes that wait become an entry now. Behind an entry in flight few of them wait
   * for it to apply and gather meanwhile, as Nagle's algorithm has bytes do: an entry costs every
   * replica a flush and a dozen thread changes whatever is in it, so on a busy machine small
   * entries side by side only slow each other down. Many go at once, so that a long way to the
   * other replicas does not limit throughput. Pure.
   */
  static boolean mayPropose(int entriesInFlight, int writesWaiting, ShardLimits limits) {
    return entriesInFlight == 0
        || (writesWaiting >= limits.extraEntryWrites()
            && entriesInFlight < limits.maxEntriesInFlight());
  }

  /** An entry has applied and its writes are answered; most who wrote will write again at once. */
  void gatherAfter(LeaderState l, PendingEntry entry, int waiting) {
    if (l.entriesInFlight == 0) {
      long now = nanos();
      l.gathering.applied(entry.commands.size(), waiting, now - entry.proposedNanos, now);
    }
  }

  /** Writes that wait; any thread. */
  int writesWaiting() {
    return mailbox.writes();
  }

  /** Whether the writes that wait should gather a little longer; then has the loop look again. */
  private boolean waitsForCompany(LeaderState l) {
    int waiting = mailbox.writes();
    if (l.entriesInFlight > 0 || waiting == 0) {
      return false;
    }
    long left = l.gathering.remaining(waiting, nanos());
    if (left > 0 && !l.gatheringTimed) {
      l.gatheringTimed = true;
      later(
          left,
          () -> {
            l.gatheringTimed = false;
            wake();
          });
    }
    return left > 0;
  }

  private void draw(LeaderState l, Batch batch, boolean mayEvaluate) {
    awaiting = batch;
    long now = nanos();
    batch.reads.forEach(r -> taken(r, Stage.TIMESTAMP, now));
    batch.writes.forEach(r -> taken(r, Stage.TIMESTAMP, now));
    var drawn = draw(batch.writes.size() + 1);
    if (mayEvaluate && drawn.isDone() && !drawn.isCompletedExceptionally()) {
      drawn(l, batch, drawn.join(), null);
    } else {
      var _ =
          drawn.whenComplete(
              (first, failure) -> loop.execute(() -> drawn(l, batch, first, failure)));
    }
  }

  /** An oracle that is cut off may take seconds to fail; who leads no more need not wait for it. */
  private void giveUpDrawing(ShardException why) {
    Batch batch = awaiting;
    if (batch != null) {
      awaiting = null;
      batch.fail(why);
    }
  }

  /** A source that throws must not leave this loop waiting for it for ever. */
  private CompletableFuture<Long> draw(int count) {
    try {
      return env.timestamps().draw(count);
    } catch (RuntimeException | Error e) {
      LOG.error("shard {}: drawing a timestamp failed", id, e);
      return CompletableFuture.failedFuture(e);
    }
  }

  private void drawn(
      LeaderState l, Batch batch, @Nullable Long first, @Nullable Throwable failure) {
    if (awaiting != batch) {
      return; // given up meanwhile
    }
    awaiting = null;
    if (first == null) {
      batch.fail(unavailable("no timestamp", failure));
    } else if (leading() != l || l.barrier || !l.term.live() || refusal != null) {
      // Timestamps drawn under another lease are worth nothing: all over again.
      putBack(batch.reads);
      putBack(batch.writes);
    } else if (first <= l.clock) {
      batch.fail(
          ShardException.refused(
              Reason.INTERNAL, "the oracle went back from " + l.clock + " to " + first));
    } else {
      evaluated.add(batch.reads.size() + batch.writes.size());
      l.clock = first;
      long now = nanos();
      batch.writes.forEach(r -> r.stages.enter(Stage.EVALUATION, now));
      try {
        reads.evaluate(l, batch.reads, first);
      } catch (RuntimeException | Error e) {
        ShardException why = internal("reading", e);
        batch.reads.forEach(r -> r.fail(why)); // those that have been answered stay so
      }
      writes.evaluate(l, batch.writes, first + 1);
    }
    if (mailbox.size() > 0) {
      wake();
    }
  }

  /** Requests wait for a lease; not forever. */
  private void park() {
    if (!parked) {
      parked = true;
      parkedFromNanos = nanos();
    }
    if (sweeping) {
      return;
    }
    sweeping = true;
    later(patience() / 2, this::sweep);
  }

  private void sweep() {
    sweeping = false;
    LeaderTerm now = term;
    if (mailbox.size() == 0 || (now != null && now.live() && leading() != null)) {
      wake();
      return;
    }
    ShardException failure = notLeader("no live lease");
    long time = nanos();
    long limit = time - patience();
    for (Request r : mailbox.takeAll()) {
      if (r.enqueuedNanos < limit) {
        taken(r, Stage.ANSWER, time);
        r.fail(failure);
      } else {
        mailbox.putBack(r);
      }
    }
    wake();
  }

  private long nanos() {
    return env.nanoTime().getAsLong();
  }

  /** How long a request waits for a lease before it is sent elsewhere. */
  private long patience() {
    return Math.max(TimeUnit.SECONDS.toNanos(2), 4 * env.leaseLength().toNanos());
  }

  /** Puts a request back to be evaluated anew, unless that has happened too often. */
  void again(Request request) {
    if (++request.attempts > Request.MAX_ATTEMPTS) {
      request.fail(
          ShardException.refused(
              Reason.UNAVAILABLE, "evaluated " + request.attempts + " times without an end"));
    } else {
      putBack(List.of(request));
      wake();
    }
  }

  /** Requests that were taken wait once more. */
  void putBack(List<? extends Request> requests) {
    long now = nanos();
    for (Request r : requests) {
      r.stages.enter(Stage.MAILBOX, now);
      mailbox.putBack(r);
    }
  }

  /** A request has left the mailbox; part of its wait may have been for a lease. */
  private void taken(Request r, Stage next, long now) {
    r.stages.enter(next, now, Stage.LEASE, parkedFromNanos, parked ? now : parkedToNanos);
  }

  /**
   * Everything in flight is void; its requests have been put back. Except for entries that have
   * applied at this very moment: their results wait in this loop's queue, and until they are
   * delivered their versions stay in the overlay, which is right.
   */
  public void voided() {
    wake();
  }

  /** Has reads answered that waited for an entry which has applied: they may read files. */
  void answerWaitersSoon(LeaderState l, List<PendingEntry.Waiter> waiters) {
    if (!waiters.isEmpty()) {
      loop.execute(() -> {
        try {
          reads.answer(l, waiters);
        } catch (RuntimeException | Error e) {
          ShardException why = internal("reading", e);
          waiters.forEach(w -> w.request().fail(why)); // those that have been answered stay so
        }
      });
    }
  }

  // ---- entries that are not writes --------------------------------------------------------------

  /** The same once what is being evaluated has been proposed: nothing is evaluated over it. */
  public void adoptDescriptorSoon() {
    loop.execute(this::adoptDescriptor);
  }

  /** Logs the newest descriptor, if it is newer than the one applied. */
  private void adoptDescriptor() {
    LeaderState l = leading();
    if (l == null || l.barrier) {
      return;
    }
    ShardDescriptor newest = env.descriptors().apply(id);
    ShardDescriptor applied = state.descriptor();
    if (newest == null || (applied != null && newest.epoch() <= applied.epoch())) {
      return;
    }
    EntryBody body = new EntryBody.Descriptor(newest);
    l.barrier =
        l.term.propose(
            EntryBodyCodec.DESCRIPTOR,
            EntryBodyCodec.encode(body),
            _ -> {
              l.barrier = false;
              // What came while it was under way, or it itself if it was lost.
              loop.execute(this::adoptDescriptor);
              wake();
            });
  }

  // ---- failures and figures ---------------------------------------------------------------------

  ShardException notLeader(String why) {
    RaftGroup g = group;
    var leader = g == null ? null : g.status().leader();
    return new ShardException(
        Reason.NOT_LEADER,
        ShardException.Applied.NO,
        "shard " + id + ": " + why,
        java.util.Optional.ofNullable(leader),
        List.of());
  }

  /** The engine could not be read: the request ends, and if it is corrupt all others do too. */
  ShardException storageFailed(StorageException failure) {
    if (failure instanceof StorageException.Corruption corruption) {
      onCorruption.accept(corruption);
    }
    return unavailable("reading failed", failure);
  }

  /** A fault of ours: the request ends, the shard goes on. */
  ShardException internal(String what, Throwable failure) {
    LOG.error("shard {}: {} failed", id, what, failure);
    return ShardException.refused(Reason.INTERNAL, what + " failed: " + failure);
  }

  static ShardException unavailable(String what, @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException c ? c.getCause() : failure;
    return ShardException.refused(
        Reason.UNAVAILABLE, cause == null ? what : what + ": " + cause.getMessage());
  }

  private void later(long nanos, Runnable task) {
    try {
      var _ = env.timer().schedule(() -> loop.execute(task), nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the timer refuses tasks, it is shutting down", e);
    }
  }

  /** Requests that wait. */
  public int queued() {
    return mailbox.size();
  }

  /** Requests evaluated since start. */
  public long evaluated() {
    return evaluated.sum();
  }

  /** Entries of writes proposed since start. */
  public long proposed() {
    return writes.proposed();
  }

  /** Whether it leads, is live or idle, and has a descriptor: for status. */
  public boolean serving() {
    LeaderTerm now = term;
    return now != null && now.liveOrIdle() && state.descriptor() != null && refusal == null;
  }
}
