package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftPosition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Catches a replica up whose leader's log no longer reaches back to it: fetches a checkpoint on a
 * thread of its own and installs it. The leader repeats its notification until it hears of the end,
 * so a failed attempt is simply reported as such and the next notification starts another, after a
 * pause that grows. Thread-safe.
 */
final class CheckpointInstaller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointInstaller.class);
  private static final long MIN_PAUSE_MILLIS = 100;
  private static final long MAX_PAUSE_MILLIS = 5_000;

  /** Brings a checkpoint to this node and clears up behind it. */
  interface Source {
    /** A directory that does not exist yet, for one attempt. */
    Path newDirectory(GroupId group) throws IOException;

    RaftPosition fetch(GroupId group, RaftMember from, Path directory) throws IOException;

    /** Deletes what is left of it. */
    void discard(Path directory);
  }

  private final GroupId group;
  private final Source source;
  private final ReplicaStateMachine replica;

  private @Nullable Thread worker;
  private boolean closed;
  private long failures;

  /** First index of the leader's log that Ratis is waiting for; -1 if it waits for nothing. */
  private long awaited = RaftLog.INVALID_LOG_INDEX;

  CheckpointInstaller(GroupId group, Source source, ReplicaStateMachine replica) {
    this.group = group;
    this.source = source;
    this.replica = replica;
  }

  /**
   * Starts an attempt.
   *
   * @return completed with what is then durable, which Ratis takes as the beginning of the log
   */
  synchronized CompletableFuture<TermIndex> begin(RaftMember leader, TermIndex firstInLog) {
    if (closed) {
      return CompletableFuture.failedFuture(new IOException("closed"));
    }
    CompletableFuture<TermIndex> done = new CompletableFuture<>();
    awaited = firstInLog.getIndex();
    worker =
        Thread.ofPlatform()
            .daemon()
            .name("raft-checkpoint-" + group)
            .start(() -> attempt(leader, firstInLog, done));
    return done;
  }

  private void attempt(RaftMember leader, TermIndex firstInLog, CompletableFuture<TermIndex> done) {
    try {
      pause();
      RaftPosition durable = fetchAndInstall(leader, firstInLog);
      synchronized (this) {
        failures = 0;
      }
      LOG.info("group {}: caught up to {} by a checkpoint from {}", group, durable, leader);
      done.complete(ReplicaStateMachine.termIndex(durable));
    } catch (IOException | RuntimeException | InterruptedException | Error e) {
      LOG.warn("group {}: no checkpoint from {}: {}", group, leader, e.toString());
      synchronized (this) {
        failures++;
        if (awaited == firstInLog.getIndex()) {
          awaited = RaftLog.INVALID_LOG_INDEX;
        }
      }
      // Last: from here on Ratis begins the next attempt, which sets what is awaited anew.
      done.completeExceptionally(e);
    }
  }

  private void pause() throws InterruptedException {
    long millis;
    synchronized (this) {
      millis =
          failures == 0
              ? 0
              : Math.min(MAX_PAUSE_MILLIS, MIN_PAUSE_MILLIS << Math.min(failures - 1, 10));
    }
    TimeUnit.MILLISECONDS.sleep(millis);
  }

  private RaftPosition fetchAndInstall(RaftMember leader, TermIndex firstInLog) throws IOException {
    Path directory = source.newDirectory(group);
    try {
      RaftPosition fetched = source.fetch(group, leader, directory);
      if (fetched.index() + 1 < firstInLog.getIndex()) {
        throw new IOException("checkpoint at " + fetched + ", log begins at " + firstInLog);
      }
      return replica.install(directory, fetched);
    } finally {
      source.discard(directory);
    }
  }

  /** Ratis knows how the attempt ended. */
  synchronized void reported() {
    awaited = RaftLog.INVALID_LOG_INDEX;
  }

  /**
   * Makes a notification fit the attempt under way. Ratis refuses one that names an earlier index
   * than the first did, as a new leader's can, and would then stay in "installing" for ever.
   */
  synchronized InstallSnapshotRequestProto adjust(InstallSnapshotRequestProto request) {
    if (!request.hasNotification()
        || request.getNotification().getFirstAvailableTermIndex().getIndex() >= awaited) {
      return request;
    }
    InstallSnapshotRequestProto.Builder changed = request.toBuilder();
    changed.getNotificationBuilder().getFirstAvailableTermIndexBuilder().setIndex(awaited);
    return changed.build();
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = worker;
    }
    if (running != null && running != Thread.currentThread()) {
      running.interrupt();
    }
  }
}
