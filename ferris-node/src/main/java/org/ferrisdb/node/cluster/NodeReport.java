package org.ferrisdb.node.cluster;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What nodes tell each other twice a second; JSON on the wire.
 *
 * @param mapVersion of the shard map it knows
 * @param writable whether its disk has room
 * @param slowDisk whether its disk does not keep pace with its logs
 * @param leaders shard number to the id of the node that leads it, for the replicas it has
 * @param broken numbers of the shards whose replica there can not lead: failed, damaged or being
 *     rebuilt
 */
public record NodeReport(
    long mapVersion,
    boolean writable,
    boolean slowDisk,
    Map<Long, String> leaders,
    List<Long> broken) {
  /** The admin command that asks for it. */
  public static final String COMMAND = "report";

  private static final Gson GSON = new Gson();

  /** Whether it may be given leaderships. */
  boolean mayLead() {
    return writable && !slowDisk;
  }

  /** For the wire. */
  public ByteString encode() {
    return ByteString.copyFromUtf8(GSON.toJson(this));
  }

  static @Nullable NodeReport decode(ByteString bytes) {
    try {
      NodeReport report = GSON.fromJson(bytes.toStringUtf8(), NodeReport.class);
      return report == null || report.leaders() == null || report.broken() == null ? null : report;
    } catch (JsonSyntaxException e) {
      return null;
    }
  }
}
