package org.ferrisdb.shard.meta;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.log.EntryResult;
import org.ferrisdb.shard.log.LeaderTerm;
import org.ferrisdb.shard.log.SerialExecutor;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardMap;
import org.jspecify.annotations.Nullable;

/**
 * The meta group's leader in one term: answers draws, puts commands and the oracle's bounds into
 * the log.
 *
 * <p>A draw that finds the lease live and the bound far enough is answered on the caller's thread.
 * All else happens on a loop of its own: draws that wait for lease or bound, and commands, of which
 * one entry is in flight at a time. Nothing is evaluated before it is in the log (the commands are
 * decided where they apply), so a proposal that fails leaves nothing to take back.
 *
 * <p>Who is not asked proposes nothing: an idle leader costs nothing, and the first draw after a
 * pause waits for one entry, which renews the lease and extends the bound at once.
 */
final class MetaLeader implements LeaderTerm.Listener {
  /** The kind of an entry with commands. */
  static final int COMMANDS = 1;

  private static final int MAX_DRAWS = 10_000;
  private static final int MAX_COMMANDS = 10_000;
  private static final int MAX_COMMANDS_IN_ENTRY = 1000;
  private static final long DRAW_PATIENCE = TimeUnit.SECONDS.toNanos(1);
  private static final long COMMAND_PATIENCE = TimeUnit.SECONDS.toNanos(5);
  private static final Duration SWEEP = Duration.ofMillis(250);

  private record Draw(int count, long deadlineNanos, CompletableFuture<Long> future) {}

  private record Command(
      MetaCommand command, int bytes, long deadlineNanos, CompletableFuture<ShardMap> future) {}

  private final RaftGroup group;
  private final ShardEnvironment env;
  private final Supplier<MetaState> applied;
  private final TermOracle oracle;
  private final int maxCount;
  private final SerialExecutor loop;
  private final LeaderTerm term;

  private final Queue<Draw> draws = new ConcurrentLinkedQueue<>();
  private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingDraws = new AtomicInteger();
  private final AtomicInteger waitingCommands = new AtomicInteger();
  private final ConcurrentSkipListMap<Long, List<MetaResult>> results =
      new ConcurrentSkipListMap<>();
  private volatile boolean established;
  private volatile boolean ended;
  private volatile long lastServedNanos;

  // Only touched on the loop:
  private List<Command> inFlight = List.of();
  private boolean extending;
  private boolean sweeping;

  /**
   * A term that does nothing until {@link #start}.
   *
   * @param applied the newest applied state
   * @param maxCount most timestamps in one draw
   */
  MetaLeader(
      Leadership leadership,
      RaftGroup group,
      ShardEnvironment env,
      Supplier<MetaState> applied,
      TermOracle oracle,
      int maxCount) {
    this.group = group;
    this.env = env;
    this.applied = applied;
    this.oracle = oracle;
    this.maxCount = maxCount;
    this.loop = new SerialExecutor(env.loops());
    this.lastServedNanos = env.nanoTime().getAsLong();
    this.term =
        new LeaderTerm(
            leadership,
            group,
            new LeaderTerm.Surroundings(
                env.nanoTime(), env.wallMillis(), loop, env.timer(), env.leaseLength()),
            this);
  }

  void start() {
    loop.execute(term::start);
  }

  long term() {
    return term.term();
  }

  TermOracle oracle() {
    return oracle;
  }

  /** Whether it has answered, or could have answered, in this term, and the term is not over. */
  boolean established() {
    return established && !ended;
  }

  long leaseMillisLeft() {
    return TimeUnit.NANOSECONDS.toMillis(term.leaseNanosLeft());
  }

  // ---- any thread
  // --------------------------------------------------------------------------------

  CompletableFuture<Long> draw(int count) {
    if (count < 1 || count > maxCount) {
      return failed(Reason.INVALID, count + " timestamps in one draw: from 1 to " + maxCount);
    }
    OptionalLong first = tryDraw(count);
    if (first.isPresent()) {
      serveSometimes();
      return CompletableFuture.completedFuture(first.getAsLong());
    }
    if (waitingDraws.incrementAndGet() > MAX_DRAWS) {
      waitingDraws.decrementAndGet();
      return failed(Reason.OVERLOADED, MAX_DRAWS + " draws wait for the oracle already");
    }
    Draw draw = new Draw(count, now() + DRAW_PATIENCE, new CompletableFuture<>());
    draws.add(draw);
    loop.execute(this::serve);
    return draw.future();
  }

  CompletableFuture<ShardMap> execute(MetaCommand command) {
    int bytes;
    try {
      bytes = MetaCommandCodec.encode(command).length;
    } catch (IllegalArgumentException e) {
      return failed(Reason.LIMIT_EXCEEDED, String.valueOf(e.getMessage()));
    }
    if (bytes > maxBodyBytes()) {
      return failed(
          Reason.LIMIT_EXCEEDED,
          "the command has " + bytes + " bytes, an entry at most " + maxBodyBytes());
    }
    if (waitingCommands.incrementAndGet() > MAX_COMMANDS) {
      waitingCommands.decrementAndGet();
      return failed(Reason.OVERLOADED, MAX_COMMANDS + " commands wait for the meta group already");
    }
    Command waiting =
        new Command(command, bytes, now() + COMMAND_PATIENCE, new CompletableFuture<>());
    commands.add(waiting);
    loop.execute(this::serve);
    return waiting.future();
  }

  /**
   * An entry of this term has applied here, or was rejected. On the thread that applies, after the
   * state has changed.
   */
  void applied(long number, RaftPosition position, boolean accepted, List<MetaResult> outcome) {
    if (accepted && !outcome.isEmpty() && !ended) {
      results.put(position.index(), outcome);
    }
    term.applied(number, position, accepted);
  }

  void end(String reason) {
    ended = true;
    term.end(reason);
    loop.execute(this::serve);
  }

  /** Rule 3: the lease counts after the draw, not before. Before, it only saves the draw. */
  private OptionalLong tryDraw(int count) {
    if (!term.live()) {
      return OptionalLong.empty();
    }
    OptionalLong first = oracle.draw(count);
    return term.live() ? first : OptionalLong.empty();
  }

  /** Keeps lease and bound ahead of the draws that are answered without the loop. */
  private void serveSometimes() {
    long now = now();
    if (now - lastServedNanos > env.leaseLength().toNanos() / 8 || oracle.boundRunsLow()) {
      lastServedNanos = now;
      loop.execute(this::serve);
    }
  }

  // ---- the loop
  // ----------------------------------------------------------------------------------

  @Override
  public void live() {
    serve();
  }

  @Override
  public void voided(String reason) {
    // Nothing stands on what was proposed; live() follows.
  }

  private void serve() {
    if (ended) {
      failAll();
      return;
    }
    lastServedNanos = now();
    boolean live = term.demand();
    if (live) {
      // The first own entry has applied: what earlier leaders have used is in the applied state.
      oracle.begin(applied.get().oracleBound());
      established = true;
    }
    if (oracle.boundRunsLow()) {
      extendBound();
    }
    if (live) {
      serveDraws();
      proposeCommands();
    }
    expire();
    sweepLater();
  }

  private void serveDraws() {
    for (Draw draw = draws.peek(); draw != null; draw = draws.peek()) {
      OptionalLong first = tryDraw(draw.count());
      if (first.isEmpty()) {
        if (term.demand()) { // live, so it is the bound that does not reach
          extendBound();
        }
        return;
      }
      draws.remove();
      waitingDraws.decrementAndGet();
      draw.future().complete(first.getAsLong());
    }
  }

  /**
   * Safe without a lease, as long as the chain is whole: the bound is a maximum, and nothing is
   * drawn below it before it has applied. So the entry that extends it renews the lease as well.
   */
  private void extendBound() {
    if (extending) {
      return;
    }
    MetaCommand extend = new MetaCommand.ExtendOracle(oracle.boundFor(maxCount));
    extending = propose(List.of(extend), this::boundExtended);
  }

  private void boundExtended(EntryResult result) {
    extending = false;
    if (result instanceof EntryResult.Applied a) {
      results.headMap(a.position().index(), true).clear();
      oracle.boundApplied(applied.get().oracleBound());
    }
    serve();
  }

  private void proposeCommands() {
    if (!inFlight.isEmpty() || commands.isEmpty()) {
      return;
    }
    List<Command> batch = new ArrayList<>();
    int bytes = 0;
    for (Command next = commands.peek(); next != null; next = commands.peek()) {
      bytes += next.bytes();
      if (bytes > maxBodyBytes() || batch.size() == MAX_COMMANDS_IN_ENTRY) {
        break;
      }
      batch.add(commands.remove());
    }
    inFlight = batch;
    List<MetaCommand> all = batch.stream().map(Command::command).toList();
    if (!propose(all, result -> commandsSettled(batch, result))) {
      inFlight = List.of();
      batch.forEach(c -> fail(c, refused(Reason.UNAVAILABLE, "the log takes no entries now")));
    }
  }

  private void commandsSettled(List<Command> batch, EntryResult result) {
    inFlight = List.of();
    switch (result) {
      case EntryResult.Applied a -> {
        List<MetaResult> outcome = results.get(a.position().index());
        results.headMap(a.position().index(), true).clear();
        for (int i = 0; i < batch.size(); i++) {
          answer(batch.get(i), outcome == null ? null : outcome.get(i));
        }
      }
      case EntryResult.Voided v -> {
        ShardException failure =
            v.mayApply()
                ? ShardException.unknown(Reason.OUTCOME_UNKNOWN, v.reason())
                : notApplied(v.leader(), v.reason());
        batch.forEach(c -> fail(c, failure));
      }
    }
    serve();
  }

  private void answer(Command command, @Nullable MetaResult result) {
    switch (result) {
      case MetaResult.Accepted a -> {
        waitingCommands.decrementAndGet();
        command.future().complete(applied.get().map());
      }
      case MetaResult.Refused r ->
          fail(
              command,
              new ShardException(
                  r.reason(), Applied.NO, r.message(), Optional.empty(), current(command)));
      case null ->
          fail(command, ShardException.unknown(Reason.OUTCOME_UNKNOWN, "the result is gone"));
    }
  }

  /** For a refused compare-and-set: the descriptor that stands. */
  private List<ShardDescriptor> current(Command command) {
    return command.command() instanceof MetaCommand.ReplicasChanged c
        ? applied.get().map().shard(c.shard()).stream().toList()
        : List.of();
  }

  private boolean propose(List<MetaCommand> all, Consumer<EntryResult> result) {
    return term.propose(COMMANDS, ByteBuffer.wrap(MetaCommandCodec.encodeEntry(all)), result);
  }

  // ---- ends
  // --------------------------------------------------------------------------------------

  /** Every request ends: those that wait in vain, and those whose entry hangs. */
  private void expire() {
    long now = now();
    for (Draw d = draws.peek(); d != null && now - d.deadlineNanos() >= 0; d = draws.peek()) {
      draws.remove();
      waitingDraws.decrementAndGet();
      d.future().completeExceptionally(refused(Reason.UNAVAILABLE, "no lease in time"));
    }
    for (Command c = commands.peek();
        c != null && now - c.deadlineNanos() >= 0;
        c = commands.peek()) {
      fail(commands.remove(), refused(Reason.UNAVAILABLE, "no lease in time"));
    }
    for (Command c : inFlight) {
      if (now - c.deadlineNanos() >= 0) {
        // Counted as waiting until its entry is settled, but its caller need not wait as long.
        c.future()
            .completeExceptionally(
                ShardException.unknown(
                    Reason.OUTCOME_UNKNOWN, "proposed, and not committed in time"));
      }
    }
  }

  private void sweepLater() {
    if (sweeping || (draws.isEmpty() && commands.isEmpty() && inFlight.isEmpty())) {
      return;
    }
    sweeping = true;
    try {
      var _ =
          env.timer()
              .schedule(() -> loop.execute(this::sweep), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      sweeping = false; // the node shuts down
    }
  }

  private void sweep() {
    sweeping = false;
    serve();
  }

  private void failAll() {
    ShardException failure = notApplied(group.status().leader(), "this node does not lead meta");
    for (Draw d = draws.poll(); d != null; d = draws.poll()) {
      waitingDraws.decrementAndGet();
      d.future().completeExceptionally(failure);
    }
    for (Command c = commands.poll(); c != null; c = commands.poll()) {
      fail(c, failure);
    }
  }

  private void fail(Command command, ShardException failure) {
    waitingCommands.decrementAndGet();
    command.future().completeExceptionally(failure);
  }

  static ShardException notApplied(@Nullable NodeId leader, String message) {
    return new ShardException(
        Reason.NOT_LEADER, Applied.NO, message, Optional.ofNullable(leader), List.of());
  }

  private static ShardException refused(Reason reason, String message) {
    return ShardException.refused(reason, message);
  }

  private static <T> CompletableFuture<T> failed(Reason reason, String message) {
    return CompletableFuture.failedFuture(refused(reason, message));
  }

  private int maxBodyBytes() {
    return env.limits().maxEntryBytes() - (64 << 10);
  }

  private long now() {
    return env.nanoTime().getAsLong();
  }
}
