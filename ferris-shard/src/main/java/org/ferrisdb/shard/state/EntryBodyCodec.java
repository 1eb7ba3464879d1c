package org.ferrisdb.shard.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.state.EntryBody.Command;

/**
 * The bytes of {@link EntryBody}, behind the frame's header. Big-endian.
 *
 * <pre>
 *   kind 1, Writes          u32 number of commands, then each:
 *     +-------------+------------+----------+------------+--------+-----------+---------+
 *     | client high | client low | sequence | ack. below | expiry | timestamp | outcome |
 *     | u64         | u64        | u64      | u64        | u64    | u64       | ...     |
 *     +-------------+------------+----------+------------+--------+-----------+---------+
 *     outcome committed:         u8 = 0, u32 number of mutations, then each:
 *        delete:                 u8 = 0, u16 key length, key
 *        put:                    u8 = 1, u16 key length, key, u32 value length, value
 *     outcome condition failed:  u8 = 1, u32 condition, u8 present, u64 actual version
 *
 *   kind 2, Descriptor      u64 shard, u64 epoch, u16 + start, u16 + end, u8 replicas, u64 each
 *   kind 3, GarbageFloor    u64 floor, u64 now
 * </pre>
 *
 * <p>The descriptor's form is also that of its record in the engine.
 */
public final class EntryBodyCodec {
  /** Kind of {@link EntryBody.Writes}. */
  public static final int WRITES = 1;

  /** Kind of {@link EntryBody.Descriptor}. */
  public static final int DESCRIPTOR = 2;

  /** Kind of {@link EntryBody.GarbageFloor}. */
  public static final int GARBAGE_FLOOR = 3;

  /** Bytes of {@link EntryBody.Writes} besides its commands. */
  public static final int WRITES_HEADER_BYTES = 4;

  private static final int COMMITTED = 0;
  private static final int CONDITION_FAILED = 1;
  private static final int COMMAND_HEADER_BYTES = 6 * 8 + 1;
  private static final int FAILED_BYTES = 4 + 1 + 8;

  private EntryBodyCodec() {}

  /** The kind that the frame names. */
  public static int kind(EntryBody body) {
    return switch (body) {
      case EntryBody.Writes _ -> WRITES;
      case EntryBody.Descriptor _ -> DESCRIPTOR;
      case EntryBody.GarbageFloor _ -> GARBAGE_FLOOR;
    };
  }

  /** An upper bound of what a command with these mutations takes. */
  public static long commandBytes(List<Mutation> mutations) {
    long bytes = COMMAND_HEADER_BYTES + FAILED_BYTES;
    for (Mutation m : mutations) {
      byte[] value = m.value();
      bytes += 3 + m.key().length + (value == null ? 0 : 4 + value.length);
    }
    return bytes;
  }

  /** The bytes of a body. */
  public static ByteBuffer encode(EntryBody body) {
    return switch (body) {
      case EntryBody.Writes writes -> encodeWrites(writes.commands());
      case EntryBody.Descriptor d -> ByteBuffer.wrap(encodeDescriptor(d.descriptor()));
      case EntryBody.GarbageFloor f ->
          ByteBuffer.allocate(16).putLong(f.floor()).putLong(f.now()).flip();
    };
  }

  private static ByteBuffer encodeWrites(List<Command> commands) {
    long bytes = WRITES_HEADER_BYTES;
    for (Command c : commands) {
      bytes += commandBytes(c.mutations());
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(bytes)).putInt(commands.size());
    for (Command c : commands) {
      out.putLong(c.client().high()).putLong(c.client().low());
      out.putLong(c.sequence()).putLong(c.acknowledgedBelow());
      out.putLong(c.expiry()).putLong(c.timestamp());
      switch (c.outcome()) {
        case WriteOutcome.Committed _ -> putMutations(out.put((byte) COMMITTED), c.mutations());
        case WriteOutcome.ConditionFailed f -> putFailure(out.put((byte) CONDITION_FAILED), f);
      }
    }
    return out.flip();
  }

  private static void putMutations(ByteBuffer out, List<Mutation> mutations) {
    out.putInt(mutations.size());
    for (Mutation m : mutations) {
      byte[] value = m.value();
      out.put((byte) (value == null ? 0 : 1));
      putShort(out, m.key());
      if (value != null) {
        out.putInt(value.length).put(value);
      }
    }
  }

  /** The failure's fields; also used in the outcome records. */
  static void putFailure(ByteBuffer out, WriteOutcome.ConditionFailed f) {
    out.putInt(f.condition()).put((byte) (f.actualPresent() ? 1 : 0)).putLong(f.actualVersion());
  }

  /** Reads what {@link #putFailure} wrote. */
  static WriteOutcome.ConditionFailed getFailure(ByteBuffer in) {
    return new WriteOutcome.ConditionFailed(in.getInt(), in.get() == 1, in.getLong());
  }

  /**
   * Reads a body; keys and values are copies.
   *
   * @throws RuntimeException if it is malformed or of an unknown kind: the replica must stop
   */
  public static EntryBody decode(int kind, ByteBuffer body) {
    ByteBuffer in = body.duplicate();
    EntryBody decoded =
        switch (kind) {
          case WRITES -> decodeWrites(in);
          case DESCRIPTOR -> new EntryBody.Descriptor(decodeDescriptor(in));
          case GARBAGE_FLOOR -> new EntryBody.GarbageFloor(in.getLong(), in.getLong());
          default -> throw new IllegalArgumentException("log entry of unknown kind " + kind);
        };
    if (in.hasRemaining()) {
      throw new IllegalArgumentException(in.remaining() + " bytes behind a log entry's body");
    }
    return decoded;
  }

  private static EntryBody.Writes decodeWrites(ByteBuffer in) {
    int count = in.getInt();
    List<Command> commands = new ArrayList<>(Math.min(count, 1 << 16));
    for (int i = 0; i < count; i++) {
      ClientId client = new ClientId(in.getLong(), in.getLong());
      long sequence = in.getLong();
      long acknowledgedBelow = in.getLong();
      long expiry = in.getLong();
      long timestamp = in.getLong();
      WriteOutcome outcome;
      List<Mutation> mutations = List.of();
      if (in.get() == COMMITTED) {
        outcome = new WriteOutcome.Committed(timestamp);
        mutations = getMutations(in);
      } else {
        outcome = getFailure(in);
      }
      commands.add(
          new Command(client, sequence, acknowledgedBelow, expiry, timestamp, outcome, mutations));
    }
    return new EntryBody.Writes(commands);
  }

  private static List<Mutation> getMutations(ByteBuffer in) {
    int count = in.getInt();
    List<Mutation> mutations = new ArrayList<>(Math.min(count, 1 << 16));
    for (int i = 0; i < count; i++) {
      boolean put = in.get() == 1;
      byte[] key = getShort(in);
      mutations.add(new Mutation(key, put ? getBytes(in, in.getInt()) : null));
    }
    return mutations;
  }

  /** The bytes of a descriptor. */
  static byte[] encodeDescriptor(ShardDescriptor d) {
    byte[] start = d.range().start();
    byte[] end = d.range().end();
    int bytes = 8 + 8 + 2 + start.length + 2 + end.length + 1 + 8 * d.replicas().size();
    ByteBuffer out = ByteBuffer.allocate(bytes).putLong(d.id().value()).putLong(d.epoch());
    putShort(out, start);
    putShort(out, end);
    out.put((byte) d.replicas().size());
    for (NodeId node : d.replicas()) {
      out.putLong(Long.parseUnsignedLong(node.value(), 16));
    }
    return out.array();
  }

  /** Reads what {@link #encodeDescriptor} wrote. */
  static ShardDescriptor decodeDescriptor(ByteBuffer in) {
    ShardId id = new ShardId(in.getLong());
    long epoch = in.getLong();
    KeyRange range = new KeyRange(getShort(in), getShort(in));
    int count = in.get() & 0xff;
    List<NodeId> replicas = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      replicas.add(new NodeId(String.format("%016x", in.getLong())));
    }
    return new ShardDescriptor(id, range, replicas, epoch);
  }

  private static void putShort(ByteBuffer out, byte[] bytes) {
    if (bytes.length > 0xffff) {
      throw new IllegalArgumentException("key of " + bytes.length + " bytes");
    }
    out.putShort((short) bytes.length).put(bytes);
  }

  private static byte[] getShort(ByteBuffer in) {
    return getBytes(in, in.getShort() & 0xffff);
  }

  private static byte[] getBytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
