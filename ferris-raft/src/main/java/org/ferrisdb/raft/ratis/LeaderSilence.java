package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.Elections;
import org.apache.ratis.server.protocol.TermIndex;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.ratis.RatisGroup.Opened;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both ends of a leader that is not heard, or does not hear. A follower that hears nothing stands
 * for election in time ({@link ElectionTimer}), with a pre-vote: a leader that only this node does
 * not hear is not disturbed. A leader that hears nothing and gives up says so, in case it is heard:
 * its followers would otherwise wait for their timeout from its last heartbeat on. See decision
 * 0014.
 *
 * <p>{@link #look} is called by the watch's thread only; what it starts runs on virtual threads,
 * because Ratis holds a replica's monitor while it writes its vote.
 */
final class LeaderSilence implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderSilence.class);

  private final RatisHost host;
  private final Random random = new Random();
  private final Map<GroupId, ElectionTimer> timers = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);

  LeaderSilence(RatisHost host) {
    this.host = host;
  }

  // ---- a follower ------------------------------------------------------------------------------

  /** Looks whether the replica is to stand for election. Never waits. */
  void look(RatisGroup group, Opened open) {
    ReplicaStateMachine replica = open.replica();
    RaftServer.Division division = open.division();
    var options = host.settings().options();
    ElectionTimer timer =
        timers.computeIfAbsent(
            group.id(),
            id ->
                new ElectionTimer(
                    options.electionTimeoutMin(), options.electionTimeoutMax(), random));
    long now = System.nanoTime();
    long heard = replica.signs().lastNanos();
    if (!replica.signs().hasHeard()
        || !timer.isSilent(heard, now)
        || !replica.takesPart()
        || !Elections.mayStand(division)) {
      timer.allIsWell(now);
      return;
    }
    NodeId leader = Members.node(division.getInfo().getLeaderId());
    List<RaftMember> voters = voters(division);
    int rank = LeaderLoss.rank(group.id(), voters, leader, host.self().id());
    int ranks = voters.size() - (leader == null ? 0 : 1);
    if (rank >= 0 && timer.stands(heard, now, rank, Math.max(1, ranks))) {
      Thread.ofVirtual().name("raft-stand-" + group.id()).start(() -> stand(group, open, heard));
    }
  }

  private static void stand(RatisGroup group, Opened open, long heard) {
    try {
      if (!open.replica().requests().alone(() -> standIfSilent(open, heard))) {
        return;
      }
      // At DEBUG: a node that is cut off stands twice a second in each of its groups.
      LOG.debug(
          "{}: stands for election, nothing heard for {} ms",
          group,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heard));
    } catch (IOException | RuntimeException e) {
      LOG.warn("{}: can not stand for election", group, e);
    }
  }

  /**
   * In the replica's order of requests: whoever is in it and finds a follower can rely on it that
   * it stays one.
   */
  private static boolean standIfSilent(Opened open, long heard) {
    RaftServer.Division division = open.division();
    synchronized (division) {
      if (open.replica().signs().lastNanos() != heard
          || !open.replica().takesPart()
          || !Elections.mayStand(division)) {
        return false;
      }
      Elections.stand(division, false);
      return true;
    }
  }

  private static List<RaftMember> voters(RaftServer.Division division) {
    return division.getRaftConf().getCurrentPeers().stream().map(Members::of).toList();
  }

  // ---- a leader --------------------------------------------------------------------------------

  /**
   * This leader gives up because a majority is silent: asks its followers to stand, one after the
   * other like those of a leader that is gone ({@link LeaderLoss}). Whoever knows a later term
   * refuses. Returns at once; nothing need come of it.
   */
  void giveUp(RatisGroup group, Opened open, long term) {
    Thread.ofVirtual()
        .name("raft-give-up-" + group.id())
        .start(() -> {
          try {
            askAll(group, open, term);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void askAll(RatisGroup group, Opened open, long term) throws InterruptedException {
    List<RaftMember> voters = voters(open.division());
    NodeId self = host.self().id();
    long pauseMillis = host.settings().options().electionTimeoutMin().toMillis() / 2;
    for (int turn = 0; turn < voters.size() - 1; turn++) {
      if (turn > 0 && closing.await(pauseMillis, TimeUnit.MILLISECONDS)) {
        return;
      }
      int rank = turn;
      voters.stream()
          .filter(v -> LeaderLoss.rank(group.id(), voters, self, v.id()) == rank)
          .forEach(v ->
              Thread.ofVirtual()
                  .name("raft-give-up-" + group.id() + "-to-" + v.id())
                  .start(() -> ask(group, open.division(), v.id(), term)));
    }
  }

  /**
   * The entry named is the smallest of this term, not our last: a follower has what it has, and the
   * vote decides whether that is enough.
   */
  private void ask(RatisGroup group, RaftServer.Division division, NodeId follower, long term) {
    try {
      var _ =
          host.server()
              .getServerRpc()
              .startLeaderElection(
                  Elections.requestToStand(
                      division, RaftPeerId.valueOf(follower.value()), TermIndex.valueOf(term, 0)));
    } catch (IOException e) {
      LOG.debug("{}: {} was asked to stand: {}", group, follower, e.toString());
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
