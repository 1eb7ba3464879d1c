package org.ferrisdb.node.observe;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.config.ConfigKey;
import org.ferrisdb.node.config.Setting;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.ShardStatus;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.meta.MetaReplica;
import org.ferrisdb.shard.meta.MetaStatus;
import org.ferrisdb.storage.EngineStats;

/** The node's status as JSON. Stateless. */
public final class StatusReport {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();

  private StatusReport() {}

  /** Everything there is to see. */
  public static String json(NodeView node) {
    Map<String, Object> out = new LinkedHashMap<>();
    NodeRecord self = node.self();
    out.put("node", self.name());
    out.put("nodeId", self.id().value());
    out.put("clusterId", node.clusterId().orElse(""));
    out.put("ready", node.notReady().isEmpty());
    out.put("notReady", node.notReady());
    out.put("formation", node.formationState());
    out.put("uptimeSeconds", (System.currentTimeMillis() - node.startedMillis()) / 1000);
    out.put("pid", ProcessHandle.current().pid());
    out.put("addresses", addresses(self));
    out.put("disk", disk(node));
    out.put("memory", memory(node));
    out.put("frontDoor", frontDoor(node));
    node.nodeMap().ifPresent(m -> out.put("mapVersion", m.map().version()));
    out.put("nodes", nodes(node));
    out.put("shards", shards(node));
    out.put("replacements", node.replacements());
    node.nodeMap()
        .ifPresent(
            m -> out.put("repairs", m.map().repairs().stream().map(Object::toString).toList()));
    out.put("config", config(node));
    return GSON.toJson(out);
  }

  private static Map<String, Object> addresses(NodeRecord self) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("client", self.clientAddress());
    out.put("raft", self.raftAddress());
    out.put("http", self.httpAddress());
    return out;
  }

  private static Map<String, Object> disk(NodeView node) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("freeBytes", node.disk().freeBytes());
    out.put("reserveBytes", node.disk().reserve());
    out.put("low", node.disk().isLow());
    out.put("slow", node.disk().isSlow());
    out.put("reopenedReplicas", node.reopened());
    out.put("rebuiltReplicas", node.rebuilt());
    return out;
  }

  private static Map<String, Object> memory(NodeView node) {
    Map<String, Object> out = new LinkedHashMap<>();
    Runtime runtime = Runtime.getRuntime();
    out.put("budgetBytes", node.memory().total());
    out.put("pools", node.memory().pools());
    out.put("heapUsedBytes", runtime.totalMemory() - runtime.freeMemory());
    out.put("heapMaxBytes", runtime.maxMemory());
    return out;
  }

  private static Map<String, Object> frontDoor(NodeView node) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("connections", node.admission().connections());
    out.put("inFlightBytes", node.admission().bytes());
    out.put("refusedRequests", node.admission().refusedRequests());
    out.put("refusedConnections", node.admission().refusedConnections());
    return out;
  }

  private static List<Object> nodes(NodeView node) {
    List<Object> out = new ArrayList<>();
    var silence = node.peerSilence();
    node.nodeMap()
        .ifPresent(map ->
            map.map()
                .nodes()
                .forEach(n -> {
                  Map<String, Object> entry = new LinkedHashMap<>();
                  entry.put("id", n.id().value());
                  entry.put("name", n.name());
                  entry.put("client", n.clientAddress());
                  entry.put("state", n.state().name());
                  Long silent = silence.get(n.id());
                  entry.put("silentMillis", silent == null ? -1 : silent);
                  out.add(entry);
                }));
    return out;
  }

  private static List<Object> shards(NodeView node) {
    List<Object> out = new ArrayList<>();
    node.host()
        .ifPresent(host -> {
          Set<ShardId> all = new TreeSet<>(host.hosted());
          node.nodeMap().ifPresent(m -> all.addAll(ShardHost.wanted(m.map(), node.self().id())));
          all.forEach(id -> out.add(shard(node, host, id)));
        });
    return out;
  }

  private static Map<String, Object> shard(NodeView node, ShardHost host, ShardId id) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("shard", id.toString());
    RaftGroup group = host.group(id);
    if (group != null) {
      GroupStatus status = group.status();
      out.put("role", status.role().name());
      out.put("term", status.term());
      var leader = status.leader();
      out.put("leader", leader == null ? "" : leader.value());
      out.put("members", status.members().stream().map(m -> m.id().value()).toList());
      out.put("commitIndex", status.commitIndex());
      out.put("raftAppliedIndex", status.appliedIndex());
      out.put("logBytes", status.logBytes());
      Map<String, Object> followers = new TreeMap<>();
      status.followers().forEach(f -> followers.put(f.id().value(), f));
      out.put("followers", followers);
    }
    node.nodeMap()
        .flatMap(map -> map.map().shard(id))
        .ifPresent(d -> {
          out.put("mapEpoch", d.epoch());
          out.put("replicas", d.replicas().stream().map(NodeId::value).toList());
        });
    MetaReplica meta = host.meta();
    if (id.equals(ShardId.META) && meta != null) {
      addMeta(out, meta.status());
    }
    ShardReplica replica = host.shard(id);
    if (replica != null) {
      addReplica(out, replica.status());
    }
    // Also while its empty replica is well: it is no member yet.
    Optional<ReplicaRepair> repair =
        node.nodeMap()
            .flatMap(map -> map.map().repair(id))
            .filter(r -> r.node().equals(node.self().id()));
    if (repair.isPresent()) {
      out.put("failure", "lost, being rebuilt from its peers: " + repair.get().step());
    } else if (out.getOrDefault("failure", "").equals("") && host.isBroken(id, node.self().id())) {
      // Nobody but the host knows of a replica that could not even be made.
      out.put("failure", group == null ? "not there" : "its log is failed or lost");
    }
    return out;
  }

  private static void addMeta(Map<String, Object> out, MetaStatus s) {
    out.put("serving", s.serving());
    out.put("leading", s.leading());
    out.put("leaseMillisLeft", s.leaseMillisLeft());
    out.put("clockAlarm", s.clockAlarm());
    out.put("timestampsDrawn", s.drawn());
    out.put("oracleBound", s.oracleBound());
    out.put("appliedIndex", s.appliedIndex());
    out.put("operations", s.operations().stream().map(Object::toString).toList());
    out.put("failure", s.failure());
  }

  private static void addReplica(Map<String, Object> out, ShardStatus s) {
    ShardDescriptor d = s.descriptor();
    if (d != null) {
      out.put("epoch", d.epoch());
      out.put("start", HexFormat.of().formatHex(d.range().start()));
      out.put("end", HexFormat.of().formatHex(d.range().end()));
    }
    out.put("serving", s.serving());
    out.put("leading", s.leading());
    out.put("leaseMillisLeft", s.leaseMillisLeft());
    out.put("queued", s.queued());
    out.put("inFlight", s.inFlight());
    out.put("outcomes", s.outcomes());
    out.put("appliedIndex", s.appliedIndex());
    out.put("evaluated", s.evaluated());
    out.put("proposed", s.proposed());
    out.put("failure", s.failure());
    EngineStats engine = s.engine();
    if (engine != null) {
      out.put("engine", engine);
    }
  }

  private static Map<String, Object> config(NodeView node) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (ConfigKey k : ConfigKey.values()) {
      Setting s = node.config().settings().get(k);
      if (s != null) {
        out.put(k.key(), s);
      }
    }
    return out;
  }
}
