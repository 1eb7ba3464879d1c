package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.impl.Elections;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.ratis.RatisGroup.Opened;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts elections early where a leader's process is certainly gone: its connection broke and its
 * port refuses a new one, so its own kernel says that nobody listens there. Without this, followers
 * wait for their election timeout, and in Ratis for up to twice that, because it looks at the end
 * of each randomly long sleep only.
 *
 * <p>A machine that is silent (paused, cut off, powered off) refuses nothing and is left to the
 * timeout: an election skips the pre-vote here, and must not disturb a leader that only this node
 * does not hear. Safety does not depend on any of this: an early election is an election, and the
 * new leader waits for the old one's lease like any other ({@link org.ferrisdb.raft.LeaderLease}).
 *
 * <p>The members of a group that are left stand one after the other, in an order that differs from
 * group to group, so that they do not split the vote and a dead node's leaderships are spread. The
 * next one stands only if it has not heard of a new leader and has not voted for the one before,
 * whose log may lack what its own has.
 *
 * <p>Thread-safe. One virtual thread a lost peer, for a second at the most.
 */
final class LeaderLoss implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderLoss.class);

  private static final int CONNECT_MILLIS = 250;

  /** A process that dies closes its connections and its port one after the other. */
  private static final int PROBES = 50;

  private static final long PROBE_PAUSE_MILLIS = 5;

  /** A node that says nothing on a new connection for so long is alive: it waits for our hello. */
  private static final int ALIVE_MILLIS = 50;

  private final RatisHost host;
  private final Set<NodeId> suspected = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);

  /** A replica that followed the lost leader. */
  private record Orphan(GroupId group, Opened replica, RaftMember leader, int rank) {}

  LeaderLoss(RatisHost host) {
    this.host = host;
  }

  /** A connection to or from the peer broke. Returns at once. */
  void connectionLost(NodeId peer) {
    if (closing.getCount() == 0 || !suspected.add(peer)) {
      return;
    }
    long since = System.nanoTime();
    Thread.ofVirtual()
        .name("raft-leader-loss-" + peer)
        .start(() -> {
          try {
            lookFor(peer, since);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            suspected.remove(peer);
          }
        });
  }

  private void lookFor(NodeId peer, long since) throws InterruptedException {
    List<Orphan> orphans = orphansOf(peer);
    if (orphans.isEmpty() || !isGone(orphans.getFirst().leader())) {
      return;
    }
    LOG.info("node {} is gone; {} groups here had it as leader", peer, orphans.size());
    long stagger = host.settings().options().electionTimeoutMin().toNanos() / 2;
    for (Orphan orphan : orphans) {
      long due = since + orphan.rank() * stagger;
      if (closing.await(Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        return;
      }
      stand(orphan, peer, since);
    }
  }

  /** In the order in which they are due. */
  private List<Orphan> orphansOf(NodeId leader) {
    List<Orphan> orphans = new ArrayList<>();
    for (RatisGroup group : host.replicasOpen()) {
      Opened now = group.current();
      if (now == null
          || !now.division().getInfo().isFollower()
          || !leader.equals(Members.node(now.division().getInfo().getLeaderId()))) {
        continue;
      }
      List<RaftMember> voters =
          now.division().getRaftConf().getCurrentPeers().stream().map(Members::of).toList();
      int rank = rank(group.id(), voters, leader, host.self().id());
      voters.stream()
          .filter(v -> rank >= 0 && v.id().equals(leader))
          .forEach(v -> orphans.add(new Orphan(group.id(), now, v, rank)));
    }
    orphans.sort(Comparator.comparingInt(Orphan::rank));
    return orphans;
  }

  /**
   * This node's place among those that may follow the leader, -1 if it has none. Pure, and the same
   * on all of them.
   */
  static int rank(GroupId group, List<RaftMember> voters, @Nullable NodeId leader, NodeId self) {
    List<NodeId> left =
        voters.stream()
            .map(RaftMember::id)
            .filter(id -> !id.equals(leader))
            .sorted(Comparator.comparing(NodeId::value))
            .toList();
    int at = left.indexOf(self);
    return at < 0 ? -1 : Math.floorMod(at + group.hashCode(), left.size());
  }

  /** Whether nobody listens where the peer did. */
  private boolean isGone(RaftMember peer) throws InterruptedException {
    for (int probe = 0; probe < PROBES; probe++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(peer.host(), peer.port()), CONNECT_MILLIS);
        socket.setSoTimeout(ALIVE_MILLIS);
        if (socket.getInputStream().read() >= 0) {
          return false;
        }
      } catch (ConnectException e) {
        return String.valueOf(e.getMessage()).contains("refused");
      } catch (SocketTimeoutException e) {
        return false;
      } catch (IOException e) {
        LOG.debug("{} closes what it has just accepted", peer, e);
      }
      if (closing.await(PROBE_PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return false;
  }

  private static void stand(Orphan orphan, NodeId lost, long since) {
    ReplicaStateMachine replica = orphan.replica().replica();
    RaftServer.Division division = orphan.replica().division();
    try {
      boolean stands =
          replica
              .requests()
              .alone(() -> {
                // Ratis's own monitor: the role must not change between the look and the step.
                synchronized (division) {
                  NodeId leader = Members.node(division.getInfo().getLeaderId());
                  if (!division.getInfo().isFollower()
                      || (leader != null && !leader.equals(lost))
                      || replica.signs().hasVotedSince(since)) {
                    return false;
                  }
                  Elections.stand(division, true);
                  return true;
                }
              });
      if (stands) {
        LOG.info("group {}: stands for election, its leader {} is gone", orphan.group(), lost);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("group {}: can not stand for election", orphan.group(), e);
      if (division.getInfo().isCandidate()) {
        // The vote for itself could not be written: a candidate that never asks anyone.
        replica.failed(e);
      }
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
