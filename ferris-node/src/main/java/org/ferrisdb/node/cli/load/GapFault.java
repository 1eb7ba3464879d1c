package org.ferrisdb.node.cli.load;

import java.util.function.Consumer;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.NodeProcess;

/** What {@code ferris gap} does to a leader. */
enum GapFault {
  /** Its process ends at once; peers see their connections close. */
  KILL("kill", "killed"),
  /** Its process stands still, longer than every lease and timeout; connections stay open. */
  PAUSE("pause", "paused"),
  /** It and its peers do not hear each other; clients reach all of them. */
  CUT("cut", "cut off"),
  /** It does not hear its peers, they hear it: it goes on as their leader, without an answer. */
  CUT_IN("cut-in", "made deaf"),
  /** It hears its peers, they do not hear it. */
  CUT_OUT("cut-out", "made mute");

  private final String word;
  private final String done;

  GapFault(String word, String done) {
    this.word = word;
    this.done = done;
  }

  /** What was done to the node, in a sentence. */
  String done() {
    return done;
  }

  /** Whether the nodes must have a network between them that can be cut. */
  boolean needsNetwork() {
    return this != KILL && this != PAUSE;
  }

  void strike(TemporaryCluster temporary, String node) {
    LocalCluster cluster = temporary.cluster();
    switch (this) {
      case KILL -> {
        boolean _ = cluster.kill(node);
      }
      case PAUSE -> cluster.pause(node);
      case CUT -> temporary.network().cut(node);
      case CUT_IN -> others(cluster, node, other -> temporary.network().cutOneWay(other, node));
      case CUT_OUT -> others(cluster, node, other -> temporary.network().cutOneWay(node, other));
    }
  }

  void heal(TemporaryCluster temporary, String node) {
    switch (this) {
      case KILL -> {
        boolean _ = temporary.cluster().start(node);
      }
      case PAUSE -> temporary.cluster().resume(node);
      case CUT, CUT_IN, CUT_OUT -> temporary.network().heal();
    }
  }

  private static void others(LocalCluster cluster, String node, Consumer<String> each) {
    cluster.nodes().stream().map(NodeProcess::name).filter(n -> !n.equals(node)).forEach(each);
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return word;
  }
}
