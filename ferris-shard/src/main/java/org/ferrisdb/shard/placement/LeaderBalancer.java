package org.ferrisdb.shard.placement;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.ShardId;
import org.jspecify.annotations.Nullable;

/**
 * Plans transfers that spread leaderships evenly over the nodes that are up: after a cluster was
 * formed, and after a node came back, which follows everywhere and leads nothing.
 *
 * <p>Every transfer planned lowers the difference between two nodes of which one leads at least two
 * groups more than the other (directly, or through others that keep their number). So the sum of
 * the squares of the numbers falls with every plan that was carried out, and where no two such
 * nodes are connected by a group the plan is empty: it can not go round in circles, and a cluster
 * that is even but for one is left alone. Groups that changed their leader a moment ago are left
 * out by the caller ({@code resting}), so that an election that goes on elsewhere is not stirred
 * up.
 */
public final class LeaderBalancer {
  /**
   * Who leads a group.
   *
   * @param group which
   * @param leader who
   * @param members its voting members
   */
  public record GroupLeader(ShardId group, NodeId leader, List<NodeId> members) {
    public GroupLeader {
      members = List.copyOf(members);
    }
  }

  /** The leader {@code from} hands the group over to {@code to}. */
  public record Transfer(ShardId group, NodeId from, NodeId to) {}

  private static final int LEAST_DIFFERENCE = 2;

  private LeaderBalancer() {}

  /**
   * The transfers to make now.
   *
   * @param leaders every group whose leader is known
   * @param eligible nodes that may be given leaderships: up, and caught up
   * @param resting groups not to touch now; their leaders count all the same
   * @param maxTransfers most transfers in the plan
   */
  public static List<Transfer> plan(
      Collection<GroupLeader> leaders,
      Set<NodeId> eligible,
      Set<ShardId> resting,
      int maxTransfers) {
    List<GroupLeader> groups =
        new ArrayList<>(leaders.stream().sorted(Comparator.comparing(GroupLeader::group)).toList());
    Set<ShardId> fixed = new TreeSet<>(resting);
    List<Transfer> plan = new ArrayList<>();
    for (GroupLeader group : List.copyOf(groups)) {
      if (plan.size() < maxTransfers && !fixed.contains(group.group())) {
        awayFrom(group, groups, eligible).ifPresent(t -> accept(t, plan, fixed, groups));
      }
    }
    while (plan.size() < maxTransfers) {
      List<Transfer> path = bestPath(groups, eligible, fixed);
      if (path.isEmpty() || plan.size() + path.size() > maxTransfers) {
        return plan;
      }
      path.forEach(t -> accept(t, plan, fixed, groups));
    }
    return plan;
  }

  /** A leader that may not be one (its disk is full or slow) hands over to whoever leads least. */
  private static Optional<Transfer> awayFrom(
      GroupLeader group, List<GroupLeader> groups, Set<NodeId> eligible) {
    if (eligible.contains(group.leader())) {
      return Optional.empty();
    }
    return group.members().stream()
        .filter(eligible::contains)
        .min(
            Comparator.<NodeId>comparingLong(
                    n -> groups.stream().filter(g -> g.leader().equals(n)).count())
                .thenComparing(Comparator.naturalOrder()))
        .map(to -> new Transfer(group.group(), group.leader(), to));
  }

  private static void accept(
      Transfer transfer, List<Transfer> plan, Set<ShardId> fixed, List<GroupLeader> groups) {
    plan.add(transfer);
    fixed.add(transfer.group()); // one transfer per group and plan
    groups.replaceAll(g ->
        g.group().equals(transfer.group())
            ? new GroupLeader(g.group(), transfer.to(), g.members())
            : g);
  }

  /** From a node that leads most, a shortest way to one that leads at least two fewer. */
  private static List<Transfer> bestPath(
      List<GroupLeader> groups, Set<NodeId> eligible, Set<ShardId> fixed) {
    Map<NodeId, Integer> counts = new TreeMap<>();
    eligible.forEach(n -> counts.put(n, 0));
    groups.forEach(g -> counts.merge(g.leader(), 1, Integer::sum));
    List<NodeId> busiestFirst =
        counts.keySet().stream()
            .sorted(Comparator.<NodeId>comparingInt(n -> -counts.getOrDefault(n, 0)))
            .toList();
    for (NodeId from : busiestFirst) {
      List<Transfer> path = pathFrom(from, counts, groups, eligible, fixed);
      if (!path.isEmpty()) {
        return path;
      }
    }
    return List.of();
  }

  private static List<Transfer> pathFrom(
      NodeId start,
      Map<NodeId, Integer> counts,
      List<GroupLeader> groups,
      Set<NodeId> eligible,
      Set<ShardId> fixed) {
    int most = counts.getOrDefault(start, 0) - LEAST_DIFFERENCE;
    Map<NodeId, Transfer> cameBy = new HashMap<>();
    ArrayDeque<NodeId> queue = new ArrayDeque<>(List.of(start));
    while (!queue.isEmpty()) {
      NodeId from = queue.poll();
      @Nullable NodeId found = null;
      for (GroupLeader group : groups) {
        if (!group.leader().equals(from) || fixed.contains(group.group())) {
          continue;
        }
        for (NodeId to : group.members()) {
          if (to.equals(start) || !eligible.contains(to) || cameBy.containsKey(to)) {
            continue;
          }
          cameBy.put(to, new Transfer(group.group(), from, to));
          queue.add(to);
          if (counts.getOrDefault(to, 0) <= most && isBetter(to, found, counts)) {
            found = to;
          }
        }
      }
      if (found != null) {
        return walkBack(start, found, cameBy);
      }
    }
    return List.of();
  }

  private static boolean isBetter(NodeId node, @Nullable NodeId than, Map<NodeId, Integer> counts) {
    return than == null || counts.getOrDefault(node, 0) < counts.getOrDefault(than, 0);
  }

  /** The transfers of the way, the last first: so no node leads more than before in between. */
  private static List<Transfer> walkBack(NodeId start, NodeId end, Map<NodeId, Transfer> cameBy) {
    List<Transfer> path = new ArrayList<>();
    NodeId at = end;
    while (!at.equals(start)) {
      Transfer transfer = cameBy.get(at);
      if (transfer == null) {
        throw new IllegalStateException("no way back from " + at);
      }
      path.add(transfer);
      at = transfer.from();
    }
    return path;
  }
}
