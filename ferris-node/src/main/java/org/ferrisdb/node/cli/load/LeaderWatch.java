package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.health.NodeAnswer;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.NodeProcess;

/**
 * Asks every node again and again, each on a thread of its own: one that does not answer holds up
 * nobody's news. Thread-safe.
 */
final class LeaderWatch implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(150);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final ClusterProbe probe = new ClusterProbe(PATIENCE);
  private final Map<String, NodeAnswer> answers = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Begins to ask the nodes. */
  LeaderWatch(LocalCluster cluster) {
    for (NodeProcess node : cluster.nodes()) {
      String address = "127.0.0.1:" + node.ports().client();
      answers.put(node.name(), NodeAnswer.none(address, "was not asked yet"));
      Thread.ofVirtual().name("watch-" + node.name()).start(() -> watch(node.name(), address));
    }
  }

  private void watch(String node, String address) {
    while (!closed) {
      answers.put(node, probe.askOne(address));
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** What the newest answers add up to. */
  ClusterPicture picture() {
    return ClusterPicture.of(List.copyOf(answers.values()));
  }

  /** Whether the node answered when it was asked last. */
  boolean answers(String node) {
    NodeAnswer answer = answers.get(node);
    return answer != null && answer.answered();
  }

  /** Its last answer counts no more: something has just been done to it. */
  void forget(String node) {
    answers.computeIfPresent(
        node, (name, answer) -> NodeAnswer.none(answer.address(), "was not asked since"));
  }

  @Override
  public void close() {
    closed = true;
  }
}
