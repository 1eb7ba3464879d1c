package org.ferrisdb.shard.simulation;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.state.EntryBody;
import org.ferrisdb.shard.state.EntryBody.Command;
import org.ferrisdb.shard.state.EntryBodyCodec;
import org.jspecify.annotations.Nullable;

/**
 * What the committed log says, by rules written a second time: which entries count (rule 6), which
 * commands are applied (rule 10), and which versions that makes. It has nothing of the state
 * machine but the codecs, so an error there is not repeated here.
 *
 * <p>While it reads it checks what must hold of any log: timestamps rise, a call is applied once,
 * and every condition was decided as the state before it says.
 */
final class Truth {
  /** A version; null: deleted. */
  record Version(@Nullable String value, long timestamp) {}

  /** What became of a client's command. */
  record Applied(WriteOutcome outcome, long timestamp, long index) {}

  /** A client and a sequence. */
  record CommandId(long client, long sequence) {}

  private final World world;
  private final Map<CommandId, Op> calls = new HashMap<>();
  private final Map<CommandId, Applied> applied = new HashMap<>();
  private final Map<String, NavigableMap<Long, Version>> versions = new TreeMap<>();
  private long term;
  private long last;
  private long newest;
  private long garbageFloor;

  Truth(World world, Collection<Op> history) {
    this.world = world;
    for (Op op : history) {
      op.sequences.forEach(s -> calls.put(new CommandId(op.client, s), op));
    }
  }

  void read(List<SimLog.Entry> log) {
    for (int i = 0; i < log.size(); i++) {
      SimLog.Entry entry = log.get(i);
      byte[] payload = entry.payload();
      if (payload != null) {
        LogEntryFrame frame = LogEntryFrame.decode(ByteBuffer.wrap(payload));
        if (counts(entry.term(), frame) && frame.kind() != LogEntryFrame.NO_OP) {
          apply(i + 1, EntryBodyCodec.decode(frame.kind(), frame.body()));
        }
      }
    }
  }

  private boolean counts(long logTerm, LogEntryFrame frame) {
    long before = logTerm == term ? last : 0;
    if (frame.term() != logTerm || frame.predecessor() != before || frame.number() <= before) {
      return false;
    }
    term = logTerm;
    last = frame.number();
    return true;
  }

  private void apply(long index, EntryBody body) {
    switch (body) {
      case EntryBody.Writes writes -> writes.commands().forEach(c -> apply(index, c));
      case EntryBody.GarbageFloor f -> {
        newest = Math.max(newest, f.now());
        garbageFloor = Math.max(garbageFloor, f.floor());
      }
      case EntryBody.Descriptor _ -> {
        // changes nothing that clients see
      }
    }
  }

  private void apply(long index, Command c) {
    if (c.timestamp() > c.expiry()) {
      return;
    }
    CommandId id = new CommandId(c.client().high(), c.sequence());
    Op op = calls.get(id);
    if (op == null) {
      world.violation("entry %d holds %s, which nobody sent", index, id);
      return;
    }
    if (c.timestamp() <= newest) {
      world.violation(op, "entry %d commits it at %d, not above %d", index, c.timestamp(), newest);
    }
    Applied before = applied.putIfAbsent(id, new Applied(c.outcome(), c.timestamp(), index));
    if (before != null) {
      world.violation(op, "applied twice, by entry %d and by entry %d", before.index(), index);
    }
    boolean holds = conditionHolds(op);
    boolean committed = c.outcome() instanceof WriteOutcome.Committed;
    if (holds != committed) {
      world.violation(
          op,
          "entry %d says %s, but the condition %s",
          index,
          c.outcome(),
          holds ? "held" : "did not hold");
    }
    newest = Math.max(newest, c.timestamp());
    for (Mutation m : c.mutations()) {
      byte[] value = m.value();
      versions
          .computeIfAbsent(SimClients.text(m.key()), k -> new TreeMap<>())
          .put(
              c.timestamp(),
              new Version(value == null ? null : SimClients.text(value), c.timestamp()));
    }
  }

  private boolean conditionHolds(Op op) {
    Op.Condition c = op.condition;
    return c == null || Objects.equals(valueAt(c.key(), Long.MAX_VALUE), c.expected());
  }

  // ---- what it says -----------------------------------------------------------------------------

  /** The version of a key at a timestamp; null if it had no value. */
  @Nullable Version at(String key, long timestamp) {
    NavigableMap<Long, Version> of = versions.get(key);
    Map.Entry<Long, Version> found = of == null ? null : of.floorEntry(timestamp);
    return found == null || found.getValue().value() == null ? null : found.getValue();
  }

  @Nullable String valueAt(String key, long timestamp) {
    Version found = at(key, timestamp);
    return found == null ? null : found.value();
  }

  /** All keys that had a value at a timestamp. */
  Map<String, Op.Seen> cut(Collection<String> keys, long timestamp) {
    Map<String, Op.Seen> cut = new TreeMap<>();
    for (String key : keys) {
      Version v = at(key, timestamp);
      if (v != null && v.value() != null) {
        cut.put(key, new Op.Seen(v.value(), v.timestamp()));
      }
    }
    return cut;
  }

  @Nullable Applied applied(long client, long sequence) {
    return applied.get(new CommandId(client, sequence));
  }

  Map<String, NavigableMap<Long, Version>> versions() {
    return versions;
  }

  long garbageFloor() {
    return garbageFloor;
  }
}
