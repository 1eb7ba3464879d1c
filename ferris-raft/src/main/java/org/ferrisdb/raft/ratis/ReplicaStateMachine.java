package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica's state machine as Ratis wants it, around one as we want it. Lives from one opening
 * of the replica to its closing.
 *
 * <p>Entries are applied on Ratis's apply thread, one by one, each completely before the next.
 * {@link #stateLock} keeps a checkpoint that arrives from falling between: it is installed,
 * durably, before Ratis hears of it, so that a crash never finds a log that begins behind the
 * state.
 */
final class ReplicaStateMachine extends BaseStateMachine {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaStateMachine.class);
  private final GroupId group;
  private final ReplicatedStateMachine ours;
  private final LeadershipNotices notices;
  private final CheckpointInstaller checkpoints;
  private final Consumer<Throwable> onFailure;
  private final ReentrantLock stateLock = new ReentrantLock();
  private final Path currentDirectory;
  private final DirectorySync directories;
  private final MembersFile members;
  private final DirectoryHook beforeOpen;
  private final RequestOrder requests;
  private final Unanswered unanswered = new Unanswered();
  private final VoteRequests voteRequests = new VoteRequests();
  private final SignsOfLife signs = new SignsOfLife(System::nanoTime);

  /** Index of the last entry applied, or covered by a checkpoint; guarded by stateLock. */
  private long appliedIndex = RaftLog.INVALID_LOG_INDEX;

  private volatile RaftPosition durable = RaftPosition.NONE;
  private volatile long lastEntryNanos;
  private long configurationTerm;
  private volatile boolean open;
  private volatile boolean closed;

  /** Set once this replica is to do nothing more. */
  private volatile @Nullable Throwable failure;

  private volatile @Nullable DurableVote vote;
  private volatile RaftServer.@Nullable Division division;

  /** Makes a new replica's directories, and its place in the list of groups, durable. */
  @FunctionalInterface
  interface DirectoryHook {
    void run() throws IOException;
  }

  /**
   * @param currentDirectory where Ratis keeps the group's log and vote
   * @param settings limits of the requests that arrive
   * @param beforeOpen run after Ratis made its directories and before the replica takes part
   * @param onFailure told once when the replica has become useless
   */
  ReplicaStateMachine(
      GroupId group,
      ReplicatedStateMachine ours,
      LeadershipNotices notices,
      CheckpointInstaller.Source source,
      Path currentDirectory,
      RatisSettings settings,
      DirectoryHook beforeOpen,
      Consumer<Throwable> onFailure) {
    this.group = group;
    this.ours = ours;
    this.notices = notices;
    this.checkpoints = new CheckpointInstaller(group, source, this);
    this.currentDirectory = currentDirectory;
    this.directories = new DirectorySync(currentDirectory);
    this.members = new MembersFile(currentDirectory);
    this.beforeOpen = beforeOpen;
    this.requests =
        new RequestOrder(
            this::flushIndex,
            settings.maxBytesUnwritten(),
            settings.requestTimeout().toNanos(),
            this::failed);
    this.onFailure = onFailure;
    this.lastEntryNanos = System.nanoTime();
  }

  CheckpointInstaller checkpoints() {
    return checkpoints;
  }

  DirectorySync directories() {
    return directories;
  }

  /** The order of the requests from peers. */
  RequestOrder requests() {
    return requests;
  }

  /** What this replica asks others when it is a candidate. */
  VoteRequests voteRequests() {
    return voteRequests;
  }

  /** What this replica was asked and has not answered. */
  Unanswered unanswered() {
    return unanswered;
  }

  private long flushIndex() {
    RaftServer.Division ratis = division;
    return ratis == null ? RaftLog.INVALID_LOG_INDEX : ratis.getRaftLog().getFlushIndex();
  }

  /**
   * Where requests for this replica go: to it alone, never to a later opening under the same name.
   */
  RaftServer.Division division() throws IOException {
    RaftServer.Division ratis = division;
    if (ratis == null || !open) {
      throw new ServerNotReadyException("group " + group + ": not open yet");
    }
    return ratis;
  }

  LeadershipNotices notices() {
    return notices;
  }

  /** What a restart would replay from. */
  RaftPosition durable() {
    return durable;
  }

  /** Ratis has read the log and the vote: from now on this replica answers its peers. */
  void opened() {
    open = true;
  }

  /** Whether it answers its peers and asks them anything. */
  boolean takesPart() {
    return open && failure == null;
  }

  /** Why it takes part in nothing any more; null if it does, or does not yet. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** What it has heard from its leader and from candidates. */
  SignsOfLife signs() {
    return signs;
  }

  /** A leader of this term has sent something; one of an earlier term is none any more. */
  void heard(long leaderTerm) {
    if (leaderTerm >= currentTerm()) {
      signs.heard();
      voteRequests.forgetSilence();
    }
  }

  /** Entries have arrived from another node, and are not in the log yet. */
  void entriesReceived() {
    lastEntryNanos = System.nanoTime();
  }

  @Override
  public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage)
      throws IOException {
    super.initialize(server, groupId, storage);
    division = server.getDivision(groupId);
    DurableVote read = new DurableVote(currentDirectory, storage.getMetadataFile());
    read.keep();
    vote = read;
    beforeOpen.run();
    stateLock.lock();
    try {
      getLifeCycle().transition(LifeCycle.State.STARTING);
      positionIs(ours.open());
      adjustTo(durable, storage);
      entriesReceived();
      getLifeCycle().transition(LifeCycle.State.RUNNING);
    } finally {
      stateLock.unlock();
    }
  }

  /**
   * A state that was replaced by a checkpoint may be ahead of the log and of the term, which Ratis
   * reads after this.
   */
  private void adjustTo(RaftPosition state, RaftStorage storage) throws IOException {
    if (LogFiles.deleteIfOvertaken(
        storage.getStorageDir().getCurrentDir().toPath(), termIndex(state))) {
      LOG.info("group {}: the state, at {}, has overtaken the log; it begins anew", group, state);
    }
    if (storage.getMetadataFile().getMetadata().getTerm() < state.term()) {
      storage
          .getMetadataFile()
          .persist(
              RaftStorageMetadata.valueOf(
                  state.term(), RaftStorageMetadata.getDefault().getVotedFor()));
    }
  }

  private void positionIs(RaftPosition position) {
    durable = position;
    TermIndex reached = termIndex(position);
    appliedIndex = reached.getIndex();
    setLastAppliedTermIndex(reached);
  }

  /**
   * Ratis counts from 0 and calls "before any" -1; index 0 always holds its own first
   * configuration.
   */
  static TermIndex termIndex(RaftPosition position) {
    return position.equals(RaftPosition.NONE)
        ? TermIndex.INITIAL_VALUE
        : TermIndex.valueOf(position.term(), position.index());
  }

  // ---- proposing -------------------------------------------------------------------------------

  @Override
  public TransactionContext startTransaction(RaftClientRequest request) {
    return TransactionContext.newBuilder()
        .setStateMachine(this)
        .setClientRequest(request)
        .setLogData(request.getMessage().getContent())
        .setStateMachineContext(request.getMessage())
        .build();
  }

  @Override
  public TransactionContext preAppendTransaction(TransactionContext transaction) {
    if (transaction.getStateMachineContext() instanceof Proposal proposal) {
      proposal.appending();
    }
    return transaction;
  }

  // ---- applying --------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
    LogEntryProto entry = transaction.getLogEntry();
    stateLock.lock();
    try {
      if (entry.getIndex() > appliedIndex) {
        ours.apply(
            new AppliedEntry(
                entry.getTerm(),
                entry.getIndex(),
                entry.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer()));
        reached(entry.getTerm(), entry.getIndex());
      }
    } catch (RuntimeException | Error e) {
      failed(e);
      throw e; // Ratis closes the replica
    } finally {
      stateLock.unlock();
    }
    if (transaction.getStateMachineContext() instanceof Proposal proposal) {
      proposal.applied(new RaftPosition(entry.getTerm(), entry.getIndex()));
    }
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  private void reached(long term, long index) {
    appliedIndex = index;
    setLastAppliedTermIndex(TermIndex.valueOf(term, index));
  }

  @Override
  public void notifyTermIndexUpdated(long term, long index) {
    stateLock.lock();
    try {
      if (index > appliedIndex) {
        ours.advance(new RaftPosition(term, index));
        reached(term, index);
      }
    } catch (RuntimeException | Error e) {
      failed(e);
      throw e;
    } finally {
      stateLock.unlock();
    }
  }

  @Override
  public void notifyConfigurationChanged(
      long term, long index, RaftConfigurationProto configuration) {
    configurationTerm = term;
    try {
      members.require(
          LogEntryProto.newBuilder()
              .setTerm(term)
              .setIndex(index)
              .setConfigurationEntry(configuration)
              .build());
    } catch (IOException e) {
      failed(e);
    }
  }

  // ---- leadership ------------------------------------------------------------------------------

  /** On the apply thread, right after this leader's first configuration entry: its term is ours. */
  @Override
  public void notifyLeaderReady() {
    notices.gained(new Leadership(configurationTerm, lastEntryNanos));
  }

  /** Under Ratis's lock, before the term can change. */
  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    signs.ledUntilNow();
    notices.lost(currentTerm());
  }

  private long currentTerm() {
    RaftServer.Division ratis = division;
    return ratis == null ? Long.MAX_VALUE : ratis.getInfo().getCurrentTerm();
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
    failed(cause);
  }

  /**
   * This replica can not go on: its log, its vote or its state could not be written. From here on
   * it takes part in nothing; {@link GroupWatch} has it closed.
   */
  void failed(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    notices.end(cause);
    onFailure.accept(cause);
    // Elsewhere, because the caller may hold locks of Ratis's, and whoever waits may do anything.
    Thread.ofVirtual()
        .name("raft-ended-" + group)
        .start(() -> unanswered.end("the replica failed: " + cause));
  }

  // ---- durability ------------------------------------------------------------------------------

  /**
   * Before an answer or a request that rests on this term, or on a vote in it, leaves this replica;
   * see {@link DurableVote}. If the term is not durable this replica has failed: Ratis goes on
   * without it and would not try to write it again.
   */
  void requireTerm(long term) throws IOException {
    try {
      vote().require(term);
    } catch (ClosedByInterruptException e) {
      throw e; // an election that is over interrupts its requests; the next one writes again
    } catch (IOException e) {
      failed(e);
      throw e;
    }
  }

  DurableVote vote() throws IOException {
    DurableVote open = vote;
    if (open == null) {
      throw new ServerNotReadyException("group " + group + ": not open yet");
    }
    return open;
  }

  /** Called by the log's writer before it counts entries as flushed. */
  @Override
  public CompletableFuture<Void> flush(long logIndex) {
    try {
      vote().keep();
      directories.sync();
      return CompletableFuture.completedFuture(null);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Ratis calls a flush of the state a snapshot; there are no files to it. */
  @Override
  public long takeSnapshot() throws IOException {
    // Ratis purges the log afterwards, and with it what only the log has.
    members.requireWhole();
    directories.sync();
    return termIndex(flushState()).getIndex();
  }

  private RaftPosition flushState() throws IOException {
    stateLock.lock();
    try {
      RaftPosition flushed = ours.flush();
      durable = flushed;
      return flushed;
    } catch (RuntimeException e) {
      // Not fatal: the log keeps what could not be flushed. An IOException leaves the replica
      // running.
      throw new IOException("group " + group + ": flush failed", e);
    } finally {
      stateLock.unlock();
    }
  }

  @Override
  public @Nullable SnapshotInfo getLatestSnapshot() {
    RaftPosition position = durable;
    return position.equals(RaftPosition.NONE) ? null : new FilelessSnapshot(termIndex(position));
  }

  private record FilelessSnapshot(TermIndex termIndex) implements SnapshotInfo {
    @Override
    public TermIndex getTermIndex() {
      return termIndex;
    }

    @Override
    public List<FileInfo> getFiles() {
      return List.of();
    }
  }

  // ---- checkpoints from the leader -------------------------------------------------------------

  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex firstInLog) {
    return checkpoints.begin(
        Members.of(role.getFollowerInfo().getLeaderInfo().getId()), firstInLog);
  }

  /**
   * Puts a fetched checkpoint in place, unless this replica is already past it.
   *
   * @return what is durable afterwards
   */
  RaftPosition install(Path directory, RaftPosition fetched) throws IOException {
    stateLock.lock();
    try {
      if (closed) {
        throw new IOException("closed");
      }
      if (fetched.index() <= appliedIndex) {
        return flushState();
      }
      RaftPosition installed = ours.install(directory);
      positionIs(installed);
      entriesReceived();
      requireNotOvertaken(installed);
      return installed;
    } finally {
      stateLock.unlock();
    }
  }

  /**
   * After a checkpoint: a log with other entries than the state's has to go, and Ratis, which keeps
   * it, must be closed for that. Opened again, the replica begins a log of its own; see {@link
   * LogFiles#deleteIfOvertaken}.
   */
  private void requireNotOvertaken(RaftPosition installed) throws IOException {
    TermIndex state = termIndex(installed);
    TermIndex logged = division().getRaftLog().getTermIndex(state.getIndex());
    if (logged != null && LogFiles.isOvertaken(logged.getTerm(), state)) {
      IOException conflict =
          new IOException("the log holds " + logged + ", the checkpoint ends at " + state);
      failed(conflict);
      throw conflict;
    }
  }

  /** The checkpoint is in place already; Ratis wants to see this state before it reloads. */
  @Override
  public void pause() {
    if (getLifeCycleState() == LifeCycle.State.RUNNING) {
      getLifeCycle().transition(LifeCycle.State.PAUSING);
      getLifeCycle().transition(LifeCycle.State.PAUSED);
    }
  }

  @Override
  public void reinitialize() {
    if (getLifeCycleState() == LifeCycle.State.PAUSED) {
      getLifeCycle().transition(LifeCycle.State.STARTING);
      getLifeCycle().transition(LifeCycle.State.RUNNING);
    }
  }

  @Override
  public void notifySnapshotInstalled(InstallSnapshotResult result, long index, RaftPeer peer) {
    if (result == InstallSnapshotResult.SNAPSHOT_INSTALLED
        || result == InstallSnapshotResult.SNAPSHOT_UNAVAILABLE) {
      checkpoints.reported();
    }
  }

  // ---- the end ---------------------------------------------------------------------------------

  /**
   * After an opening that failed: Ratis forgets such a replica without closing it, and would leave
   * its directory locked and a thread with the log's buffer behind.
   */
  void releaseUnopened() {
    RaftServer.Division ratis = division;
    if (ratis != null) {
      ratis.close();
      String leftover = ratis.getMemberId() + "-cacheEviction";
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().startsWith(leftover))
          .forEach(Thread::interrupt);
    }
    close();
  }

  /** It is about to be closed: it takes part in nothing, and nobody waits for it any more. */
  void withdraw(String reason) {
    if (failure == null) {
      failure = new IOException(reason);
    }
    unanswered.end(reason);
  }

  /** By Ratis, also when it closed the replica on its own (removed from the group, or broken). */
  @Override
  public void close() {
    withdraw("the replica was closed");
    checkpoints.close();
    // "Lost" and "failed" come before the end. The caller of close() never is the notices' thread.
    notices.end(null);
    if (!closed) {
      notices.drain();
    }
    stateLock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      ours.close();
    } finally {
      stateLock.unlock();
    }
    onFailure.accept(new CompletionException("the replica was closed", null));
  }
}
