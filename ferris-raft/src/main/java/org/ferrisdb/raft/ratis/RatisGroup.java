package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.raftlog.RaftLog;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.GroupStatus.FollowerProgress;
import org.ferrisdb.raft.LogEnd;
import org.ferrisdb.raft.LogHold;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome;
import org.ferrisdb.raft.ProposalOutcome.NotProposed;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftPosition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica, for as long as the node has it: the object stays the same when the replica fails and
 * is reopened.
 */
final class RatisGroup implements RaftGroup {
  private static final Logger LOG = LoggerFactory.getLogger(RatisGroup.class);

  /** A member that joins may have to fetch a checkpoint of many gigabytes first. */
  private static final Duration CHANGE_TIMEOUT = Duration.ofMinutes(10);

  /** Ratis reports a flush that failed only by this; the next one can not start before. */
  private static final Duration COMPACTION_TIMEOUT = Duration.ofSeconds(30);

  /** Ratis does not tell when a log that is being closed will not be purged any more. */
  private static final Duration PURGE_WAIT = Duration.ofSeconds(2);

  /** A member that has been silent for so many election timeouts is taken for dead. */
  private static final int ANSWERING_TIMEOUTS = 5;

  private final GroupId id;
  private final RatisHost host;
  private final AtomicReference<Opened> opened = new AtomicReference<>();
  private volatile @Nullable Throwable failure;
  private volatile long logBytes;
  private final LogHolds holds = new LogHolds();

  /** What exists between opening and closing. */
  record Opened(RaftServer.Division division, ReplicaStateMachine replica) {
    Path logDirectory() {
      return division.getRaftStorage().getStorageDir().getCurrentDir().toPath();
    }
  }

  RatisGroup(GroupId id, RatisHost host) {
    this.id = id;
    this.host = host;
  }

  @Override
  public GroupId id() {
    return id;
  }

  void opened(Opened now) {
    failure = null;
    opened.set(now);
    Throwable early = now.replica().failure();
    if (early != null) {
      failed(now.replica(), early); // before it was ours to know
    }
  }

  /** Of the given opening only: a late notice from an earlier one changes nothing. */
  void failed(@Nullable ReplicaStateMachine of, Throwable cause) {
    Opened now = opened.get();
    if (failure == null && (of == null || now == null || now.replica() == of)) {
      failure = cause;
    }
  }

  @Nullable Opened current() {
    return failure == null ? opened.get() : null;
  }

  /** The opening that failed and may still be open in Ratis; null if there is none. */
  @Nullable Opened failedOpening() {
    return failure == null ? null : opened.get();
  }

  void logBytes(long bytes) {
    logBytes = bytes;
  }

  @Override
  public CompletableFuture<ProposalOutcome> propose(ByteBuffer payload) {
    Opened now = current();
    if (now == null) {
      return notProposed("the replica failed: " + failure);
    }
    int limit = host.settings().options().maxEntryBytes();
    if (payload.remaining() > limit) {
      return notProposed("entry of " + payload.remaining() + " bytes, limit " + limit);
    }
    Proposal proposal = new Proposal(payload);
    Unanswered unanswered = now.replica().unanswered();
    if (!unanswered.add(proposal)) {
      proposal.refused("the replica ended");
      return proposal.outcome();
    }
    var _ = proposal.outcome().whenComplete((outcome, never) -> unanswered.remove(proposal));
    try {
      var _ =
          ((RaftClientAsynchronousProtocol) now.division())
              .submitClientRequestAsync(
                  RaftClientRequest.newBuilder()
                      .setClientId(host.client())
                      .setServerId(host.peerId())
                      .setGroupId(ratisId())
                      .setCallId(host.nextCall())
                      .setMessage(proposal)
                      .setType(RaftClientRequest.writeRequestType())
                      .build())
              .whenComplete(proposal::answered);
    } catch (IOException | RuntimeException e) {
      proposal.answered(null, e);
    }
    return proposal.outcome();
  }

  private static CompletableFuture<ProposalOutcome> notProposed(String reason) {
    return CompletableFuture.completedFuture(new NotProposed(null, reason));
  }

  // ---- status ----------------------------------------------------------------------------------

  @Override
  public GroupStatus status() {
    Opened now = current();
    if (now != null) {
      try {
        return status(now);
      } catch (RuntimeException e) {
        // Ratis asserts that terms did not change while we looked, and that its log is open.
        Opened again = current();
        if (again != null && again.division().getInfo().getLifeCycleState().isRunning()) {
          try {
            return status(again);
          } catch (RuntimeException twice) {
            return unavailable();
          }
        }
      }
    }
    return unavailable();
  }

  @Override
  public LogEnd logEnd() {
    Opened now = current();
    if (now == null || !now.replica().takesPart()) {
      return LogEnd.NONE;
    }
    RaftLog log = now.division().getRaftLog();
    return new LogEnd(log.getNextIndex() - 1, log.getFlushIndex());
  }

  private GroupStatus unavailable() {
    return new GroupStatus(
        GroupStatus.Role.FAILED, 0, null, List.of(), -1, -1, logBytes, List.of());
  }

  private GroupStatus status(Opened now) {
    RaftServer.Division division = now.division();
    DivisionInfo info = division.getInfo();
    GroupStatus.Role role =
        switch (info.getCurrentRole()) {
          case LEADER ->
              info.isLeaderReady() ? GroupStatus.Role.LEADER : GroupStatus.Role.CANDIDATE;
          case CANDIDATE -> GroupStatus.Role.CANDIDATE;
          default -> GroupStatus.Role.FOLLOWER;
        };
    return new GroupStatus(
        role,
        info.getCurrentTerm(),
        Members.node(info.getLeaderId()),
        members(division, role == GroupStatus.Role.LEADER),
        division.getRaftLog().getLastCommittedIndex(),
        now.replica().getLastAppliedTermIndex().getIndex(),
        logBytes,
        role == GroupStatus.Role.LEADER ? followers(division) : List.of());
  }

  /** Ratis goes by a configuration from the moment it is in the log; we tell once it stays. */
  private static List<RaftMember> members(RaftServer.Division division, boolean committedOnly) {
    RaftConfiguration configuration = division.getRaftConf();
    boolean stays =
        configuration.getPreviousPeers().isEmpty()
            && configuration.getLogEntryIndex() <= division.getRaftLog().getLastCommittedIndex();
    return stays || !committedOnly
        ? configuration.getAllPeers().stream().map(Members::of).toList()
        : List.of();
  }

  private static List<FollowerProgress> followers(RaftServer.Division division) {
    DivisionInfo info = division.getInfo();
    RaftLog log = division.getRaftLog();
    RoleInfoProto role = info.getRoleInfoProto();
    long[] matched = info.getFollowerMatchIndices();
    long[] next = info.getFollowerNextIndices();
    List<ServerRpcProto> infos = role.getLeaderInfo().getFollowerInfoList();
    List<FollowerProgress> followers = new ArrayList<>(infos.size());
    for (int i = 0; i < infos.size(); i++) {
      ServerRpcProto follower = infos.get(i);
      // All lists are in the order of the appenders; while members change they may not fit.
      long match = matched != null && matched.length == infos.size() ? matched[i] : -1;
      boolean known = next != null && next.length == infos.size();
      followers.add(
          new FollowerProgress(
              Members.of(follower.getId()).id(),
              match,
              follower.getLastRpcElapsedTimeMs(),
              known && needsCheckpoint(next[i], log.getStartIndex())));
    }
    return followers;
  }

  /**
   * Whether what a follower is to be sent next is no longer in the log. Not by what it has
   * confirmed: of one that has fetched a checkpoint nothing is confirmed until the next entry,
   * which in a group at rest may not come for long. Pure.
   *
   * @param next the index that the follower is sent next
   * @param begin the first index of the leader's log, -1 if it is empty
   */
  static boolean needsCheckpoint(long next, long begin) {
    return begin > 0 && next < begin;
  }

  // ---- administration --------------------------------------------------------------------------

  /**
   * Ratis refuses writes from the moment a transfer begins until it ends one way or the other, so
   * none is begun to a member that may be dead or far behind, and none goes on for longer than the
   * election would take that is its alternative.
   */
  @Override
  public CompletableFuture<Void> transferLeadership(NodeId target, Duration timeout) {
    String objection = Successor.objection(status(), target, host.settings().options());
    if (!objection.isEmpty()) {
      return CompletableFuture.failedFuture(new IOException(this + ": " + objection));
    }
    Duration longest = host.settings().options().electionTimeoutMax();
    Duration limit = timeout.compareTo(longest) < 0 ? timeout : longest;
    return ask(
            () ->
                host.server()
                    .transferLeadershipAsync(
                        new TransferLeadershipRequest(
                            host.client(),
                            host.peerId(),
                            ratisId(),
                            host.nextCall(),
                            RaftPeerId.valueOf(target.value()),
                            limit.toMillis())),
            "transferring leadership",
            limit.plus(host.settings().requestTimeout()))
        .thenApply(reply -> null);
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    return ask(
            () ->
                host.server()
                    .transferLeadershipAsync(
                        new TransferLeadershipRequest(
                            host.client(),
                            host.peerId(),
                            ratisId(),
                            host.nextCall(),
                            null,
                            host.settings().requestTimeout().toMillis())),
            "stepping down",
            host.settings().requestTimeout().multipliedBy(2))
        .thenApply(reply -> null);
  }

  @Override
  public CompletableFuture<Void> changeMembers(List<RaftMember> expected, List<RaftMember> next) {
    return changeMembers(expected, next, CHANGE_TIMEOUT);
  }

  CompletableFuture<Void> changeMembers(
      List<RaftMember> expected, List<RaftMember> next, Duration timeout) {
    SetConfigurationRequest.Arguments arguments =
        SetConfigurationRequest.Arguments.newBuilder()
            .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
            .setServersInCurrentConf(Members.peers(expected))
            .setServersInNewConf(Members.peers(next))
            .build();
    return ask(
            () ->
                host.server()
                    .setConfigurationAsync(
                        new SetConfigurationRequest(
                            host.client(), host.peerId(), ratisId(), host.nextCall(), arguments)),
            "changing members",
            timeout)
        .whenComplete((reply, failure) -> {
          if (failure != null && isAssertion(cause(failure))) {
            giveUpConfused(failure);
          }
        })
        .thenApply(reply -> null);
  }

  /** Thrown by Ratis as it was asked, or told in its answer. */
  private static boolean isAssertion(Throwable failure) {
    return failure instanceof IllegalStateException
        || failure.getCause() instanceof IllegalStateException;
  }

  /**
   * An assertion of Ratis's failed in its leader. One way to that (3.3.0): a leader elected in the
   * middle of a removal goes on sending to the member that is removed ({@code
   * LeaderStateImpl.StartupLogEntry} makes the change stable and removes no sender), so when that
   * member is to come back it "is there already", and from then on every change is "under way" for
   * as long as it leads. The next leader begins with a state of its own.
   */
  private void giveUpConfused(Throwable failure) {
    LOG.warn(
        "{}: leadership is given up, Ratis can not change members: {}", this, failure.toString());
    var _ =
        stepDown()
            .whenComplete((done, e) -> {
              if (e != null) {
                LOG.info("{}: not given up: {}", this, e.toString());
              }
            });
  }

  @Override
  public CompletableFuture<RaftPosition> compactLog() {
    return ask(
            () ->
                host.server()
                    .snapshotManagementAsync(
                        SnapshotManagementRequest.newCreate(
                            host.client(),
                            host.peerId(),
                            ratisId(),
                            host.nextCall(),
                            COMPACTION_TIMEOUT.toMillis(),
                            1)),
            "compacting the log",
            COMPACTION_TIMEOUT.multipliedBy(2))
        .thenCompose(reply -> purgeLog());
  }

  /** Lets go of what the log need not keep any more; done once the files are gone. */
  CompletableFuture<RaftPosition> purgeLog() {
    return CompletableFuture.supplyAsync(
        this::purge, task -> Thread.ofVirtual().name("raft-purge-" + id).start(task));
  }

  private RaftPosition purge() {
    Opened now = current();
    if (now == null) {
      return RaftPosition.NONE;
    }
    RaftPosition durable = now.replica().durable();
    RaftOptions options = host.settings().options();
    RaftLog log = now.division().getRaftLog();
    GroupStatus status = status();
    if (status.role() == GroupStatus.Role.FAILED || status.role() == GroupStatus.Role.CANDIDATE) {
      return durable; // who needs what is not known: the next time tells
    }
    try {
      long followers =
          LogRetention.neededFrom(
              log.getStartIndex(),
              status.followers(),
              options.electionTimeoutMax().multipliedBy(ANSWERING_TIMEOUTS));
      // Last, the claims: one that is made after this is of a later checkpoint, and what is durable
      // by now is in that.
      long from = Math.min(followers, holds.first());
      long upTo =
          LogRetention.purgeUpTo(
              LogRetention.list(now.logDirectory()),
              durable.index(),
              LogRetention.Keep.of(options, from));
      if (upTo >= 0) {
        var _ = log.purge(upTo).get(PURGE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException e) {
      LOG.debug("{}: the log's writer is busy, or has ended: purged later, or not at all", this);
    } catch (IOException e) {
      throw new UncheckedIOException("group " + id, e);
    } catch (ExecutionException e) {
      throw new CompletionException("group " + id + ": log not purged", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    }
    return durable;
  }

  @Override
  public LogHold holdLog() {
    return holds.add();
  }

  /** A request to Ratis's own administration. */
  private interface Request {
    CompletableFuture<RaftClientReply> send() throws IOException;
  }

  /**
   * On a thread of its own, because Ratis makes the caller wait for its executors. The answer comes
   * in time whatever Ratis does: it waits for a member that joins as long as that makes progress,
   * and forgets who asked when its log fails.
   */
  private CompletableFuture<RaftClientReply> ask(Request request, String what, Duration timeout) {
    CompletableFuture<RaftClientReply> answer = new CompletableFuture<>();
    Unanswered.Question question =
        reason -> answer.completeExceptionally(new IOException(what + ", " + this + ": " + reason));
    Opened now = current();
    if (now == null || !now.replica().unanswered().add(question)) {
      question.ended("the replica failed: " + failure);
      return answer;
    }
    Thread.ofVirtual()
        .name("raft-admin-" + id)
        .start(() -> {
          try {
            var _ = request.send().whenComplete((reply, e) -> settle(answer, reply, e));
          } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((reply, e) -> now.replica().unanswered().remove(question))
        .exceptionallyCompose(e -> CompletableFuture.failedFuture(inWords(e, what, timeout)));
  }

  private Throwable inWords(Throwable failure, String what, Duration timeout) {
    Throwable cause = cause(failure);
    return cause instanceof TimeoutException
        ? new TimeoutException(
            what + ", " + this + ": no answer in " + timeout + "; it may still happen")
        : cause;
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void settle(
      CompletableFuture<RaftClientReply> answer,
      @Nullable RaftClientReply reply,
      @Nullable Throwable failure) {
    Throwable cause = failure == null ? null : cause(failure);
    if (cause == null && reply != null && !reply.isSuccess()) {
      cause = reply.getException();
    }
    if (reply != null && reply.isSuccess()) {
      answer.complete(reply);
    } else {
      answer.completeExceptionally(new IOException("group " + id + ": " + cause, cause));
    }
  }

  private RaftGroupId ratisId() {
    return Members.group(id);
  }

  @Override
  public String toString() {
    return "group " + id;
  }
}
