package org.ferrisdb.shard.placement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaCommand;

/**
 * Plans how the replicas of replaced nodes get to their successors. For every group, meta included:
 *
 * <pre>
 *   voters {1, 2, old}   map {1, 2, old}   new node has no replica -> JoinGroup(new)
 *   voters {1, 2, old}   map {1, 2, old}   new node waits          -> ChangeMembers to {1, 2, new}
 *   voters {1, 2, new}   map {1, 2, old}                           -> RecordReplicas {1, 2, new}
 *   voters {1, 2, new}   map {1, 2, new}                           -> nothing
 * </pre>
 *
 * <p>Each row follows from what Raft and the map say now, so any node that sees the group's leader
 * can go on from wherever the last one stopped, and a step that is repeated changes nothing. The
 * new node is caught up before it votes (that is part of {@code RaftGroup.changeMembers}), so the
 * group is never without the redundancy it had. One step per group at a time, one replica per step.
 *
 * <p>The planner decides nothing else: a node that is merely down keeps its replicas.
 */
public final class ReplacementPlanner {
  /**
   * A group as its leader sees it. A group whose leader is not known is not planned for.
   *
   * @param group which
   * @param members its voting members in Raft; must be the leader's own view, a follower's may be
   *     old
   * @param open nodes known to have a replica of the group open (members need not be named)
   */
  public record GroupView(ShardId group, List<RaftMember> members, Set<NodeId> open) {
    public GroupView {
      members = List.copyOf(members);
      open = Set.copyOf(open);
    }
  }

  /** What to do next for a group. */
  public sealed interface Step {
    /** Which group. */
    ShardId group();

    /** The node opens an empty replica that waits to be added; idempotent there. */
    record JoinGroup(ShardId group, NodeId node) implements Step {}

    /** The group's leader changes its voters from {@code expected} to {@code next}. */
    record ChangeMembers(ShardId group, List<RaftMember> expected, List<RaftMember> next)
        implements Step {}

    /** The meta group records the voters that Raft has. */
    record RecordReplicas(ShardId group, MetaCommand.ReplicasChanged command) implements Step {}
  }

  private ReplacementPlanner() {}

  /**
   * The next step of every group that needs one; meta first, then by shard id.
   *
   * @param map the newest map known
   * @param views the groups whose leaders are known
   * @param reachable whether a node answers now
   * @param maxChanges most {@link Step.ChangeMembers} in the plan: each may copy a whole replica
   */
  public static List<Step> plan(
      ShardMap map, Collection<GroupView> views, Predicate<NodeId> reachable, int maxChanges) {
    List<Step> steps = new ArrayList<>();
    int changes = 0;
    for (GroupView view : views.stream().sorted(Comparator.comparing(GroupView::group)).toList()) {
      Optional<ShardDescriptor> descriptor = map.shard(view.group());
      if (descriptor.isEmpty() || descriptor.get().epoch() == 0 || view.members().isEmpty()) {
        continue; // not formed yet, or not known here: somebody has a newer map
      }
      Optional<Step> step = next(map, descriptor.get(), view, reachable);
      if (step.isPresent() && step.get() instanceof Step.ChangeMembers && changes++ >= maxChanges) {
        continue;
      }
      step.ifPresent(steps::add);
    }
    return steps;
  }

  private static Optional<Step> next(
      ShardMap map, ShardDescriptor descriptor, GroupView view, Predicate<NodeId> reachable) {
    List<NodeId> voters = view.members().stream().map(RaftMember::id).toList();
    // First the map follows what Raft has decided: until then requests are routed to a replica that
    // is no more, and the next change's compare-and-set on the epoch would be about two changes.
    if (!new HashSet<>(voters).equals(new HashSet<>(descriptor.replicas()))) {
      return Optional.of(
          new Step.RecordReplicas(
              view.group(),
              new MetaCommand.ReplicasChanged(
                  view.group(),
                  descriptor.epoch(),
                  inOrderOf(map, descriptor.replicas(), voters))));
    }
    for (RaftMember member : view.members()) {
      Optional<NodeRecord> successor = map.successor(member.id());
      if (successor.isEmpty() || !reachable.test(successor.get().id())) {
        continue;
      }
      NodeRecord node = successor.get();
      if (voters.contains(node.id())) {
        return Optional.of(
            new Step.ChangeMembers(view.group(), view.members(), without(view.members(), member)));
      }
      if (!view.open().contains(node.id())) {
        return Optional.of(new Step.JoinGroup(view.group(), node.id()));
      }
      return Optional.of(
          new Step.ChangeMembers(
              view.group(), view.members(), swapped(view.members(), member, node)));
    }
    return Optional.empty();
  }

  /**
   * A node's Raft address as a member.
   *
   * @throws IllegalArgumentException if the address is not host:port
   */
  public static RaftMember member(NodeRecord node) {
    String address = node.raftAddress();
    int colon = address.lastIndexOf(':');
    try {
      return new RaftMember(
          node.id(), address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "node " + node.name() + " has no usable Raft address: " + address, e);
    }
  }

  private static List<RaftMember> swapped(
      List<RaftMember> members, RaftMember leaving, NodeRecord joining) {
    return members.stream().map(m -> m.equals(leaving) ? member(joining) : m).toList();
  }

  private static List<RaftMember> without(List<RaftMember> members, RaftMember leaving) {
    return members.stream().filter(m -> !m.equals(leaving)).toList();
  }

  /**
   * The voters with each successor at its predecessor's place: the first is preferred as leader.
   */
  private static List<NodeId> inOrderOf(ShardMap map, List<NodeId> recorded, List<NodeId> voters) {
    List<NodeId> left = new ArrayList<>(voters);
    List<NodeId> ordered = new ArrayList<>();
    for (NodeId id : recorded) {
      NodeId here = left.contains(id) ? id : map.successor(id).map(NodeRecord::id).orElse(id);
      if (left.remove(here)) {
        ordered.add(here);
      }
    }
    ordered.addAll(left);
    return ordered;
  }
}
