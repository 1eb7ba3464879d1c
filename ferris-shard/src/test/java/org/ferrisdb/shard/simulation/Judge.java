package org.ferrisdb.shard.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.Committed;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.ConditionFailed;
import org.ferrisdb.storage.Versioned;

/**
 * Decides whether a run was right, when it is over and healed:
 *
 * <ol>
 *   <li>every answer says what the committed log says ({@link Truth}): outcomes, reads and scans,
 *       each at the timestamp that it names, so that every scan is one cut;
 *   <li>who was told "not applied" was not applied;
 *   <li>the order of timestamps agrees with real time, over all keys (strict serializability);
 *   <li>without looking at a timestamp or at the log: each key is linearizable ({@link
 *       RegisterChecker});
 *   <li>every replica holds the versions that the log says.
 * </ol>
 */
final class Judge {
  private final World world;
  private final SimCluster cluster;
  private final List<Op> history;
  private final Truth truth;

  Judge(SimCluster cluster, List<Op> history) {
    this.world = cluster.world;
    this.cluster = cluster;
    this.history = history;
    this.truth = new Truth(world, history);
  }

  void judge() {
    truth.read(cluster.shard.truth());
    Set<String> keys = new TreeSet<>(truth.versions().keySet());
    for (Op op : history) {
      if (op.kind == Op.Kind.WRITE) {
        checkWrite(op);
      } else {
        checkRead(op, keys);
      }
    }
    checkRealTime();
    String wrong = RegisterChecker.check(history);
    if (wrong != null) {
      world.violation("%s", wrong);
    }
    cluster.servers().forEach(this::checkReplica);
  }

  // ---- answers ----------------------------------------------------------------------------------

  private void checkWrite(Op op) {
    Truth.Applied applied = null;
    for (int i = 0; i < op.sequences.size(); i++) {
      Truth.Applied found = truth.applied(op.client, op.sequences.get(i));
      if (found != null && i < op.sequences.size() - 1) {
        world.violation(op, "said to be expired and not applied, and was applied");
      }
      applied = found;
    }
    for (WriteOutcome outcome : op.allOutcomes) {
      if (applied == null) {
        world.violation(op, "answered %s, and the log does not have it", outcome);
      } else if (!applied.outcome().equals(outcome)) {
        world.violation(op, "answered %s, the log has %s", outcome, applied.outcome());
      }
    }
    if (op.status == Op.Status.FAIL && applied != null) {
      world.violation(op, "said not to be applied, and entry %d applies it", applied.index());
    }
    if (op.outcome instanceof ConditionFailed f && op.condition != null) {
      // The key stands at the version that was named, just before the refusal's timestamp.
      long before = Objects.requireNonNull(applied).timestamp() - 1;
      Truth.Version actual = truth.at(op.condition.key(), before);
      if (f.actualPresent() != (actual != null)
          || (actual != null && actual.timestamp() != f.actualVersion())) {
        world.violation(op, "refused because of %s, and the key was %s", f, String.valueOf(actual));
      }
    }
  }

  private void checkRead(Op op, Set<String> keys) {
    for (Op.ReadAnswer answer : op.allAnswers) {
      if (op.at != 0 && answer.timestamp() != op.at) {
        world.violation(op, "asked at %d, answered at %d", op.at, answer.timestamp());
      }
      Map<String, Op.Seen> expected =
          truth.cut(op.kind == Op.Kind.SCAN ? keys : op.keys, answer.timestamp());
      if (!expected.equals(answer.values())) {
        world.violation(
            op,
            "read %s, where the log has %s at %d",
            answer.values(),
            expected,
            answer.timestamp());
      }
    }
  }

  // ---- real time --------------------------------------------------------------------------------

  private record Moment(long nanos, boolean end, Op op) {}

  /** What ended before something else began has a lower timestamp, or both only read. */
  private void checkRealTime() {
    List<Moment> moments = new ArrayList<>();
    for (Op op : history) {
      if (op.status == Op.Status.OK && op.at == 0 && op.timestamp() != 0) {
        moments.add(new Moment(op.invoked, false, op));
        moments.add(new Moment(op.completed, true, op));
      }
    }
    moments.sort(Comparator.comparingLong(Moment::nanos).thenComparing(Moment::end));
    Op newest = null;
    for (Moment m : moments) {
      if (m.end()) {
        newest = newest == null || m.op().timestamp() > newest.timestamp() ? m.op() : newest;
      } else if (newest != null) {
        long lowest = newest.timestamp() + (m.op().outcome instanceof Committed ? 1 : 0);
        if (m.op().timestamp() < lowest) {
          world.violation(
              m.op(), "a call began after one with a higher timestamp had ended (%s)", newest);
          return;
        }
      }
    }
  }

  // ---- replicas ---------------------------------------------------------------------------------

  private void checkReplica(SimServer server) {
    for (Map.Entry<String, NavigableMap<Long, Truth.Version>> key : truth.versions().entrySet()) {
      for (Truth.Version v : key.getValue().values()) {
        if (v.timestamp() < truth.garbageFloor()) {
          continue;
        }
        Versioned found = server.shard().state().get(SimClients.bytes(key.getKey()), v.timestamp());
        String value = found == null || found.isTombstone() ? null : SimClients.text(found.value());
        if (!Objects.equals(value, v.value())) {
          world.violation(
              "node %d holds %s=%s at %d, the log says %s",
              server.node.id, key.getKey(), value, v.timestamp(), v.value());
          return;
        }
      }
    }
  }
}
