package org.ferrisdb.shard.meta;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.StateDigest;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.log.StepAside;
import org.ferrisdb.shard.map.FieldReader;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.oracle.ClockGuard;
import org.ferrisdb.shard.oracle.OracleOptions;
import org.ferrisdb.shard.state.ShardStore;
import org.ferrisdb.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * {@link MetaReplica}, put together: a {@link MetaStore} for what is on disk, {@link MetaRules} for
 * what entries do, a {@link MetaLeader} while this node leads.
 */
final class ReplicatedMeta implements MetaReplica {
  private final ShardEnvironment env;
  private final OracleOptions options;
  private final ClockGuard clock;
  private final MetaStore store;
  private final List<Consumer<ShardMap>> listeners = new CopyOnWriteArrayList<>();

  /** Held while the next two change, so that they can be read together. */
  private final Object published = new Object();

  private volatile MetaState state = MetaState.EMPTY;
  private volatile long appliedIndex;
  private volatile String failure = "not opened yet";
  private volatile @Nullable String corruption;
  private volatile @Nullable Path checkpointToOpen;
  private volatile @Nullable RaftGroup group;
  private volatile @Nullable MetaLeader leader;
  private @Nullable Leadership earlyLeadership;
  private volatile long drawnEarlier;

  ReplicatedMeta(Path directory, ShardEnvironment env, OracleOptions options) {
    this.env = env;
    this.options = options;
    this.clock =
        new ClockGuard(
            options.maxClockJump().toMillis(),
            env.nanoTime().getAsLong(),
            env.wallMillis().getAsLong());
    this.store =
        new MetaStore(new ShardStore(env.files(), directory, env.storage(), env.resources()));
  }

  @Override
  public synchronized void attach(RaftGroup newGroup) {
    group = newGroup;
    Leadership early = earlyLeadership;
    if (early != null) {
      lead(early, newGroup);
    }
  }

  // ---- requests
  // ----------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Long> drawTimestamps(int count) {
    MetaLeader now = leader;
    return now == null ? notLeader() : now.draw(count);
  }

  @Override
  public CompletableFuture<ShardMap> execute(MetaCommand command) {
    MetaLeader now = leader;
    return now == null ? notLeader() : now.execute(command);
  }

  private <T> CompletableFuture<T> notLeader() {
    RaftGroup known = group;
    NodeId hint = known == null ? null : known.status().leader();
    return CompletableFuture.failedFuture(
        MetaLeader.notApplied(hint, "this node does not lead meta"));
  }

  @Override
  public ShardMap map() {
    return state.map();
  }

  @Override
  public void onChange(Consumer<ShardMap> listener) {
    listeners.add(listener);
  }

  @Override
  public boolean serving() {
    MetaLeader now = leader;
    return now != null && now.established();
  }

  @Override
  public MetaStatus status() {
    MetaLeader now = leader;
    MetaState s = state;
    return new MetaStatus(
        now != null,
        now != null && now.established(),
        now == null ? 0 : now.leaseMillisLeft(),
        now != null && now.oracle().alarmed(),
        drawnEarlier + (now == null ? 0 : now.oracle().drawn()),
        s.oracleBound(),
        s.map().version(),
        appliedIndex,
        s.operations(),
        failure);
  }

  @Override
  public String digest() {
    return stateDigest().digest();
  }

  @Override
  public StateDigest stateDigest() {
    requireWhole();
    MetaState s;
    long index;
    synchronized (published) {
      s = state;
      index = appliedIndex;
    }
    return new StateDigest.Builder().add(s.formedBy()).add(s.describe()).at(index);
  }

  /** The newest applied state. */
  MetaState state() {
    return state;
  }

  // ---- the state machine
  // -------------------------------------------------------------------------

  @Override
  public RaftPosition open() {
    Path checkpoint = checkpointToOpen;
    publish(guarded(() -> checkpoint == null ? store.open() : store.install(checkpoint)));
    checkpointToOpen = null;
    corruption = null;
    failure = "";
    return store.position();
  }

  @Override
  public void apply(AppliedEntry entry) {
    if (entry.index() <= appliedIndex) {
      return; // a replay of what is in already
    }
    requireWhole();
    try {
      guarded(() -> applyNew(entry));
    } catch (RuntimeException | Error e) {
      // Chain and state may have come apart in memory: nothing more until all is read again.
      failed(e);
      throw e;
    }
  }

  private void requireWhole() {
    if (!failure.isEmpty()) {
      throw new IllegalStateException("meta is to be opened again first: " + failure);
    }
  }

  private RaftPosition applyNew(AppliedEntry entry) {
    RaftPosition position = new RaftPosition(entry.term(), entry.index());
    LogEntryFrame frame = LogEntryFrame.decode(entry.payload());
    boolean accepted = store.chain().accept(entry.term(), frame);
    List<MetaResult> results = List.of();
    if (accepted) {
      MetaState before = state;
      MetaState after = before;
      results = new ArrayList<>();
      for (MetaCommand command : commands(frame)) {
        MetaRules.Decision decision = MetaRules.decide(after, command);
        after = decision.next();
        results.add(decision.result());
      }
      store.write(before, after, position);
      publish(after);
    } else {
      store.advance(position);
      reached(position.index());
    }
    MetaLeader now = leader;
    if (now != null && frame.term() == now.term()) {
      now.applied(frame.number(), position, accepted, results);
    }
    return position;
  }

  private static List<MetaCommand> commands(LogEntryFrame frame) {
    return switch (frame.kind()) {
      case LogEntryFrame.NO_OP -> List.of();
      case MetaLeader.COMMANDS -> MetaCommandCodec.decodeEntry(new FieldReader(frame.body()));
      default ->
          throw new FieldReader.Malformed(
              "a meta entry of kind " + frame.kind() + ", which this version does not know");
    };
  }

  private void publish(MetaState next) {
    boolean mapChanged = next.map().version() != state.map().version();
    synchronized (published) {
      state = next;
      appliedIndex = store.position().index();
    }
    if (mapChanged) {
      listeners.forEach(l -> l.accept(next.map()));
    }
  }

  @Override
  public void advance(RaftPosition position) {
    requireWhole();
    store.advance(position);
    reached(Math.max(appliedIndex, position.index()));
  }

  private void reached(long index) {
    synchronized (published) {
      appliedIndex = index;
    }
  }

  @Override
  public RaftPosition flush() {
    requireWhole(); // else a chain that is ahead of its position would become durable
    return guarded(() -> store.flush(state));
  }

  @Override
  public RaftPosition checkpoint(Path directory) {
    return guarded(() -> store.checkpoint(directory));
  }

  @Override
  public RaftPosition install(Path directory) {
    endTerm("a checkpoint is being installed");
    publish(guarded(() -> store.install(directory)));
    failure = "";
    return store.position();
  }

  @Override
  public synchronized void leadershipGained(Leadership leadership) {
    RaftGroup known = group;
    if (known != null && corruption != null) {
      StepAside.from(known);
    } else if (known == null) {
      earlyLeadership = leadership; // a group that was reopened may lead before it is handed over
    } else {
      lead(leadership, known);
    }
  }

  private void lead(Leadership leadership, RaftGroup known) {
    earlyLeadership = null;
    TermOracle oracle = new TermOracle(options, clock, env.nanoTime(), env.wallMillis());
    MetaLeader next =
        new MetaLeader(leadership, known, env, this::state, oracle, options.maxCount());
    replaceLeader(next, "elected again");
    next.start();
  }

  @Override
  public void leadershipLost() {
    endTerm("this node does not lead meta any more");
  }

  @Override
  public void failed(Throwable cause) {
    failure = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    endTerm(failure);
  }

  private <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (StorageException.Corruption e) {
      corrupt(e);
      throw e;
    }
  }

  /** What is in memory was read whole, but it can not be made durable or copied any more. */
  private void corrupt(StorageException.Corruption found) {
    synchronized (this) {
      if (corruption != null) {
        return;
      }
      corruption = String.valueOf(found.getMessage());
    }
    failed(found);
    RaftGroup known = group;
    if (known != null) {
      StepAside.from(known);
    }
  }

  @Override
  public @Nullable String corruption() {
    StorageException.Corruption found = corruption == null ? store.corruption() : null;
    if (found != null) {
      corrupt(found);
    }
    return corruption;
  }

  @Override
  public void markDamaged(String reason) throws IOException {
    store.markDamaged(reason);
  }

  @Override
  public void installAtOpen(Path checkpoint) {
    checkpointToOpen = checkpoint;
  }

  private void endTerm(String reason) {
    synchronized (this) {
      earlyLeadership = null;
      replaceLeader(null, reason);
    }
  }

  private synchronized void replaceLeader(@Nullable MetaLeader next, String reason) {
    MetaLeader last = leader;
    leader = next;
    if (last != null) {
      drawnEarlier += last.oracle().drawn();
      last.end(reason);
    }
  }

  @Override
  public void close() {
    endTerm("this node is shutting down");
    if (corruption == null) {
      failure = "closed";
    }
    store.close();
  }
}
