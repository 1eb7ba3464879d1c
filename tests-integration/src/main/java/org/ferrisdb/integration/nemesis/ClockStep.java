package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.Fault;
import org.ferrisdb.integration.history.History;

/** The time of day jumps by 300 s, on each node forwards, backwards or not, on one at least. */
final class ClockStep extends FaultNemesis {
  private static final int SECONDS = 300;

  ClockStep() {
    super("clock-step", Fault.CLOCK_STEPS);
  }

  @Override
  void inject(Cluster cluster, Random random, History history) {
    List<String> nodes = shuffled(cluster, random);
    List<Object> steps = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      int direction = i == 0 ? 2 * random.nextInt(2) - 1 : random.nextInt(-1, 2);
      cluster.clock(nodes.get(i)).offset(Duration.ofSeconds((long) direction * SECONDS));
      steps.add((long) direction * SECONDS);
    }
    effect(cluster, history, Map.of("nodes", nodes, "seconds", steps));
  }

  @Override
  void undo(Cluster cluster, History history) {
    cluster.nodes().forEach(n -> cluster.clock(n).heal());
  }
}
