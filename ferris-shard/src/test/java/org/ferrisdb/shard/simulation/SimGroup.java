package org.ferrisdb.shard.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.jspecify.annotations.Nullable;

/**
 * The members of a Raft group, one on each node, and the truth: every entry that was ever
 * committed, noted when the first member learnt of it. The truth is what answers are judged by; no
 * member sees it.
 */
final class SimGroup {
  final String name;
  final GroupId id;
  final World world;
  final SimNetwork network;
  private final List<SimMember> members = new ArrayList<>();
  private final List<SimLog.Entry> truth = new ArrayList<>();

  SimGroup(String name, World world, SimNetwork network, List<SimNode> nodes) {
    this.name = name;
    this.id = new GroupId(new UUID(7, name.hashCode()));
    this.world = world;
    this.network = network;
    nodes.forEach(node -> members.add(new SimMember(this, node)));
  }

  SimMember member(int node) {
    return members.get(node);
  }

  int size() {
    return members.size();
  }

  /** Index 1 is the first. */
  List<SimLog.Entry> truth() {
    return truth;
  }

  /** A member has learnt that its log is committed up to there. */
  void committed(SimLog log, long index) {
    for (long i = Math.max(log.base(), truth.size()) + 1; i <= index; i++) {
      if (i != truth.size() + 1) {
        world.violation("simulated Raft: %s skips from %d to %d", name, truth.size(), i);
        return;
      }
      truth.add(log.get(i));
    }
    if (index > log.base() && truth.get((int) index - 1).term() != log.termAt(index)) {
      world.violation("simulated Raft: %s has two entries at %d", name, index);
    }
  }

  /** Who leads in the newest term in which somebody does; null if nobody. */
  @Nullable SimMember leader() {
    SimMember newest = null;
    for (SimMember m : members) {
      if (m.leads() && (newest == null || m.term() > newest.term())) {
        newest = m;
      }
    }
    return newest;
  }

  /** A member's view, as ferris-raft would tell it. */
  GroupStatus status(
      GroupStatus.Role role,
      long term,
      int self,
      int leader,
      long[] match,
      long commit,
      long applied) {
    List<RaftMember> all = new ArrayList<>();
    List<GroupStatus.FollowerProgress> followers = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      all.add(new RaftMember(nodeId(i), "node" + i, 1));
      if (role == GroupStatus.Role.LEADER && i != self) {
        followers.add(new GroupStatus.FollowerProgress(nodeId(i), match[i], 0, false));
      }
    }
    NodeId known = leader < 0 ? null : nodeId(leader);
    return new GroupStatus(role, term, known, all, commit, applied, 0, followers);
  }

  static NodeId nodeId(int node) {
    return new NodeId(String.format("%016x", node + 1));
  }

  static int node(NodeId id) {
    return (int) Long.parseLong(id.value(), 16) - 1;
  }
}
