package org.ferrisdb.shard.placement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaCommand;

/**
 * Plans how the replicas of replaced nodes get to their successors, and what the leader does for a
 * replica that is being rebuilt. For every group, meta included:
 *
 * <pre>
 *   voters {1, 2, old}   map {1, 2, old}   new node has no replica -> JoinGroup(new)
 *   voters {1, 2, old}   map {1, 2, old}   new node waits          -> ChangeMembers to {1, 2, new}
 *   voters {1, 2, new}   map {1, 2, old}                           -> RecordReplicas {1, 2, new}
 *   voters {1, 2, new}   map {1, 2, new}                           -> nothing
 *   voters {1, 2}        map {1, 2, old}   as the first two rows, with {1, 2} for {1, 2, old}: the
 *                                          node was lost while its replica was being rebuilt
 *
 *   voters {1, 2, 3}     map {1, 2, 3}     repair of 3: REMOVE     -> ChangeMembers to {1, 2}
 *   voters {1, 2}        map {1, 2, 3}     repair of 3: REMOVE     -> RecordStep
 *   voters {1, 2}        map {1, 2, 3}     repair of 3: REJOIN     -> nothing, 3 itself is at work
 *   voters {1, 2}        map {1, 2, 3}     repair of 3: ADD        -> ChangeMembers to {1, 2, 3}
 *   voters {1, 2, 3}     map {1, 2, 3}     repair of 3: ADD        -> RecordStep
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
   * @param term the leader's
   * @param members its voting members in Raft; must be the leader's own view, a follower's may be
   *     old, and committed
   * @param open nodes known to have a replica of the group open (members need not be named)
   */
  public record GroupView(ShardId group, long term, List<RaftMember> members, Set<NodeId> open) {
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

    /** The meta group records that a step of a repair is done. */
    record RecordStep(ShardId group, MetaCommand.RepairStepDone command) implements Step {}
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
    Optional<ReplicaRepair> repair = map.repair(view.group());
    Optional<NodeRecord> missing = missing(map, descriptor, view, voters);
    // First the map follows what Raft has decided: until then requests are routed to a replica that
    // is no more, and the next change's compare-and-set on the epoch would be about two changes.
    Set<NodeId> belong = new LinkedHashSet<>(voters);
    repair.ifPresent(r -> belong.add(r.node()));
    if (missing.isEmpty() && !belong.equals(new HashSet<>(descriptor.replicas()))) {
      return Optional.of(
          new Step.RecordReplicas(
              view.group(),
              new MetaCommand.ReplicasChanged(
                  view.group(),
                  descriptor.epoch(),
                  inOrderOf(map, descriptor.replicas(), List.copyOf(belong)))));
    }
    if (repair.isPresent()) {
      return repairStep(map, repair.get(), view, voters, reachable);
    }
    if (missing.isPresent()) {
      return reachable.test(missing.get().id())
          ? Optional.of(joinOrVote(view, missing.get(), with(view.members(), missing.get())))
          : Optional.empty();
    }
    for (RaftMember member : view.members()) {
      Optional<NodeRecord> successor = map.successor(member.id());
      if (successor.isEmpty() || !reachable.test(successor.get().id())) {
        continue;
      }
      NodeRecord node = successor.get();
      return Optional.of(
          voters.contains(node.id())
              ? new Step.ChangeMembers(
                  view.group(), view.members(), without(view.members(), member.id()))
              : joinOrVote(view, node, swapped(view.members(), member, node)));
    }
    return Optional.empty();
  }

  private static Step joinOrVote(GroupView view, NodeRecord node, List<RaftMember> next) {
    return view.open().contains(node.id())
        ? new Step.ChangeMembers(view.group(), view.members(), next)
        : new Step.JoinGroup(view.group(), node.id());
  }

  /**
   * The member that is to vote in the place of a replaced node that votes no more, because its
   * replica was being rebuilt when it was replaced; empty if another holder of its name votes.
   */
  private static Optional<NodeRecord> missing(
      ShardMap map, ShardDescriptor descriptor, GroupView view, List<NodeId> voters) {
    Set<String> names = new HashSet<>();
    voters.forEach(v -> map.node(v).ifPresent(n -> names.add(n.name())));
    return descriptor.replicas().stream()
        .filter(r -> !voters.contains(r))
        .flatMap(r -> map.successor(r).stream())
        .filter(
            n -> !names.contains(n.name()) && view.members().size() < descriptor.replicas().size())
        .findFirst();
  }

  private static Optional<Step> repairStep(
      ShardMap map,
      ReplicaRepair repair,
      GroupView view,
      List<NodeId> voters,
      Predicate<NodeId> reachable) {
    boolean votes = voters.contains(repair.node());
    Step done =
        new Step.RecordStep(
            view.group(), new MetaCommand.RepairStepDone(repair.id(), repair.step(), view.term()));
    return switch (repair.step()) {
      case REMOVE ->
          votes
              ? Optional.of(
                  new Step.ChangeMembers(
                      view.group(), view.members(), without(view.members(), repair.node())))
              : Optional.of(done);
      case REJOIN -> Optional.empty();
      case ADD ->
          votes
              ? Optional.of(done)
              : map.node(repair.node())
                  .filter(n -> reachable.test(n.id()))
                  .map(n ->
                      new Step.ChangeMembers(
                          view.group(), view.members(), with(view.members(), n)));
    };
  }

  /**
   * Whether a replica on the node is of no use any more: Raft and the map agree on who is a member,
   * it is none, and nothing that is planned would make it one.
   */
  public static boolean isStranger(ShardMap map, GroupView view, NodeId node) {
    Optional<ShardDescriptor> descriptor = map.shard(view.group());
    Set<NodeId> voters = view.members().stream().map(RaftMember::id).collect(Collectors.toSet());
    return descriptor.isPresent()
        && descriptor.get().epoch() > 0
        && voters.equals(new HashSet<>(descriptor.get().replicas()))
        && !voters.contains(node)
        && voters.stream().allMatch(v -> map.node(v).isPresent() && map.successor(v).isEmpty())
        && map.repair(view.group()).isEmpty();
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

  private static List<RaftMember> without(List<RaftMember> members, NodeId leaving) {
    return members.stream().filter(m -> !m.id().equals(leaving)).toList();
  }

  private static List<RaftMember> with(List<RaftMember> members, NodeRecord joining) {
    return Stream.concat(members.stream(), Stream.of(member(joining))).toList();
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
