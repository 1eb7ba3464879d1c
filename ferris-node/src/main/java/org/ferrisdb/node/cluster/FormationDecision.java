package org.ferrisdb.node.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.shard.map.NodeRecord;

/**
 * What a starting node does next, as a pure function of what it knows. It is asked again after
 * every step and every crash.
 *
 * <p>Why no two clusters arise from one list of seeds: a plan is drawn up only by the first seed,
 * only when every initial node has answered and is fresh; a node holds at most one plan, forever;
 * and who holds one answers "member" from then on, so that everybody else joins.
 */
public final class FormationDecision {
  private FormationDecision() {}

  /**
   * What the node knows of itself, all from its disk.
   *
   * @param self who it is
   * @param cluster the cluster it belongs to
   * @param plan the plan it has accepted
   */
  public record Local(NodeRecord self, Optional<UUID> cluster, Optional<ClusterPlan> plan) {}

  /**
   * What a seed said when last asked.
   *
   * @param address as configured
   * @param view what it is
   */
  public record Seed(HostPort address, View view) {}

  /** What a seed may be. */
  public sealed interface View {
    /** No answer. */
    record Unreachable(String reason) implements View {}

    /** It belongs to no cluster. */
    record Fresh(NodeRecord node) implements View {}

    /**
     * It belongs to one.
     *
     * @param initialMembers of its plan, empty where it has none because it joined later
     */
    record Member(NodeRecord node, UUID cluster, List<NodeRecord> initialMembers) implements View {}
  }

  /** What to do. */
  public sealed interface Step {
    /** The cluster is known (and the plan, for an initial member): open the replicas and serve. */
    record Run() implements Step {}

    /** Draw a cluster id, write the plan with these members. */
    record DrawUp(List<NodeRecord> members) implements Step {}

    /** Take over the plan that this seed holds: it names this node. */
    record TakeOver(HostPort from, UUID cluster) implements Step {}

    /** Become a new node of this cluster. */
    record Join(HostPort via, UUID cluster) implements Step {}

    /** Ask again shortly. */
    record Wait(String reason) implements Step {}

    /** The operator must change something; ask again, slowly. */
    record Refuse(String reason) implements Step {}
  }

  /**
   * The next step.
   *
   * @param local what is on this node's disk
   * @param seeds one for each configured seed, in their order
   * @param initialNodes how many of them form the cluster
   */
  public static Step next(Local local, List<Seed> seeds, int initialNodes) {
    if (local.plan().isPresent() || local.cluster().isPresent()) {
      return new Step.Run();
    }
    Optional<Step> existing = existingCluster(local, seeds);
    return existing.orElseGet(() -> newCluster(local, seeds.subList(0, initialNodes)));
  }

  private static Optional<Step> existingCluster(Local local, List<Seed> seeds) {
    Set<UUID> clusters = new TreeSet<>();
    Step step = null;
    for (Seed seed : seeds) {
      if (!(seed.view() instanceof View.Member member)) {
        continue;
      }
      clusters.add(member.cluster());
      boolean named =
          member.initialMembers().stream().anyMatch(m -> m.id().equals(local.self().id()));
      if (named) {
        step = new Step.TakeOver(seed.address(), member.cluster());
      } else if (step == null) {
        step = new Step.Join(seed.address(), member.cluster());
      }
    }
    if (clusters.size() > 1) {
      return Optional.of(
          new Step.Refuse(
              "the seeds belong to different clusters: " + clusters + "; correct cluster.seeds"));
    }
    return Optional.ofNullable(step);
  }

  private static Step newCluster(Local local, List<Seed> initial) {
    List<NodeRecord> members = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Seed seed : initial) {
      if (seed.view() instanceof View.Fresh fresh) {
        members.add(fresh.node());
      } else {
        missing.add(seed.address().toString());
      }
    }
    if (!missing.isEmpty()) {
      return new Step.Wait(
          "a new cluster needs all "
              + initial.size()
              + " initial nodes; no answer from "
              + String.join(", ", missing));
    }
    Set<Object> ids = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (NodeRecord m : members) {
      if (!ids.add(m.id())) {
        return new Step.Refuse(
            "two of cluster.seeds lead to node " + m.name() + "; list every node once");
      }
      if (!names.add(m.name())) {
        return new Step.Refuse(
            "two initial nodes are named " + m.name() + "; give each its own node.name");
      }
    }
    if (!ids.contains(local.self().id())) {
      return new Step.Wait("this node is not an initial one; the cluster is not formed yet");
    }
    return members.getFirst().id().equals(local.self().id())
        ? new Step.DrawUp(members)
        : new Step.Wait(
            "for " + members.getFirst().name() + ", the first seed, to form the cluster");
  }
}
