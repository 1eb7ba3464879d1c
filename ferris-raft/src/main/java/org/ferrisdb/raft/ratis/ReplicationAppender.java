package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto.NotificationProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.netty.NettyProtos.RaftNettyServerReplyProto;
import org.apache.ratis.rpc.CallId;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.RatisDoors;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one follower up to date: sends entries as they come, heartbeats when none do, and tells the
 * follower to fetch a checkpoint when the log does not reach back to what it needs. One request at
 * a time, and heartbeats beside it if it takes long; while it is out, entries gather for the next.
 *
 * <p>In the common case no thread waits for anything: whoever appended entries to the log sends
 * them (Ratis calls {@link #notifyLogAppender} right after), and the event loop that brings the
 * answer sends what has gathered. Ratis's way, a thread that is woken to send and woken again by
 * the answer, costs two changes of threads an entry and follower, and Ratis's signal is lost when
 * it comes between the thread's last look and its wait, so that the entry waits for the next
 * heartbeat. The thread is still there for all that may wait or fail: connecting, heartbeats,
 * checkpoints, a follower far behind, retries.
 *
 * <p>{@link #busy} is the right to send and to change what is known of the follower; whoever lets
 * go of it looks once more for entries that came meanwhile.
 */
final class ReplicationAppender extends LogAppenderBase {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationAppender.class);

  /**
   * After this many refusals in a row without progress the follower is told to fetch a checkpoint.
   */
  private static final int REFUSALS_BEFORE_CHECKPOINT = 5;

  /** A follower at most this far behind gets what is in memory: no event loop reads a file. */
  private static final int ENTRIES_IN_MEMORY = 256;

  private static final long NOTIFY_PAUSE_MILLIS = 50;
  private static final long RETRY_PAUSE_MILLIS = 25;

  private final PeerRpc rpc;
  private final AtomicBoolean busy = new AtomicBoolean();

  /** The request that is out without a thread that waits for it. */
  private volatile @Nullable Flight flight;

  /** Set while the thread runs: not before this leader is ready, and not after its end. */
  private volatile boolean started;

  /** Something went wrong without the thread; it is to try, and to say what. */
  private volatile boolean troubled;

  private int refusals;
  private final HeartbeatsBeside beside =
      new HeartbeatsBeside(() -> getHeartbeatWaitTimeMs() <= 0, this::heartbeatBeside);

  /** The next index that the last refusal named. */
  private long refusedNext = RaftLog.INVALID_LOG_INDEX;

  private long failures;
  private volatile long pauseUntilNanos;
  private volatile boolean paused;

  private record Flight(
      AppendEntriesRequestProto request,
      Timestamp sent,
      long deadlineNanos,
      CompletableFuture<RaftNettyServerReplyProto> reply) {}

  ReplicationAppender(RaftServer.Division server, LeaderState leaderState, FollowerInfo follower) {
    super(server, leaderState, follower);
    this.rpc = (PeerRpc) getServerRpc();
  }

  @Override
  public long getCallId() {
    return CallId.get();
  }

  @Override
  public Comparator<Long> getCallIdComparator() {
    return CallId.getComparator();
  }

  @Override
  public void run() throws InterruptedException, IOException {
    long tickMillis = tickMillis();
    Future<?> ticking = rpc.every(tickMillis, beside::tick);
    started = true;
    try {
      while (isRunning()) {
        turn();
        giveUp(System.nanoTime(), "no answer in time");
        await();
        getLeaderState().checkHealth(getFollower());
      }
    } finally {
      started = false;
      ticking.cancel(false);
      giveUp(Long.MAX_VALUE, "this replica leads no more");
    }
  }

  private long tickMillis() {
    return Math.max(1, getServer().properties().minRpcTimeoutMs() / 4);
  }

  /** What the thread does when it is awake. */
  private void turn() throws InterruptedIOException {
    if (!shouldSendAppendEntries() || !pauseIsOver() || !busy.compareAndSet(false, true)) {
      return;
    }
    if (mayFly()) {
      fly();
      return; // whoever brings the answer has the right now
    }
    try {
      sendOne();
      failures = 0;
      troubled = false;
    } catch (InterruptedIOException e) {
      throw e;
    } catch (RaftLogIOException e) {
      // Purged between two looks at it: the next round sees the log's new beginning.
      pause(RETRY_PAUSE_MILLIS);
      LOG.debug("{}: reading the log: {}", this, e.toString());
    } catch (IOException e) {
      failed(e);
    } finally {
      busy.set(false);
    }
  }

  private void sendOne() throws IOException {
    TermIndex first = firstIfCheckpointNeeded();
    if (first != null) {
      notifyInstall(first);
    } else {
      append();
    }
  }

  /** Waits for new entries, the next heartbeat, or the end of a pause. */
  private void await() throws InterruptedException {
    if (!isRunning()) {
      return;
    }
    if (paused) {
      long left = TimeUnit.NANOSECONDS.toMillis(pauseUntilNanos - System.nanoTime()) + 1;
      getEventAwaitForSignal().await(Math.max(1, left), TimeUnit.MILLISECONDS);
    } else if (busy.get()) {
      getEventAwaitForSignal().await(tickMillis(), TimeUnit.MILLISECONDS);
    } else if (!hasAppendEntries()) {
      long wait = getHeartbeatWaitTimeMs();
      if (wait > 0) {
        getEventAwaitForSignal().await(wait, TimeUnit.MILLISECONDS);
      }
    }
  }

  private void pause(long millis) {
    pauseUntilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    paused = true;
  }

  private boolean pauseIsOver() {
    if (paused && System.nanoTime() - pauseUntilNanos < 0) {
      return false;
    }
    paused = false;
    return true;
  }

  private void failed(IOException e) {
    if (failures++ % 100 == 0) {
      LOG.warn("{}: {}", this, e.toString());
    }
    pause(Math.min(RETRY_PAUSE_MILLIS * failures, getServer().properties().minRpcTimeoutMs() / 4));
  }

  // ---- without a thread ------------------------------------------------------------------------

  /**
   * Called by whoever has appended entries to the log, or has seen the commit index move. A signal
   * for nothing is not passed on: there are two or three for each entry.
   */
  @Override
  public void notifyLogAppender() {
    if (!started) {
      return; // its thread looks by itself when it begins
    }
    if (getRaftLog().getLastCommittedIndex() > applied()) {
      RatisDoors.signalApply(getServer());
    }
    if (busy.get()) {
      return; // whoever sends looks again before letting go
    }
    if (hasAppendEntries() && !paused && busy.compareAndSet(false, true)) {
      if (isRunning() && mayFly()) {
        fly();
        return;
      }
      busy.set(false);
    }
    if (shouldSendAppendEntries()) {
      super.notifyLogAppender();
    }
  }

  private long applied() {
    return getServer().getStateMachine().getLastAppliedTermIndex().getIndex();
  }

  /** Whether all is as it mostly is, so that the next entries can be sent by whoever is here. */
  private boolean mayFly() {
    FollowerInfo follower = getFollower();
    return !troubled
        && refusals == 0
        && hasAppendEntries()
        && getRaftLog().getNextIndex() - follower.getNextIndex() <= ENTRIES_IN_MEMORY
        && firstIfCheckpointNeeded() == null;
  }

  /** Sends what there is, with the right to; the right goes on to whoever brings the answer. */
  private void fly() {
    try {
      AppendEntriesRequestProto request = newAppendEntriesRequest(CallId.getAndIncrement(), false);
      if (request != null) {
        Timestamp sent = Timestamp.currentTime();
        long deadline = System.nanoTime() + rpc.timeout(request).toNanos();
        var reply = rpc.send(request);
        if (reply != null) {
          resetHeartbeatTrigger();
          getFollower().updateLastRpcSendTime(request.getEntriesCount() == 0);
          beside.appendBegins();
          Flight out = new Flight(request, sent, deadline, reply);
          flight = out;
          var _ = reply.whenComplete((answer, failure) -> landed(out, answer, failure));
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("{}: sending without the thread: {}", this, e.toString());
    } catch (Error e) {
      // Direct memory may be short for a moment; the right to send must not be lost with it.
      LOG.warn("{}: sending without the thread", this, e);
    }
    troubled = true;
    letGo();
  }

  /** On the event loop that brings the answer, or on the thread that has given it up. */
  private void landed(
      Flight back, @Nullable RaftNettyServerReplyProto answer, @Nullable Throwable failure) {
    flight = null;
    beside.appendEnds();
    boolean goOn = false;
    try {
      if (answer == null) {
        troubled = true;
        LOG.debug("{}: an append without the thread failed", this, failure);
      } else if (isRunning()) {
        answered(back.request(), back.sent(), answer.getAppendEntriesReply());
        goOn = isRunning() && !paused && mayFly();
      }
    } catch (RuntimeException e) {
      troubled = true;
      LOG.warn("{}: an append's answer could not be handled", this, e);
    }
    if (goOn) {
      fly();
    } else {
      letGo();
    }
  }

  private void letGo() {
    busy.set(false);
    notifyLogAppender(); // for what came between the last look and this
  }

  private void giveUp(long nowNanos, String reason) {
    Flight out = flight;
    if (out != null && (nowNanos == Long.MAX_VALUE || nowNanos - out.deadlineNanos() >= 0)) {
      out.reply().completeExceptionally(new IOException(reason));
    }
  }

  // ---- entries and heartbeats ------------------------------------------------------------------

  /** Sends what there is, or a heartbeat, and waits for the answer. */
  private void append() throws IOException {
    AppendEntriesRequestProto request = newAppendEntriesRequest(CallId.getAndIncrement(), false);
    if (request == null) {
      pause(RETRY_PAUSE_MILLIS);
      return;
    }
    resetHeartbeatTrigger();
    Timestamp sent = Timestamp.currentTime();
    getFollower().updateLastRpcSendTime(request.getEntriesCount() == 0);
    beside.appendBegins();
    AppendEntriesReplyProto reply;
    try {
      reply = rpc.appendEntries(request);
    } finally {
      beside.appendEnds();
    }
    answered(request, sent, reply);
  }

  private void answered(
      AppendEntriesRequestProto request, Timestamp sent, AppendEntriesReplyProto reply) {
    FollowerInfo follower = getFollower();
    follower.updateLastRpcResponseTime();
    follower.updateLastRespondedAppendEntriesSendTime(sent);
    getLeaderState().onFollowerCommitIndex(follower, reply.getFollowerCommit());
    handle(request, reply);
    getLeaderState().onAppendEntriesReply(this, reply);
  }

  /**
   * On a thread of its own, so it touches only what is made for several. Its answer says that the
   * follower lives, and nothing about the log: that is the append's to tell, before or after.
   */
  private void heartbeatBeside() {
    try {
      AppendEntriesRequestProto request = newAppendEntriesRequest(CallId.getAndIncrement(), true);
      getFollower().updateLastRpcSendTime(true);
      AppendEntriesReplyProto reply = rpc.appendEntries(request);
      getFollower().updateLastRpcResponseTime();
      if (reply.getResult() == AppendResult.NOT_LEADER) {
        onFollowerTerm(reply.getTerm());
      }
    } catch (IOException | RuntimeException e) {
      // Or this leader has just become none. Another one follows if the append is still out.
      LOG.debug("{}: heartbeat beside an append: {}", this, e.toString());
    }
  }

  private void handle(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
    switch (reply.getResult()) {
      case SUCCESS -> succeeded(request, reply);
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case INCONSISTENCY -> refused(request, reply);
      default -> LOG.warn("{}: unknown result {}", this, reply.getResult());
    }
  }

  private void succeeded(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
    refusals = 0;
    FollowerInfo follower = getFollower();
    long before = follower.getNextIndex();
    long previous =
        request.hasPreviousLog() ? request.getPreviousLog().getIndex() : RaftLog.INVALID_LOG_INDEX;
    long next =
        request.getEntriesCount() == 0 ? Math.max(before, previous + 1) : reply.getNextIndex();
    if (next > before) {
      follower.updateMatchIndex(next - 1);
      follower.increaseNextIndex(next);
      if (isNews(next - 1)) {
        getLeaderState().onFollowerSuccessAppendEntries(follower);
      }
    }
  }

  /**
   * Whether Ratis's event thread is to be woken for what the follower has confirmed. Of three
   * replicas the third confirms what is committed already, and nobody waits for that, except one
   * that joins or is to become the leader.
   */
  private boolean isNews(long confirmed) {
    return confirmed > getRaftLog().getLastCommittedIndex()
        || getLeaderState().isFollowerBootstrapping(getFollower())
        || RatisDoors.transfersLeadership(getServer());
  }

  /**
   * Goes by what the follower names and not by what is tried next: Ratis never tries the same index
   * twice in a row, so a follower that refuses everything is offered N, N-1, N, and so on.
   */
  private void refused(AppendEntriesRequestProto request, AppendEntriesReplyProto reply) {
    long first =
        request.getEntriesCount() == 0
            ? RaftLog.INVALID_LOG_INDEX
            : request.getEntries(0).getIndex();
    getFollower().setNextIndex(getNextIndexForInconsistency(first, reply.getNextIndex()));
    if (reply.getNextIndex() == refusedNext) {
      refusals++;
      pause(RETRY_PAUSE_MILLIS);
    } else {
      refusals = 0;
      refusedNext = reply.getNextIndex();
    }
  }

  // ---- checkpoints -----------------------------------------------------------------------------

  /** The beginning of this leader's log if the follower needs what was before it, else null. */
  private @Nullable TermIndex firstIfCheckpointNeeded() {
    FollowerInfo follower = getFollower();
    if (refusals >= REFUSALS_BEFORE_CHECKPOINT) {
      // It refuses the same entries again and again. Either it is still installing a checkpoint
      // that
      // an earlier leader told it of, and waits to be asked how that went, or it lacks what it once
      // confirmed. A notification resolves both.
      return beginningOfLog();
    }
    boolean joining =
        getLeaderState().isFollowerBootstrapping(follower)
            && !follower.hasAttemptedToInstallSnapshot();
    boolean justInstalled =
        follower.getSnapshotIndex() != RaftLog.INVALID_LOG_INDEX
            && follower.getNextIndex() == follower.getSnapshotIndex() + 1
            && follower.getNextIndex() >= getRaftLog().getStartIndex();
    // Its checkpoint ends where our log begins: nothing before is needed, though Ratis would ask
    // again
    // and again because it can not name the entry before (RATIS-2500).
    return justInstalled && !joining ? null : shouldNotifyToInstallSnapshot();
  }

  private TermIndex beginningOfLog() {
    TermIndex first = getRaftLog().getTermIndex(getRaftLog().getStartIndex());
    return first != null
        ? first
        : TermIndex.valueOf(getServer().getInfo().getCurrentTerm(), getRaftLog().getNextIndex());
  }

  /**
   * As Ratis's, but without its lock: a leader that steps down holds it while it waits for this
   * thread to end, five seconds if need be, and nothing of the group moves on this node meanwhile.
   * Term and sender are those of an append, so that no later term is spoken for.
   */
  @Override
  public InstallSnapshotRequestProto newInstallSnapshotNotificationRequest(TermIndex first) {
    AppendEntriesRequestProto heartbeat =
        getLeaderState()
            .newAppendEntriesRequestProto(getFollower(), List.of(), null, CallId.getAndIncrement());
    RaftConfiguration conf = getServer().getRaftConf();
    return InstallSnapshotRequestProto.newBuilder()
        .setServerRequest(heartbeat.getServerRequest())
        .setLeaderTerm(heartbeat.getLeaderTerm())
        .setLastRaftConfigurationLogEntryProto(
            LogProtoUtils.toLogEntryProto(conf, null, conf.getLogEntryIndex()))
        .setNotification(NotificationProto.newBuilder().setFirstAvailableTermIndex(first.toProto()))
        .build();
  }

  /** As Ratis's, and for the same reason without its lock; it only asks for the step down. */
  @Override
  public boolean onFollowerTerm(long term) {
    return isRunning() && getLeaderState().onFollowerTerm(getFollower(), term);
  }

  private void notifyInstall(TermIndex first) throws IOException {
    FollowerInfo follower = getFollower();
    resetHeartbeatTrigger();
    follower.updateLastRpcSendTime(false);
    InstallSnapshotReplyProto reply =
        rpc.installSnapshot(newInstallSnapshotNotificationRequest(first));
    follower.updateLastRpcResponseTime();
    switch (reply.getResult()) {
      case IN_PROGRESS -> pause(NOTIFY_PAUSE_MILLIS);
      case SNAPSHOT_INSTALLED, ALREADY_INSTALLED -> {
        long index = reply.getSnapshotIndex();
        LOG.info("{}: {} at index {}", this, reply.getResult(), index);
        refusals = 0;
        follower.setSnapshotIndex(index);
        follower.setAttemptedToInstallSnapshot();
        getLeaderState().onFollowerCommitIndex(follower, index);
        if (reply.getResult() == InstallSnapshotResult.SNAPSHOT_INSTALLED) {
          follower.setNextIndex(index + 1);
        } else {
          follower.updateNextIndex(index + 1);
        }
      }
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case SNAPSHOT_UNAVAILABLE -> {
        follower.setAttemptedToInstallSnapshot();
        pause(NOTIFY_PAUSE_MILLIS);
      }
      default -> {
        LOG.error("{}: a notification was answered {}", this, reply.getResult());
        pause(NOTIFY_PAUSE_MILLIS);
      }
    }
  }
}
