package org.ferrisdb.node.cluster;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import org.ferrisdb.client.wire.AdminRequest;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.node.server.RequestException;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.ShardId;

/**
 * The commands nodes send each other in {@code AdminRequest}, by name, with what their payloads
 * hold. All are idempotent or compare-and-set where they arrive.
 */
public final class AdminCommands {
  /** A MetaCommand for the leader of meta, as MetaCommandCodec encodes it; empty reply. */
  public static final String META = "meta";

  /** The whole shard map, as ShardMapCodec encodes it; no payload. */
  public static final String MAP = "map";

  /** Open an empty replica of the shard: {@link ShardCommand}; empty reply. */
  public static final String JOIN_GROUP = "join-group";

  /**
   * For the shard's leader: whether a node's replica is of use, {@link ShardCommand}; the reply is
   * a {@link Membership}.
   */
  public static final String MEMBERSHIP = "membership";

  /** Hand the shard's leadership to a node: {@link ShardCommand}; empty reply. */
  public static final String TRANSFER = "transfer-leadership";

  /**
   * What this node's replica of a shard amounts to: {@link ShardCommand} with an empty node; the
   * reply is a {@link ReplicaState}.
   */
  public static final String DIGEST = "digest";

  /** The plan this node holds, as a FormRequest; no payload. */
  public static final String PLAN = "plan";

  /** What the node has answered and seen lately, for the console; {@code ActivityCursor}, JSON. */
  public static final String ACTIVITY = "activity";

  private static final Gson GSON = new Gson();

  private AdminCommands() {}

  /**
   * A command about a shard, as JSON.
   *
   * @param shard its number, 0 for meta
   * @param node the node it is about, empty where there is none
   */
  public record ShardCommand(long shard, String node) {
    /** Which shard. */
    public ShardId shardId() {
      return new ShardId(shard);
    }

    /** Which node. */
    public NodeId nodeId() {
      return new NodeId(node);
    }
  }

  /**
   * What a leader knows of a node, as JSON.
   *
   * @param stranger it is no member, and nothing planned makes it one
   * @param term the leader's
   */
  public record Membership(boolean stranger, long term) {
    /** For the wire. */
    public ByteString encode() {
      return ByteString.copyFromUtf8(GSON.toJson(this));
    }
  }

  /**
   * A replica's state, as JSON. Replicas of a shard with the same index and another digest are not
   * the same, and one of them is wrong.
   *
   * @param appliedIndex index of the last log entry in it
   * @param digest over all keys, values, versions and outcomes, hexadecimal
   */
  public record ReplicaState(long appliedIndex, String digest) {
    /** For the wire. */
    public ByteString encode() {
      return ByteString.copyFromUtf8(GSON.toJson(this));
    }

    /**
     * From the wire.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static ReplicaState decode(ByteString payload) {
      try {
        ReplicaState state = GSON.fromJson(payload.toStringUtf8(), ReplicaState.class);
        if (state != null && state.digest() != null) {
          return state;
        }
      } catch (JsonSyntaxException e) {
        // Said below.
      }
      throw new IllegalArgumentException("not a replica's state: " + payload.toStringUtf8());
    }
  }

  /** The payload of a reply to {@link #MEMBERSHIP}; what can not be read claims nothing. */
  static Membership membership(ByteString payload) {
    try {
      Membership membership = GSON.fromJson(payload.toStringUtf8(), Membership.class);
      return membership == null ? new Membership(false, 0) : membership;
    } catch (JsonSyntaxException e) {
      return new Membership(false, 0);
    }
  }

  /** The request for a command about a shard. */
  public static Envelope.Builder request(String command, ShardCommand payload) {
    return request(command, ByteString.copyFromUtf8(GSON.toJson(payload)));
  }

  /** The request for a command. */
  public static Envelope.Builder request(String command, ByteString payload) {
    return Envelope.newBuilder()
        .setAdmin(AdminRequest.newBuilder().setCommand(command).setPayload(payload));
  }

  /** The payload of a command about a shard. */
  public static ShardCommand shardCommand(AdminRequest request) {
    try {
      ShardCommand command =
          GSON.fromJson(request.getPayload().toString(StandardCharsets.UTF_8), ShardCommand.class);
      if (command != null && command.node() != null) {
        return command;
      }
    } catch (JsonSyntaxException e) {
      // Said below.
    }
    throw RequestException.refused(
        ErrorCode.INVALID, "bad payload of admin command " + request.getCommand(), "");
  }
}
