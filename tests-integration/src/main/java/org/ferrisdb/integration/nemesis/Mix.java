package org.ferrisdb.integration.nemesis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.history.History;

/**
 * Several kinds of faults on top of each other, chosen anew at every strike. Each is logged under
 * its own name too. Those that destroy something come first, since they insist on a cluster that is
 * whole ({@link Expendable}), and so does a rolling restart; the others may add what they like.
 */
final class Mix extends FaultNemesis {
  private static final int MOST = 3;

  private final List<Nemesis> kinds;
  private List<Nemesis> struck = List.of();

  Mix(String name, List<Nemesis> kinds) {
    super(name);
    this.kinds = List.copyOf(kinds);
  }

  @Override
  void inject(Cluster cluster, Random random, History history) {
    List<Nemesis> able =
        kinds.stream()
            .filter(k -> k.unsupported(cluster).isEmpty())
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.shuffle(able, random);
    List<Nemesis> chosen =
        new ArrayList<>(able.subList(0, Math.min(able.size(), random.nextInt(1, MOST + 1))));
    chosen.sort(Comparator.comparingInt(Mix::turn));
    effect(cluster, history, Map.of("kinds", chosen.stream().map(Nemesis::name).toList()));
    List<Nemesis> done = new ArrayList<>();
    struck = done; // also what strikes before one fails is healed
    for (Nemesis each : chosen) {
      done.add(each);
      each.strike(cluster, random, history);
    }
  }

  private static int turn(Nemesis nemesis) {
    return switch (nemesis) {
      case Disks.Lost _ -> 0;
      case Processes.RollingRestart _ -> 1;
      default -> 2;
    };
  }

  @Override
  void undo(Cluster cluster, History history) {
    struck.reversed().forEach(n -> n.heal(cluster, history));
    struck = List.of();
  }
}
