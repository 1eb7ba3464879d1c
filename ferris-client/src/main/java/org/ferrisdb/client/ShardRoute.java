package org.ferrisdb.client;

import java.util.ArrayDeque;
import java.util.List;
import org.ferrisdb.client.wire.ShardDescriptorProto;
import org.jspecify.annotations.Nullable;

/**
 * The way to the leader of one shard, at one epoch.
 *
 * <p>Either the leader is known, from its own answers: calls go straight there. Or it is searched
 * for: then one call, the *scout*, is sent to one replica after the other (the one that somebody
 * names as the leader first), and all the others are parked until an answer comes that only a
 * leader gives. So a failed leader of a shard with ten thousand calls in flight costs a few probes
 * and not ten thousand, and the new leader is found as fast as one call finds it.
 *
 * <p>Belongs to the event loop, but for the final fields.
 */
final class ShardRoute {
  /** How long the scout waits for a connection before the next replica is tried beside it. */
  private static final long CONNECT_PATIENCE_NANOS = 200_000_000;

  /**
   * How long it waits for an answer before another goes ahead: it may be a call that rightly takes
   * long.
   */
  private static final long ANSWER_PATIENCE_NANOS = 100_000_000;

  final long id;
  final long epoch;
  final Bytes start;

  /** Exclusive; empty: the end of all keys. */
  final Bytes end;

  final List<String> replicas;
  private final ClientCore core;

  private boolean retired;
  private @Nullable NodeLink leader;
  private @Nullable NodeLink hint;
  private @Nullable ShardCall<?> scout;
  private long scoutSince;
  private final ArrayDeque<ShardCall<?>> parked = new ArrayDeque<>();
  private int turn;
  private int failures;
  private boolean stepScheduled;

  ShardRoute(ShardDescriptorProto descriptor, ClientCore core) {
    this.id = descriptor.getShardId();
    this.epoch = descriptor.getEpoch();
    this.start = Bytes.wrap(descriptor.getStart().toByteArray());
    this.end = Bytes.wrap(descriptor.getEnd().toByteArray());
    this.replicas = List.copyOf(descriptor.getReplicaNodeIdsList());
    this.core = core;
  }

  boolean contains(Bytes key) {
    return key.compareTo(start) >= 0 && (end.isEmpty() || key.compareTo(end) < 0);
  }

  WriteLedger ledger() {
    return core.ledger();
  }

  @Nullable NodeLink leader() {
    return leader;
  }

  /** Sends a call on its way to the leader, now or when it is found. */
  void submit(ShardCall<?> call) {
    NodeLink known = leader;
    if (known != null) {
      known.send(call);
    } else {
      parked.add(call);
      step();
    }
  }

  /** The call has had an answer that only this shard's leader gives. */
  void confirmed(ShardCall<?> call, NodeLink by) {
    boolean wasScout = isScout(call);
    if (wasScout) {
      scout = null;
    }
    if (leader == null) {
      leader = by;
      hint = null;
      failures = 0;
    }
    releaseParked();
    if (wasScout) {
      step();
    }
  }

  private void releaseParked() {
    while (leader != null) {
      ShardCall<?> next = parked.poll();
      if (next == null) {
        return;
      }
      if (!next.finished) {
        leader.send(next);
      }
    }
  }

  /** An attempt did not reach the leader; the call goes on from here. */
  void lost(ShardCall<?> call, AttemptFailure failure) {
    boolean wasScout = isScout(call);
    if (wasScout) {
      scout = null;
      failures++;
    }
    NodeLink known = leader;
    if (known != null && known != failure.node()) {
      known.send(call); // another leader has been found meanwhile
      return;
    }
    leader = null;
    suggest(failure.leaderHint(), failure.node());
    parked.add(call);
    if (wasScout && (hint == null || failures > 2)) {
      stepAfter(core.searchBackoff().nanosAfter(failures));
    } else {
      step();
    }
  }

  /**
   * The map says who leads. Before anything is known from experience that is taken for granted, if
   * the node is connected: a first call that takes long must not hold up the others as their scout.
   */
  void toldByMap(String nodeId) {
    NodeLink link = core.links().forNode(nodeId);
    if (leader == null && scout == null && failures == 0 && link != null && link.isReady()) {
      leader = link;
      releaseParked();
    } else {
      suggest(nodeId, null);
    }
  }

  /** Somebody says who leads. Believed for one try, and only while nothing better is known. */
  void suggest(String nodeId, @Nullable NodeLink saidBy) {
    NodeLink link = core.links().forNode(nodeId);
    if (leader == null && link != null && link != saidBy) {
      hint = link;
    }
  }

  /** The call has ended, or goes another way. */
  void left(ShardCall<?> call) {
    if (isScout(call)) {
      scout = null;
      failures++;
      stepAfter(core.searchBackoff().nanosAfter(failures));
    }
  }

  @SuppressWarnings("ReferenceEquality") // a call is itself and no other
  private boolean isScout(ShardCall<?> call) {
    return scout == call;
  }

  /** Searching, and nobody is on the way: sends the next scout. */
  private void step() {
    if (leader != null || scout != null || stepScheduled || retired) {
      return;
    }
    ShardCall<?> next = parked.poll();
    while (next != null && next.finished) {
      next = parked.poll();
    }
    if (next == null) {
      return;
    }
    NodeLink candidate = candidate(core.now());
    if (candidate == null) {
      parked.addFirst(next);
      failures++;
      next.lastProblem = describeReplicas();
      stepAfter(core.searchBackoff().nanosAfter(failures));
      return;
    }
    scout = next;
    scoutSince = core.now();
    candidate.send(next);
  }

  private void stepAfter(long nanos) {
    if (!stepScheduled) {
      stepScheduled = true;
      core.schedule(
          () -> {
            stepScheduled = false;
            step();
          },
          nanos);
    }
  }

  private @Nullable NodeLink candidate(long now) {
    NodeLink hinted = hint;
    hint = null;
    if (hinted != null && hinted.isUsable(now)) {
      return hinted;
    }
    for (int i = 0; i < replicas.size(); i++) {
      NodeLink link = core.links().forNode(replicas.get(turn++ % replicas.size()));
      if (link != null && link.isUsable(now)) {
        return link;
      }
    }
    return null;
  }

  private String describeReplicas() {
    StringBuilder text = new StringBuilder("shard " + id + " has no reachable leader: ");
    for (int i = 0; i < replicas.size(); i++) {
      NodeLink link = core.links().forNode(replicas.get(i));
      text.append(i == 0 ? "" : ", ")
          .append(link == null ? "node " + replicas.get(i) + " is unknown" : link.describeState());
    }
    return text.toString();
  }

  /**
   * Called every tenth of a second or so: a scout that waits too long does not hold up the search.
   */
  void housekeep(long now) {
    ShardCall<?> out = scout;
    if (out == null) {
      return;
    }
    NodeLink at = out.link;
    if (at != null && !out.sent && now - scoutSince > CONNECT_PATIENCE_NANOS) {
      core.attemptLost(out, at, at.describeState());
    } else if (out.sent && now - scoutSince > ANSWER_PATIENCE_NANOS) {
      scout = null; // stays where it is, for its answer may yet come; another goes ahead
      step();
    }
  }

  /** The shard has a newer descriptor: what is parked must be routed anew. */
  void retire(Router router) {
    retired = true;
    scout = null;
    ShardCall<?> call;
    while ((call = parked.poll()) != null) {
      if (!call.finished) {
        router.route(call);
      }
    }
  }

  boolean isRetired() {
    return retired;
  }

  /** A new epoch of the same shard most likely has the same leader. */
  void inherit(ShardRoute older) {
    leader = older.leader;
    hint = older.hint;
  }
}
