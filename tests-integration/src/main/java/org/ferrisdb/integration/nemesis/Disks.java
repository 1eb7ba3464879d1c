package org.ferrisdb.integration.nemesis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.Disk;
import org.ferrisdb.integration.cluster.Disk.Damage;
import org.ferrisdb.integration.cluster.Disk.FileKind;
import org.ferrisdb.integration.cluster.Fault;
import org.ferrisdb.integration.history.History;

/** Faults of a disk, of one node at a time. */
final class Disks {
  private Disks() {}

  /**
   * A disk that works badly while its node runs; a node that gave up is started again at the end.
   */
  abstract static class Bad extends FaultNemesis {
    private List<String> victims = List.of();

    Bad(String name, Fault need) {
      super(name, need);
    }

    @Override
    final void inject(Cluster cluster, Random random, History history) {
      Leader leader = leader(cluster, random);
      String victim = random.nextBoolean() ? leader.node() : one(cluster.nodes(), random);
      victims = List.of(victim);
      Map<String, Object> details = spoil(cluster.disk(victim), random);
      Map<String, Object> all = new java.util.HashMap<>(details);
      all.put("nodes", victims);
      effect(cluster, history, all);
    }

    abstract Map<String, Object> spoil(Disk disk, Random random);

    @Override
    final void undo(Cluster cluster, History history) {
      for (String victim : victims) {
        long faulty = cluster.disk(victim).faultySyncs();
        boolean gaveUp = cluster.down().contains(victim);
        effect(
            cluster, history, Map.of("nodes", victims, "faulty-syncs", faulty, "gave-up", gaveUp));
        cluster.disk(victim).heal();
        cluster.start(victim);
      }
    }
  }

  /** Nothing free any more. */
  static final class Full extends Bad {
    Full() {
      super("disk-full", Fault.FULL_DISK);
    }

    @Override
    Map<String, Object> spoil(Disk disk, Random random) {
      disk.fill();
      return Map.of();
    }
  }

  /** Every fsync takes long. */
  static final class Slow extends Bad {
    private static final int LEAST_MILLIS = 50;
    private static final int MOST_MILLIS = 500;

    Slow() {
      super("slow-disk", Fault.SLOW_DISK);
    }

    @Override
    Map<String, Object> spoil(Disk disk, Random random) {
      int millis = random.nextInt(LEAST_MILLIS, MOST_MILLIS);
      disk.slow(Duration.ofMillis(millis));
      return Map.of("fsync-millis", (long) millis);
    }
  }

  /**
   * Every fsync fails. What it was to make durable is lost for good; to try again proves nothing.
   */
  static final class FailingSync extends Bad {
    FailingSync() {
      super("failing-fsync", Fault.FAILING_FSYNC);
    }

    @Override
    Map<String, Object> spoil(Disk disk, Random random) {
      disk.failSyncs();
      return Map.of();
    }
  }

  /** What a node has on disk is lost or damaged while it is down; see {@link Expendable}. */
  abstract static class Lost extends FaultNemesis {
    private List<String> victims = List.of();

    Lost(String name, Fault need) {
      super(name, need);
    }

    @Override
    final void inject(Cluster cluster, Random random, History history) {
      String victim = one(cluster.nodes(), random);
      victims = List.of(victim);
      Optional<String> refusal = Expendable.awaitNothingMissing(cluster);
      if (refusal.isEmpty()) {
        cluster.kill(victim);
        effect(cluster, history, Map.of("nodes", victims));
        refusal = Expendable.awaitOthersHaveAll(cluster, victim);
        if (refusal.isEmpty()) {
          List<String> files = lose(cluster.disk(victim), random);
          effect(cluster, history, Map.of("nodes", victims, "files", files));
        }
        cluster.start(victim);
      }
      Map<String, Object> outcome =
          refusal.<Map<String, Object>>map(why -> Map.of("not-done", why)).orElse(Map.of());
      effect(cluster, history, outcome);
    }

    /** Says which files. */
    abstract List<String> lose(Disk disk, Random random);

    @Override
    final void undo(Cluster cluster, History history) {
      victims.forEach(cluster::start); // the rest is the cluster's business
    }
  }

  /** All of it: a new disk, and so a new node under the old name. */
  static final class Wiped extends Lost {
    Wiped() {
      super("wiped-disk", Fault.WIPED_DISK);
    }

    @Override
    List<String> lose(Disk disk, Random random) {
      disk.wipe();
      return List.of("all");
    }
  }

  /** One file. */
  static final class Damaged extends Lost {
    private final Damage damage;

    Damaged(String name, Damage damage) {
      super(name, Fault.DAMAGED_FILES);
      this.damage = damage;
    }

    @Override
    List<String> lose(Disk disk, Random random) {
      return disk.damage(damage, List.of(FileKind.values()), random);
    }
  }
}
