package org.ferrisdb.integration.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ferrisdb.integration.cluster.Disk.Damage;

/** Every kind of fault, by name. */
public final class Nemeses {
  private Nemeses() {}

  /** New objects, one of each kind, in the order in which people list them; "all" is the last. */
  public static List<Nemesis> all() {
    List<Nemesis> kinds = new ArrayList<>(kinds());
    kinds.add(mix(kinds()));
    return kinds;
  }

  private static List<Nemesis> kinds() {
    return List.of(
        new Processes.Kill("kill-one", _ -> 1),
        new Processes.Kill("kill-minority", n -> (n - 1) / 2),
        new Processes.Kill("kill-majority", n -> n / 2 + 1),
        new Processes.Kill("kill-all", n -> n),
        new Processes.PowerLoss(),
        new Processes.Restart(),
        new Processes.Pause("pause", false),
        new Processes.Pause("pause-leader", true),
        new Links.Partition("partition-halves", 3, Cuts::halves),
        new Links.Partition("partition-one", 3, Cuts::one),
        new Links.Partition("partition-link", 3, Cuts::link),
        new Links.RefusedLeader(),
        new Links.Partition("partition-ring", 5, Cuts::ring),
        new Links.Partition("partition-bridge", 5, Cuts::bridge),
        new Links.Partition("one-way-in", 3, Cuts::deaf),
        new Links.Partition("one-way-out", 3, Cuts::mute),
        new Links.Slow(),
        new Links.Lossy(),
        new Links.Reset(),
        new Disks.Wiped(),
        new Disks.Full(),
        new Disks.Slow(),
        new Disks.FailingSync(),
        new Disks.Damaged("bit-flip", Damage.FLIPPED_BIT),
        new Disks.Damaged("truncated-file", Damage.TRUNCATED),
        new ClockStep(),
        new Processes.LeadershipTransfer(),
        new LateHandover(),
        new Processes.RollingRestart());
  }

  /** Some of these on top of each other at every strike, named "all". */
  public static Nemesis mix(List<Nemesis> kinds) {
    return new Mix("all", kinds);
  }

  /** A new one of this name. */
  public static Optional<Nemesis> named(String name) {
    return all().stream().filter(n -> n.name().equals(name)).findFirst();
  }
}
