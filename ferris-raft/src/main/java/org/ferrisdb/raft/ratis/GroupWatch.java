package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ratis.RatisGroup.Opened;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after all replicas of a node from one thread: has a follower stand for election whose
 * leader is silent, makes a leader step down that a majority has stopped answering (Ratis looks for
 * that only when it is idle, so a leader that keeps receiving writes would stay one for ever),
 * finds a term that could not be written, has replicas closed that failed, and logs compacted that
 * have grown too large.
 */
final class GroupWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupWatch.class);
  private static final long ROUND_MILLIS = 100;
  private static final int ROUNDS_PER_MEASURE = 10;

  /** One entry may take long to apply, behind a flush for instance; not this long. */
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** When a log does not get smaller by it, for instance while nothing can be applied. */
  private static final long COMPACTION_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final RatisHost host;
  private final LeaderSilence silence;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);

  /** How far a leader that is not ready has applied, and since when. */
  private record Starting(long term, long applied, long sinceNanos) {}

  /** By the watch's thread. */
  private final Map<GroupId, Starting> starting = new HashMap<>();

  /** A term that Ratis has not written, and since when. */
  private record Unwritten(long term, long sinceNanos) {}

  /** By the watch's thread. */
  private final Map<GroupId, Unwritten> unwritten = new HashMap<>();

  /** Terms already asked to step down from. */
  private final Map<GroupId, Long> steppingDown = new ConcurrentHashMap<>();

  /**
   * A log's compaction.
   *
   * @param nanos when it ended
   * @param bytesLeft of the log; what is more has come since
   */
  private record Compaction(long nanos, long bytesLeft) {
    Compaction withBytes(long left) {
      return new Compaction(nanos, left);
    }
  }

  private final Set<GroupId> compacting = new HashSet<>();
  private final Map<GroupId, Compaction> lastCompaction = new HashMap<>();

  GroupWatch(RatisHost host) {
    this.host = host;
    this.silence = new LeaderSilence(host);
    this.thread =
        Thread.ofPlatform().daemon().name("raft-watch-" + host.self().id()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      for (long round = 0; !closing.await(ROUND_MILLIS, TimeUnit.MILLISECONDS); round++) {
        for (RatisGroup group : host.replicasOpen()) {
          try {
            look(group, round % ROUNDS_PER_MEASURE == 0);
          } catch (IOException | RuntimeException e) {
            // The replica is changing its term, or closing: the next round tells.
            LOG.debug("{}: {}", group, e.toString());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(RatisGroup group, boolean measure) throws IOException {
    Opened now = group.current();
    if (now == null) {
      host.closeFailed(group);
      return;
    }
    silence.look(group, now);
    checkTerm(group, now);
    checkLeadership(group, now);
    if (measure) {
      long bytes = LogRetention.list(now.logDirectory()).bytes();
      group.logBytes(bytes);
      if (bytes > host.settings().options().logBytesBeforeCompaction()) {
        compact(group, now, bytes);
      }
    }
  }

  // ---- the term --------------------------------------------------------------------------------

  /**
   * A candidate whose vote for itself can not be written is none any more, and Ratis leaves it at
   * that: nothing would ever come of it. Where requests arrive they find out as well.
   */
  private void checkTerm(RatisGroup group, Opened now) throws IOException {
    long term = now.division().getInfo().getCurrentTerm();
    if (term <= now.replica().vote().writtenTerm()) {
      unwritten.remove(group.id());
      return;
    }
    // It is about to be written, most often.
    Unwritten known = unwritten.get(group.id());
    if (known == null || known.term() != term) {
      unwritten.put(group.id(), new Unwritten(term, System.nanoTime()));
    } else if (System.nanoTime() - known.sinceNanos()
        > host.settings().requestTimeout().toNanos()) {
      unwritten.remove(group.id());
      now.replica().failed(new IOException("term " + term + " could not be written"));
    }
  }

  // ---- leadership ------------------------------------------------------------------------------

  private void checkLeadership(RatisGroup group, Opened now) {
    RaftServer.Division division = now.division();
    if (!division.getInfo().isLeader()) {
      steppingDown.remove(group.id());
      return;
    }
    var role = division.getInfo().getRoleInfoProto();
    long limit = host.settings().options().electionTimeoutMax().toMillis();
    if (role.getRoleElapsedTimeMs() < limit || !role.hasLeaderInfo()) {
      return;
    }
    Set<NodeId> answering = new HashSet<>();
    answering.add(host.self().id());
    for (var follower : role.getLeaderInfo().getFollowerInfoList()) {
      if (follower.getLastRpcElapsedTimeMs() <= limit) {
        answering.add(Members.of(follower.getId()).id());
      }
    }
    long term = role.getLeaderInfo().getTerm();
    boolean withdrawn =
        now.replica().notices().leadingTerm() != term && division.getInfo().isLeaderReady();
    boolean stuck = isStuck(group, now, term);
    boolean heard = hasMajority(division.getRaftConf(), answering);
    if (heard && !withdrawn && !stuck) {
      return;
    }
    Long asked = steppingDown.put(group.id(), term);
    if (asked == null || asked != term) {
      String why =
          stuck ? "nothing applies" : withdrawn ? "the replica ended" : "a majority is silent";
      LOG.warn("{}: {}, leadership of term {} is given up", group, why, term);
      if (!heard) {
        silence.giveUp(group, now, term);
      }
      var _ =
          group
              .stepDown()
              .whenComplete((done, failure) -> {
                if (failure != null) {
                  steppingDown.remove(group.id(), term); // asked again in the next round
                }
              });
    }
  }

  /** Whether a leader that has not applied its first entry has applied nothing at all for long. */
  private boolean isStuck(RatisGroup group, Opened now, long term) {
    if (now.division().getInfo().isLeaderReady()) {
      starting.remove(group.id());
      return false;
    }
    long applied = now.replica().getLastAppliedTermIndex().getIndex();
    Starting known = starting.get(group.id());
    if (known == null || known.term() != term || known.applied() != applied) {
      starting.put(group.id(), new Starting(term, applied, System.nanoTime()));
      return false;
    }
    return System.nanoTime() - known.sinceNanos() > STUCK_NANOS;
  }

  /** A majority of the members, and while they change, of the former ones too. */
  private static boolean hasMajority(RaftConfiguration conf, Set<NodeId> answering) {
    return majorityOf(conf.getCurrentPeers(), answering)
        && (conf.getPreviousPeers().isEmpty() || majorityOf(conf.getPreviousPeers(), answering));
  }

  private static boolean majorityOf(Collection<RaftPeer> voters, Set<NodeId> answering) {
    long count = voters.stream().filter(v -> answering.contains(Members.of(v).id())).count();
    return count > voters.size() / 2;
  }

  // ---- the log's size --------------------------------------------------------------------------

  /**
   * A log that is kept for a member is purged as soon as that one needs it no more, but what is new
   * in it is flushed only once it is worth it.
   */
  private void compact(RatisGroup group, Opened now, long bytes) {
    boolean flush;
    synchronized (compacting) {
      Compaction last = lastCompaction.get(group.id());
      boolean justDone = last != null && System.nanoTime() - last.nanos() < COMPACTION_PAUSE_NANOS;
      if (justDone || !compacting.add(group.id())) {
        return;
      }
      long grown = host.settings().options().logBytesBeforeCompaction() / 2;
      flush = last == null || bytes - last.bytesLeft() >= grown;
    }
    CompletableFuture<RaftPosition> done = flush ? group.compactLog() : group.purgeLog();
    var _ =
        done.whenComplete((position, failure) -> {
          long left = failure == null ? bytesOf(now, bytes) : 0; // 0: flushed again in a while
          synchronized (compacting) {
            compacting.remove(group.id());
            lastCompaction.merge(
                group.id(),
                new Compaction(System.nanoTime(), left),
                (last, next) ->
                    flush ? next : next.withBytes(Math.min(last.bytesLeft(), next.bytesLeft())));
          }
          if (failure != null) {
            LOG.warn("{}: log not compacted: {}", group, failure.toString());
          }
        });
  }

  private static long bytesOf(Opened now, long otherwise) {
    try {
      return LogRetention.list(now.logDirectory()).bytes();
    } catch (IOException e) {
      return otherwise; // being closed: the next round tells
    }
  }

  @Override
  public void close() {
    closing.countDown();
    silence.close();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
