package org.ferrisdb.node.health;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ferrisdb.node.health.ClusterPicture.Node;
import org.ferrisdb.node.health.ClusterPicture.Replica;
import org.ferrisdb.node.health.ClusterPicture.Shard;

/**
 * How a cluster does, in one sentence.
 *
 * @param state the verdict
 * @param sentence what is so, without the state's name, ending in a full stop
 * @param remedy what to do about it; empty if nothing
 */
public record Health(State state, String sentence, String remedy) {
  /** The verdict; {@link #HEALTHY} alone is good. */
  public enum State {
    /**
     * Every node is up, every shard has all its replicas and a leader, whose log reaches back to
     * them all. So any one node may be taken down.
     */
    HEALTHY,
    /** Every shard is served, but something is missing. */
    DEGRADED,
    /** Every shard has a quorum, but not every one a leader (yet). */
    RECOVERING,
    /** At least one shard has no quorum. */
    UNAVAILABLE,
    /** Nodes answer, but there is no cluster yet. */
    NOT_FORMED,
    /** Nobody answers. */
    UNREACHABLE
  }

  /** The verdict over a picture. Pure. */
  public static Health of(ClusterPicture picture) {
    List<Node> down = picture.nodes().stream().filter(n -> !n.up()).toList();
    if (down.size() == picture.nodes().size()) {
      return unreachable(picture);
    }
    if (picture.clusterId().isEmpty() || picture.shards().isEmpty()) {
      return notFormed(down);
    }
    List<Shard> stuck = picture.shards().stream().filter(s -> !s.hasQuorum()).toList();
    if (!stuck.isEmpty()) {
      return unavailable(stuck, down);
    }
    List<Shard> leaderless = picture.shards().stream().filter(s -> s.leader().isEmpty()).toList();
    if (!leaderless.isEmpty()) {
      return new Health(
          State.RECOVERING,
          names(leaderless)
              + (leaderless.size() == 1 ? " has" : " have")
              + " a quorum but no leader at the moment"
              + (down.isEmpty() ? "." : "; " + downWords(down) + "."),
          "Elections take about a second; if it stays so, read data/log/ of the nodes.");
    }
    List<Shard> thin =
        picture.shards().stream().filter(s -> s.replicasUp() < s.replicas().size()).toList();
    if (!down.isEmpty() || !thin.isEmpty()) {
      return degraded(picture, down, thin);
    }
    return new Health(State.HEALTHY, healthySentence(picture), "");
  }

  private static String healthySentence(ClusterPicture picture) {
    List<Shard> shards = picture.shards().stream().filter(s -> s.id() != 0).toList();
    int fewest = shards.stream().mapToInt(s -> s.replicas().size()).min().orElse(0);
    return allNodes(picture.nodes().size())
        + (shards.size() == 1
            ? ", the one shard has"
            : ", each of " + shards.size() + " shards has")
        + " a leader and "
        + (fewest == 1 ? "its one replica." : fewest + " of " + fewest + " replicas.");
  }

  private static String allNodes(int nodes) {
    return nodes == 1 ? "The one node is up" : "All " + nodes + " nodes are up";
  }

  private static Health unreachable(ClusterPicture picture) {
    String addresses =
        picture.nodes().stream()
            .map(n -> n.clientAddress() + " (" + n.problem() + ")")
            .collect(Collectors.joining(", "));
    return new Health(
        State.UNREACHABLE,
        "No node answers: " + addresses + ".",
        "Start a local cluster with ./ferris up, or name another with --url.");
  }

  private static Health notFormed(List<Node> down) {
    String missing =
        down.isEmpty()
            ? "The nodes answer but have not formed a cluster yet."
            : "No cluster yet: "
                + downWords(down)
                + ", and the first cluster needs all of its initial nodes.";
    return new Health(
        State.NOT_FORMED,
        missing,
        down.isEmpty()
            ? "It takes a few seconds after the first start."
            : "Start " + list(down.stream().map(Node::name)) + ".");
  }

  private static Health unavailable(List<Shard> stuck, List<Node> down) {
    Shard first = stuck.getFirst();
    String counts =
        first.replicasUp()
            + " of "
            + first.replicas().size()
            + " replicas up, needs "
            + (first.replicas().size() / 2 + 1);
    List<Replica> broken = broken(first, down);
    boolean startingHelps =
        broken.isEmpty() || first.replicas().size() - broken.size() > first.replicas().size() / 2;
    String ailing =
        startingHelps ? "" : "; " + broken.getFirst().node() + ": " + broken.getFirst().problem();
    return new Health(
        State.UNAVAILABLE,
        names(stuck)
            + (stuck.size() == 1 ? " has" : " have")
            + " no quorum ("
            + counts
            + "): reads and writes of "
            + (stuck.size() == 1 ? "it" : "them")
            + " wait"
            + (down.isEmpty() ? "" : "; " + downWords(down))
            + ailing
            + ".",
        startingHelps
            ? bringBack(stuck, down)
            : "Their nodes are up, so starting nodes does not help; if it stays so, read data/log/ of "
                + list(broken.stream().map(Replica::node))
                + ".");
  }

  /** Replicas that do not count though their nodes are up: no start of a node mends them. */
  private static List<Replica> broken(Shard shard, List<Node> down) {
    Set<String> names = nodeNames(down);
    return shard.replicas().stream()
        .filter(r -> !r.problem().isEmpty() && !names.contains(r.node()))
        .toList();
  }

  private static Set<String> nodeNames(List<Node> nodes) {
    return nodes.stream().map(Node::name).collect(Collectors.toSet());
  }

  private static String bringBack(List<Shard> stuck, List<Node> down) {
    Set<String> names = nodeNames(down);
    List<String> wanted =
        stuck.stream()
            .flatMap(s -> s.replicas().stream())
            .map(Replica::node)
            .filter(names::contains)
            .distinct()
            .sorted()
            .toList();
    return wanted.isEmpty()
        ? "Wait some seconds; if it stays so, read data/log/ of the nodes."
        : (wanted.size() == 1 ? "Bring back " : "Bring back one of ")
            + list(wanted.stream())
            + ": start what has stopped"
            + localRestart(wanted.getFirst());
  }

  private static Health degraded(ClusterPicture picture, List<Node> down, List<Shard> thin) {
    StringBuilder sentence = new StringBuilder("Every shard is served");
    String remedy = "";
    if (!thin.isEmpty()) {
      Shard worst = thin.stream().min((a, b) -> Integer.compare(spare(a), spare(b))).orElseThrow();
      sentence.append(", but ");
      sentence.append(
          thin.size() == picture.shards().size()
              ? "all of them"
              : names(thin).replace("Shard", "shard"));
      sentence.append(thin.size() == 1 ? " has " : " have ").append(worst.replicasUp());
      sentence.append(" of ").append(worst.replicas().size()).append(" replicas");
      if (spare(worst) == 0) {
        sentence.append(" and one more loss would stop ").append(thin.size() == 1 ? "it" : "them");
      }
    }
    if (!down.isEmpty()) {
      sentence.append("; ").append(downWords(down));
      remedy = "Start " + down.getFirst().name() + " again" + localRestart(down.getFirst().name());
    } else {
      Replica bad =
          thin.getFirst().replicas().stream()
              .filter(r -> !r.problem().isEmpty())
              .findFirst()
              .orElseThrow();
      sentence.append("; ").append(bad.node()).append(": ").append(bad.problem());
      remedy = "It is rebuilt by itself; if not, read data/log/ of " + bad.node() + ".";
    }
    return new Health(State.DEGRADED, sentence.append('.').toString(), remedy);
  }

  /** Nodes of ./ferris up have a command for it; others were deployed by something else. */
  private static String localRestart(String node) {
    return " (one of ./ferris up: ./ferris restart " + node + ").";
  }

  private static int spare(Shard s) {
    return s.replicasUp() - (s.replicas().size() / 2 + 1);
  }

  private static String names(List<Shard> shards) {
    boolean onlyMeta = shards.size() == 1 && shards.getFirst().id() == 0;
    if (onlyMeta) {
      return "The meta group";
    }
    return (shards.size() == 1 ? "Shard " : "Shards ") + list(shards.stream().map(Shard::name));
  }

  private static String downWords(List<Node> down) {
    return list(down.stream().map(Node::name)) + (down.size() == 1 ? " is down" : " are down");
  }

  private static String list(Stream<String> items) {
    List<String> all = items.toList();
    if (all.size() == 1) {
      return all.getFirst();
    }
    if (all.size() > 8) {
      return String.join(", ", all.subList(0, 7)) + " and " + (all.size() - 7) + " more";
    }
    return String.join(", ", all.subList(0, all.size() - 1)) + " and " + all.getLast();
  }
}
