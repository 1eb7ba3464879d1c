package org.ferrisdb.shard;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.leader.EvaluationLoop;
import org.ferrisdb.shard.log.LeaderTerm;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.log.StepAside;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.state.ShardState;
import org.ferrisdb.storage.EngineStats;
import org.ferrisdb.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of one shard on this node: the state machine of its Raft group and, where it leads,
 * the front of its evaluation loop. It only connects the two; what they do is told in {@code
 * org.ferrisdb.shard.state} and {@code org.ferrisdb.shard.leader}.
 *
 * <p>Every method of a request is thread-safe and does not block; futures fail with {@link
 * ShardException} only, and complete on a thread of {@link ShardEnvironment#loops} or {@link
 * ShardEnvironment#readers}: what depends on them must be short.
 */
public final class ShardReplica implements Rebuildable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardReplica.class);

  private final ShardId id;
  private final ShardEnvironment environment;
  private final ShardState state;
  private final EvaluationLoop loop;
  private volatile @Nullable RaftGroup group;
  private volatile String failure = "not open yet";
  private volatile @Nullable String corruption;
  private volatile @Nullable Path checkpointToOpen;

  /**
   * A replica that is to be opened.
   *
   * @param id which shard
   * @param directory where its engine lives
   * @param environment what it needs of the node
   */
  public ShardReplica(ShardId id, Path directory, ShardEnvironment environment) {
    this.id = id;
    this.environment = environment;
    this.state =
        new ShardState(
            environment.files(), directory, environment.storage(), environment.resources());
    this.loop = new EvaluationLoop(id, environment, state, this::corrupt);
  }

  /** Gives the replica its Raft group, once, before it can lead. */
  public void attach(RaftGroup newGroup) {
    group = newGroup;
    loop.attach(newGroup);
  }

  /** The same for who does not ask where the time goes. */
  public CompletableFuture<WriteOutcome> write(Write request) {
    return write(request, newStages());
  }

  /** The same for who does not ask where the time goes. */
  public CompletableFuture<GetResult> get(Get request) {
    return get(request, newStages());
  }

  /** The same for who does not ask where the time goes. */
  public CompletableFuture<ScanPage> scan(Scan request) {
    return scan(request, newStages());
  }

  private RequestStages newStages() {
    return new RequestStages(environment.nanoTime().getAsLong());
  }

  /** Evaluates and applies a write. */
  public CompletableFuture<WriteOutcome> write(Write request, RequestStages stages) {
    return loop.write(request, stages);
  }

  /** Reads keys. */
  public CompletableFuture<GetResult> get(Get request, RequestStages stages) {
    return loop.get(request, stages);
  }

  /** Reads a page. */
  public CompletableFuture<ScanPage> scan(Scan request, RequestStages stages) {
    return loop.scan(request, stages);
  }

  /**
   * Tells the leader that the shard map has a newer descriptor for this shard; it is logged as a
   * barrier. Idempotent; ignored where this replica does not lead.
   */
  public void descriptorChanged() {
    loop.adoptDescriptorSoon();
  }

  /** What it is and does now; cheap. */
  public ShardStatus status() {
    LeaderTerm term = loop.term();
    return new ShardStatus(
        state.descriptor(),
        loop.serving(),
        term != null,
        term == null ? 0 : term.leaseNanosLeft() / 1_000_000,
        loop.queued(),
        term == null ? 0 : term.inFlight(),
        state.outcomes().size(),
        state.appliedIndex(),
        loop.evaluated(),
        loop.proposed(),
        failure,
        stats());
  }

  private @Nullable EngineStats stats() {
    try {
      return state.stats();
    } catch (StorageException e) {
      return null; // closed, or being replaced
    }
  }

  /** The replicated state, for tests and debugging: see {@link ShardState#describe}. */
  public ShardState state() {
    return state;
  }

  // ---- duties of a state machine ----------------------------------------------------------------

  @Override
  public RaftPosition open() {
    Path checkpoint = checkpointToOpen;
    RaftPosition position =
        guarded(() -> checkpoint == null ? state.open() : state.install(checkpoint));
    checkpointToOpen = null;
    corruption = null;
    failure = "";
    loop.refuse(null);
    LOG.info("shard {}: opened at {}", id, position);
    return position;
  }

  @Override
  public void apply(AppliedEntry entry) {
    LogEntryFrame frame = LogEntryFrame.decode(entry.payload());
    ShardState.Result result = guarded(() -> state.apply(entry, frame));
    LeaderTerm term = loop.term();
    if (term != null && term.term() == frame.term() && result != ShardState.Result.REPLAYED) {
      RaftPosition position = new RaftPosition(entry.term(), entry.index());
      term.applied(frame.number(), position, result == ShardState.Result.ACCEPTED);
    }
  }

  @Override
  public void advance(RaftPosition position) {
    state.advance(position);
  }

  @Override
  public RaftPosition flush() {
    return guarded(state::flush);
  }

  @Override
  public RaftPosition checkpoint(Path directory) {
    return guarded(() -> state.checkpoint(directory));
  }

  @Override
  public RaftPosition install(Path directory) {
    RaftPosition position = guarded(() -> state.install(directory));
    LOG.info("shard {}: installed a checkpoint at {}", id, position);
    return position;
  }

  @Override
  public void leadershipGained(Leadership leadership) {
    RaftGroup attached = group;
    if (attached == null) {
      throw new IllegalStateException("shard " + id + " leads before it has its group");
    }
    loop.follow("elected again");
    if (corruption != null) {
      StepAside.from(attached);
      return;
    }
    LeaderTerm.Surroundings surroundings =
        new LeaderTerm.Surroundings(
            environment.nanoTime(),
            environment.wallMillis(),
            loop.executor(),
            environment.timer(),
            environment.leaseLength());
    TermListener listener = new TermListener();
    LeaderTerm term = new LeaderTerm(leadership, attached, surroundings, listener);
    listener.term = term;
    loop.lead(term);
  }

  /** Tells the loop which term speaks. */
  private final class TermListener implements LeaderTerm.Listener {
    private @Nullable LeaderTerm term;

    @Override
    public void live() {
      if (term != null) {
        loop.live(term);
      }
    }

    @Override
    public void voided(String reason) {
      loop.voided();
    }
  }

  @Override
  public void leadershipLost() {
    loop.follow("leadership was lost");
  }

  @Override
  public void failed(Throwable cause) {
    boolean full = isDiskFull(cause);
    if (corruption != null) {
      return; // that is why, and it has been said
    }
    failure = (full ? "the disk is full: " : "failed: ") + cause;
    LOG.error("shard {}: {}", id, failure, cause);
    loop.refuse(
        ShardException.refused(full ? Reason.DISK_FULL : Reason.UNAVAILABLE, id + " " + failure));
    loop.follow("the replica failed");
  }

  // ---- corruption ------------------------------------------------------------------------------

  private <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (StorageException.Corruption e) {
      corrupt(e);
      throw e;
    }
  }

  /** P5: from here on nothing is served, and another replica is to lead. Any thread. */
  private void corrupt(StorageException.Corruption found) {
    synchronized (this) {
      if (corruption != null) {
        return;
      }
      corruption = String.valueOf(found.getMessage());
      failure = "corrupt, to be rebuilt from another replica: " + found.getMessage();
    }
    LOG.error("shard {}: {}", id, failure, found);
    loop.refuse(ShardException.refused(Reason.UNAVAILABLE, id + " is corrupt on this node"));
    loop.follow("the replica is corrupt");
    RaftGroup attached = group;
    if (attached != null) {
      StepAside.from(attached);
    }
  }

  @Override
  public @Nullable String corruption() {
    StorageException.Corruption found = corruption == null ? state.corruption() : null;
    if (found != null) {
      corrupt(found);
    }
    return corruption;
  }

  @Override
  public StateDigest stateDigest() {
    return guarded(state::digest);
  }

  @Override
  public void markDamaged(String reason) throws IOException {
    state.markDamaged(reason);
  }

  @Override
  public void installAtOpen(Path checkpoint) {
    checkpointToOpen = checkpoint;
  }

  private static boolean isDiskFull(@Nullable Throwable cause) {
    for (Throwable c = cause; c != null; c = c.getCause()) {
      String message = c.getMessage();
      if (c instanceof IOException && message != null && message.contains("No space left")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    if (corruption == null) {
      failure = "closed";
    }
    loop.refuse(ShardException.refused(Reason.UNAVAILABLE, "shard " + id + " is closed here"));
    loop.follow("closed");
    state.close();
  }
}
