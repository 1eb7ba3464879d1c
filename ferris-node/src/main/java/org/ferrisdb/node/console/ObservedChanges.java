package org.ferrisdb.node.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ferrisdb.node.console.Event.Level;
import org.ferrisdb.node.console.Event.Takeover;
import org.ferrisdb.node.console.Observation.GroupSeen;
import org.ferrisdb.node.console.Observation.NodeSeen;
import org.ferrisdb.node.console.Observation.RepairSeen;
import org.ferrisdb.node.console.Observation.ShardSeen;
import org.jspecify.annotations.Nullable;

/** From two observations of a node, one after the other, to what happened in between. Pure. */
final class ObservedChanges {
  /** Elections take about a second; a group without a leader for longer is news. */
  static final long LEADERLESS_MILLIS = 3_000;

  private final Observation before;
  private final Observation now;
  private final List<Event> events = new ArrayList<>();

  private ObservedChanges(Observation before, Observation now) {
    this.before = before;
    this.now = now;
  }

  static List<Event> between(Observation before, Observation now) {
    ObservedChanges changes = new ObservedChanges(before, now);
    changes.nodes();
    changes.reachability();
    changes.shards();
    changes.repairs();
    changes.groups();
    changes.disk();
    return List.copyOf(changes.events);
  }

  private void add(Level level, String about, String text) {
    events.add(Event.of(now, level, about, text));
  }

  private static String shard(String name) {
    return name.equals("meta") ? "the meta group" : "shard " + name;
  }

  private void nodes() {
    if (before.mapVersion() == 0) {
      return;
    }
    now.nodes()
        .forEach((id, node) -> {
          NodeSeen was = before.nodes().get(id);
          if (was == null && !node.replaced()) {
            add(Level.GOOD, "joined " + id, node.name() + " joined the cluster");
          } else if (was != null && !was.replaced() && node.replaced()) {
            add(
                Level.WARN,
                "replaced " + id,
                node.name() + " came back with an empty disk: a new node takes its replicas over");
          }
        });
  }

  private void reachability() {
    now.nodes()
        .forEach((id, node) -> {
          boolean was = before.answering().contains(id);
          boolean is = now.answering().contains(id);
          if (node.replaced() || was == is || node.name().equals(now.self())) {
            return;
          }
          if (!is) {
            add(Level.BAD, "down " + id, node.name() + " is down: it does not answer any more");
          } else if (before.everAnswered().contains(id)) {
            // Else it is this node that has just started, and the others have been up all along.
            add(Level.GOOD, "up " + id, node.name() + " is up");
          }
        });
  }

  private void shards() {
    if (before.mapVersion() == 0) {
      return;
    }
    now.shards()
        .forEach((name, shard) -> {
          ShardSeen was = before.shards().get(name);
          if (was == null) {
            add(Level.INFO, "shard " + name, "shard " + name + " is new, on " + shard.replicas());
          } else if (!was.replicas().equals(shard.replicas())) {
            add(
                Level.INFO,
                "replicas " + name + " " + shard.epoch(),
                "the replicas of "
                    + shard(name)
                    + " are on "
                    + shard.replicas()
                    + " now, no longer on "
                    + was.replicas()
                    + " (epoch "
                    + shard.epoch()
                    + ")");
          }
        });
  }

  private void repairs() {
    now.repairs()
        .forEach((name, repair) -> {
          RepairSeen was = before.repairs().get(name);
          if (was == null || was.id() != repair.id()) {
            add(
                Level.WARN,
                "repair " + repair.id(),
                "the replica of "
                    + shard(name)
                    + " on "
                    + repair.node()
                    + " is lost; it is being rebuilt from its peers");
          }
        });
    before
        .repairs()
        .forEach((name, repair) -> {
          RepairSeen is = now.repairs().get(name);
          if (is == null || is.id() != repair.id()) {
            add(
                Level.GOOD,
                "repaired " + repair.id(),
                "the replica of " + shard(name) + " on " + repair.node() + " is whole again");
          }
        });
  }

  private void groups() {
    now.groups()
        .forEach((name, group) -> {
          GroupSeen was = before.groups().get(name);
          leader(name, was, group);
          if (was != null && was.failed() != group.failed()) {
            String whose = now.self() + "'s replica of " + shard(name);
            if (group.failed()) {
              add(Level.BAD, "failed " + now.self() + name, whose + " failed; it is opened again");
            } else {
              add(Level.GOOD, "works " + now.self() + name, whose + " works again");
            }
          }
        });
  }

  private void leader(String name, @Nullable GroupSeen was, GroupSeen is) {
    String last = was == null ? "" : was.lastLeader();
    boolean elected = was == null || was.term() != is.term() || !last.equals(is.leader());
    if (!is.leader().isEmpty() && elected) {
      events.add(Event.of(now, new Takeover(name, last, is.leader(), is.term())));
    }
    if (is.leaderlessSinceMillis() > 0
        && now.atMillis() - is.leaderlessSinceMillis() >= LEADERLESS_MILLIS
        && before.atMillis() - is.leaderlessSinceMillis() < LEADERLESS_MILLIS) {
      add(
          Level.BAD,
          "leaderless " + name + " " + is.leaderlessSinceMillis() / 10_000,
          shard(name)
              + " has had no leader for "
              + LEADERLESS_MILLIS / 1_000
              + " s: its reads and writes wait");
    }
  }

  private void disk() {
    if (before.diskLow() == now.diskLow()) {
      return;
    }
    String free = megabytes(now.diskFreeBytes());
    if (now.diskLow()) {
      add(
          Level.BAD,
          "disk low " + now.self(),
          "the disk of "
              + now.self()
              + " is nearly full ("
              + free
              + " free, "
              + megabytes(now.diskReserveBytes())
              + " reserved): it refuses writes");
    } else {
      add(
          Level.GOOD,
          "disk well " + now.self(),
          "the disk of " + now.self() + " has room again (" + free + " free)");
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
  }
}
