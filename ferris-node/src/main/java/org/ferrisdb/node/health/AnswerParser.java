package org.ferrisdb.node.health;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.client.wire.MapReply;
import org.ferrisdb.client.wire.NodeProto;
import org.ferrisdb.client.wire.ShardDescriptorProto;
import org.ferrisdb.node.cli.transfer.Printable;
import org.ferrisdb.node.health.NodeAnswer.Member;
import org.ferrisdb.node.health.NodeAnswer.ShardEntry;

/**
 * From a node's messages to a {@link NodeAnswer}. Pure.
 *
 * <p>The shard map tells nodes and shards; the node's own status (JSON, see {@code
 * org.ferrisdb.node.observe.StatusReport}) which of its replicas lead, which are broken, whose are
 * far behind those it leads, and who is in the meta group. Members that are missing or of another
 * kind are passed over: a node of another version must not make its cluster look dead.
 */
final class AnswerParser {
  private static final String META = "meta";

  private AnswerParser() {}

  static NodeAnswer parse(String address, HelloReply hello, MapReply map, String status) {
    List<Member> members = new ArrayList<>();
    for (NodeProto n : map.getNodesList()) {
      members.add(
          new Member(
              n.getNodeId(),
              n.getName(),
              n.getClientAddress(),
              n.getHttpAddress(),
              n.getState().equals("gone")));
    }
    List<ShardEntry> shards = new ArrayList<>();
    for (ShardDescriptorProto s : map.getShardsList()) {
      shards.add(
          new ShardEntry(
              s.getShardId(),
              s.getEpoch(),
              Printable.of(s.getStart().toByteArray()),
              Printable.of(s.getEnd().toByteArray()),
              s.getReplicaNodeIdsList()));
    }
    Map<Long, Long> leads = new HashMap<>();
    Map<Long, String> failures = new HashMap<>();
    Map<Long, Set<String>> behind = new HashMap<>();
    Set<Long> hosted = new HashSet<>();
    Optional<List<JsonObject>> replicas = replicas(status);
    for (JsonObject replica : replicas.orElse(List.of())) {
      long id = shardId(text(replica, "shard"));
      if (id < 0) {
        continue;
      }
      hosted.add(id);
      ShardEntry meta = metaEntry(replica);
      // A node that just started does not know the members yet: that is no group of nobody.
      if (id == 0 && map.getNodesCount() > 0 && !meta.replicaNodeIds().isEmpty()) {
        shards.add(meta);
      }
      // Not "serving": an idle leader lets its lease lapse and renews it with the next request.
      if (replica.get("leading") instanceof JsonPrimitive leading && leading.getAsBoolean()) {
        leads.put(id, number(replica, "term"));
        behind.put(id, behind(replica));
      }
      if (!text(replica, "failure").isEmpty()) {
        failures.put(id, text(replica, "failure"));
      }
    }
    return new NodeAnswer(
        address,
        "",
        hello.getNodeId(),
        hello.getNodeName(),
        map.getClusterId().isEmpty() ? hello.getClusterId() : map.getClusterId(),
        map.getVersion(),
        members,
        shards,
        leads,
        failures,
        behind,
        replicas.map(known -> hosted),
        status);
  }

  /** Nothing if it is not the JSON we know: then what the shard map tells has to do. */
  private static Optional<List<JsonObject>> replicas(String status) {
    List<JsonObject> replicas = new ArrayList<>();
    try {
      JsonElement json = JsonParser.parseString(status);
      if (!(json instanceof JsonObject object && object.get("shards") instanceof JsonArray all)) {
        return Optional.empty();
      }
      for (JsonElement e : all) {
        replicas.add(e.getAsJsonObject());
      }
    } catch (JsonParseException | IllegalStateException e) {
      return Optional.empty();
    }
    return Optional.of(replicas);
  }

  /** Of two views of the members the one further ahead in the log counts as the newer one. */
  private static ShardEntry metaEntry(JsonObject replica) {
    // Where replicas belong; one that is being rebuilt is no member of the Raft group meanwhile.
    String source =
        replica.get("replicas") instanceof JsonArray all && !all.isEmpty() ? "replicas" : "members";
    List<String> members = new ArrayList<>();
    if (replica.get(source) instanceof JsonArray all) {
      all.forEach(m -> members.add(m.getAsString()));
    }
    return new ShardEntry(0, number(replica, "raftAppliedIndex"), "", "", members);
  }

  /** Followers to whom a leader's log does not reach back. */
  private static Set<String> behind(JsonObject leader) {
    Set<String> behind = new HashSet<>();
    if (leader.get("followers") instanceof JsonObject followers) {
      followers
          .entrySet()
          .forEach(f -> {
            if (f.getValue() instanceof JsonObject follower
                && follower.get("needsCheckpoint") instanceof JsonPrimitive needs
                && needs.getAsBoolean()) {
              behind.add(f.getKey());
            }
          });
    }
    return behind;
  }

  private static long number(JsonObject json, String name) {
    return json.get(name) instanceof JsonPrimitive p && p.isNumber() ? p.getAsLong() : 0;
  }

  private static String text(JsonObject json, String name) {
    return json.get(name) instanceof JsonPrimitive p ? p.getAsString() : "";
  }

  /** s7 is 7, meta is 0, anything else -1. */
  private static long shardId(String name) {
    if (name.equals(META)) {
      return 0;
    }
    return name.matches("s[0-9]{1,18}") ? Long.parseLong(name.substring(1)) : -1;
  }
}
