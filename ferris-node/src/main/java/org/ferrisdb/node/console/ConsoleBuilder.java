package org.ferrisdb.node.console;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.ferrisdb.node.console.ConsoleData.HealthLine;
import org.ferrisdb.node.console.ConsoleData.Lsm;
import org.ferrisdb.node.console.ConsoleData.NodeLine;
import org.ferrisdb.node.console.ConsoleData.ReplicaLine;
import org.ferrisdb.node.console.ConsoleData.ShardLine;
import org.ferrisdb.node.console.ConsoleData.Traffic;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterPicture.Node;
import org.ferrisdb.node.health.ClusterPicture.Replica;
import org.ferrisdb.node.health.ClusterPicture.Shard;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.NodeAnswer;
import org.jspecify.annotations.Nullable;

/** From the nodes' answers to what the console shows. Pure. */
final class ConsoleBuilder {
  /** Lines of the event log. */
  static final int EVENTS = 200;

  /** Longer keys are cut: they are there to be recognized, and a page has hundreds of them. */
  static final int KEY_CHARACTERS = 200;

  /**
   * Escapes {@code <}, {@code >} and {@code &} too: should this ever end up inside of markup, it is
   * still text.
   */
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  private final ClusterPicture picture;
  private final ClusterActivity activity;
  private final long lastSlot;

  /** By node id: its status. */
  private final Map<String, StatusView> statuses = new HashMap<>();

  private ConsoleBuilder(List<NodeAnswer> answers, ClusterActivity activity, long nowMillis) {
    this.picture = ClusterPicture.of(answers);
    this.activity = activity;
    Set<String> answering = new HashSet<>();
    for (NodeAnswer a : answers) {
      if (a.answered()) {
        statuses.put(a.nodeId(), StatusView.of(a.status()));
        answering.add(a.nodeId());
      }
    }
    this.lastSlot = activity.lastSlot(answering, nowMillis);
  }

  /**
   * Puts it together.
   *
   * @param self name of the node that answers
   * @param answers of all nodes, also of those that did not
   * @param activity what they have done and seen
   * @param nowMillis wall clock
   * @param pollMillis how often a page may ask
   */
  static ConsoleData build(
      String self,
      List<NodeAnswer> answers,
      ClusterActivity activity,
      long nowMillis,
      long pollMillis) {
    return new ConsoleBuilder(answers, activity, nowMillis).data(self, nowMillis, pollMillis);
  }

  /** As it goes over the wire. */
  static String json(ConsoleData data) {
    return GSON.toJson(data);
  }

  private ConsoleData data(String self, long nowMillis, long pollMillis) {
    Health health = Health.of(picture);
    List<ShardLine> shards = inKeyOrder(picture.shards()).stream().map(this::shard).toList();
    return new ConsoleData(
        1,
        self,
        nowMillis,
        pollMillis,
        picture.clusterId(),
        picture.mapVersion(),
        new HealthLine(health.state().name(), health.sentence(), health.remedy()),
        picture.nodes().stream().map(n -> node(n, shards)).toList(),
        shards,
        new Traffic(
            TrafficSlot.MILLIS,
            (lastSlot + 1) * TrafficSlot.MILLIS,
            Stream.of(TrafficKind.values()).map(k -> activity.series(k, lastSlot)).toList()),
        EventMerge.merge(activity.events(), EVENTS));
  }

  /** Meta, then each shard after the one that ends where it starts; strays of another map last. */
  static List<Shard> inKeyOrder(List<Shard> byId) {
    List<Shard> left = new ArrayList<>(byId);
    List<Shard> ordered = new ArrayList<>();
    left.removeIf(s -> s.id() == 0 && ordered.add(s));
    Map<String, Shard> byStart = new HashMap<>();
    left.forEach(s -> byStart.putIfAbsent(s.start(), s));
    Shard next = byStart.remove("");
    while (next != null) {
      ordered.add(next);
      left.remove(next);
      next = next.end().isEmpty() ? null : byStart.remove(next.end());
    }
    ordered.addAll(left);
    return ordered;
  }

  private NodeLine node(Node node, List<ShardLine> shards) {
    StatusView status = statuses.getOrDefault(node.id(), StatusView.NONE);
    Long lag = null;
    String lagShard = "";
    long leads = 0;
    long replicas = 0;
    for (ShardLine shard : shards) {
      leads += shard.leader().equals(node.name()) ? 1 : 0;
      for (ReplicaLine replica : shard.replicas()) {
        if (replica.node().equals(node.name())) {
          replicas++;
          Long here = replica.lagEntries();
          if (here != null && (lag == null || here > lag)) {
            lag = here;
            lagShard = here > 0 ? shard.name() : "";
          }
        }
      }
    }
    return new NodeLine(
        node.name(),
        node.id(),
        node.up(),
        node.problem(),
        node.clientAddress(),
        node.httpAddress(),
        leads,
        replicas,
        lag,
        lagShard,
        activity.perSecond(node.id(), lastSlot),
        status.number("uptimeSeconds"),
        status.number("disk", "freeBytes"),
        status.number("disk", "reserveBytes"),
        status.flag("disk", "low"),
        status.number("memory", "heapUsedBytes"),
        status.number("memory", "heapMaxBytes"),
        status.number("frontDoor", "connections"));
  }

  private ShardLine shard(Shard shard) {
    StatusView leader =
        shard.leader().map(name -> replicaStatus(name, shard)).orElse(StatusView.NONE);
    List<ReplicaLine> replicas =
        shard.replicas().stream().map(r -> replica(shard, r, leader)).toList();
    return new ShardLine(
        shard.name(),
        shard.epoch(),
        leader.number("term"),
        shorten(shard.start()),
        shorten(shard.end()),
        shard.leader().orElse(""),
        shard.hasQuorum(),
        bytes(shard, replicas),
        replicas);
  }

  private StatusView replicaStatus(String node, Shard shard) {
    return statuses.getOrDefault(idOf(node), StatusView.NONE).shard(shard.name());
  }

  private String idOf(String node) {
    return picture.nodes().stream()
        .filter(n -> n.name().equals(node))
        .map(Node::id)
        .findFirst()
        .orElse("");
  }

  private ReplicaLine replica(Shard shard, Replica replica, StatusView leader) {
    StatusView own = replicaStatus(replica.node(), shard);
    boolean leads = shard.leader().filter(replica.node()::equals).isPresent();
    Long lag = leads ? Long.valueOf(0) : null;
    Long silent = leads ? Long.valueOf(0) : null;
    Long committed = leader.number("commitIndex");
    String id = idOf(replica.node());
    Long matched = leader.number("followers", id, "matchIndex");
    if (!leads && committed != null && matched != null) {
      lag = Math.max(0, committed - matched);
      silent = leader.number("followers", id, "silentMillis");
    }
    return new ReplicaLine(
        replica.node(),
        // A leader that was cut off still believes in itself.
        own.text("role").equals("LEADER") && !leads ? "" : own.text("role"),
        replica.problem(),
        lag,
        silent,
        own.number("logBytes"),
        lsm(own));
  }

  private static @Nullable Lsm lsm(StatusView replica) {
    Long memtable = replica.number("engine", "memtableBytes");
    if (memtable == null) {
      return null;
    }
    return new Lsm(
        memtable,
        orZero(replica.number("engine", "immutableMemtables")),
        replica.numbers("engine", "levelTables"),
        replica.numbers("engine", "levelBytes"),
        orZero(replica.number("engine", "values", "bytes")),
        orZero(replica.number("engine", "flushes")),
        orZero(replica.number("engine", "compactions")),
        orZero(replica.number("engine", "stallNanos")) / 1_000_000,
        replica.text("engine", "backgroundError"));
  }

  private static @Nullable Long bytes(Shard shard, List<ReplicaLine> replicas) {
    return replicas.stream()
        .filter(r -> shard.leader().isEmpty() || shard.leader().get().equals(r.node()))
        .map(ReplicaLine::lsm)
        .filter(Objects::nonNull)
        .map(l ->
            l.memtableBytes()
                + l.levelBytes().stream().mapToLong(Long::longValue).sum()
                + l.valueBytes())
        .max(Long::compare)
        .orElse(null);
  }

  private static long orZero(@Nullable Long number) {
    return number == null ? 0 : number;
  }

  private static String shorten(String key) {
    return key.length() <= KEY_CHARACTERS ? key : key.substring(0, KEY_CHARACTERS) + "…";
  }
}
