package org.ferrisdb.shard.meta;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.ferrisdb.shard.map.FieldReader;
import org.ferrisdb.shard.map.FieldWriter;
import org.ferrisdb.shard.map.ShardId;

/**
 * Commands as bytes: one, as it travels between nodes, and many, as the body of a log entry of the
 * meta group: commands, to be applied in their order. The fields are those of {@link FieldWriter};
 * framing and checksums are around it.
 *
 * <pre>
 *   entry   := u16 count | command*
 *   command := u8 1 | list of nodes | list of descriptors | u16 count | node id*    Form
 *            | u8 2 | node                                                          RegisterNode
 *            | u8 3 | u64 shard | u64 expected epoch | u16 count | node id*         ReplicasChanged
 *            | u8 4 | u64 bound                                                     ExtendOracle
 *            | u8 5 | text name | text value                                        ChangeSetting
 *            | u8 6 | u64 shard | node id | u64 expected version                    BeginRepair
 *            | u8 7 | u64 repair | u8 step | u64 term                               RepairStepDone
 * </pre>
 *
 * The codes are in logs: never change or reuse one.
 */
public final class MetaCommandCodec {
  private static final int FORM = 1;
  private static final int REGISTER_NODE = 2;
  private static final int REPLICAS_CHANGED = 3;
  private static final int EXTEND_ORACLE = 4;
  private static final int CHANGE_SETTING = 5;
  private static final int BEGIN_REPAIR = 6;
  private static final int REPAIR_STEP_DONE = 7;

  private MetaCommandCodec() {}

  /** One command, as it travels between nodes. */
  public static byte[] encode(MetaCommand command) {
    FieldWriter out = new FieldWriter();
    write(out, command);
    return out.toBytes();
  }

  /**
   * One command.
   *
   * @throws FieldReader.Malformed if it is none that this version knows
   */
  public static MetaCommand decode(byte[] bytes) {
    FieldReader in = new FieldReader(bytes);
    MetaCommand command = read(in);
    in.end();
    return command;
  }

  /** Commands as an entry's body. */
  static byte[] encodeEntry(List<MetaCommand> commands) {
    FieldWriter out = new FieldWriter().u16(commands.size());
    commands.forEach(c -> write(out, c));
    return out.toBytes();
  }

  /**
   * The commands of a body.
   *
   * @throws FieldReader.Malformed if they are not known to this version; the replica must stop
   *     then, because it could only go on with another state than its peers
   */
  static List<MetaCommand> decodeEntry(FieldReader in) {
    int count = in.u16();
    List<MetaCommand> commands = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      commands.add(read(in));
    }
    in.end();
    return commands;
  }

  /** What tells one command of forming a cluster from another: SHA-256 of its bytes, in hex. */
  static String fingerprint(MetaCommand.Form form) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(encode(form)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void write(FieldWriter out, MetaCommand command) {
    switch (command) {
      case MetaCommand.Form c -> {
        out.u8(FORM).nodes(c.nodes());
        out.descriptors(c.shards()).nodeIds(c.metaReplicas());
      }
      case MetaCommand.RegisterNode c -> out.u8(REGISTER_NODE).node(c.node());
      case MetaCommand.ReplicasChanged c -> {
        out.u8(REPLICAS_CHANGED).u64(c.shard().value());
        out.u64(c.expectedEpoch()).nodeIds(c.replicas());
      }
      case MetaCommand.ExtendOracle c -> out.u8(EXTEND_ORACLE).u64(c.bound());
      case MetaCommand.ChangeSetting c -> out.u8(CHANGE_SETTING).text(c.name()).text(c.value());
      case MetaCommand.BeginRepair c -> {
        out.u8(BEGIN_REPAIR).u64(c.shard().value()).nodeId(c.node());
        out.u64(c.expectedVersion());
      }
      case MetaCommand.RepairStepDone c ->
          out.u8(REPAIR_STEP_DONE).u64(c.repair()).step(c.step()).u64(c.term());
    }
  }

  private static MetaCommand read(FieldReader in) {
    int code = in.u8();
    return switch (code) {
      case FORM -> new MetaCommand.Form(in.nodes(), in.descriptors(), in.nodeIds());
      case REGISTER_NODE -> new MetaCommand.RegisterNode(in.node());
      case REPLICAS_CHANGED ->
          new MetaCommand.ReplicasChanged(new ShardId(in.u64()), in.u64(), in.nodeIds());
      case EXTEND_ORACLE -> new MetaCommand.ExtendOracle(in.u64());
      case CHANGE_SETTING -> new MetaCommand.ChangeSetting(in.text(), in.text());
      case BEGIN_REPAIR ->
          new MetaCommand.BeginRepair(new ShardId(in.u64()), in.nodeId(), in.u64());
      case REPAIR_STEP_DONE -> new MetaCommand.RepairStepDone(in.u64(), in.step(), in.u64());
      default -> throw in.malformed("a meta command of code " + code);
    };
  }
}
