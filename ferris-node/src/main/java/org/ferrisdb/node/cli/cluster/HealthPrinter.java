package org.ferrisdb.node.cli.cluster;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.ferrisdb.node.cli.Tables;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterPicture.Node;
import org.ferrisdb.node.health.ClusterPicture.Replica;
import org.ferrisdb.node.health.ClusterPicture.Shard;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import picocli.CommandLine.Help.Ansi;

/** Health and picture as text and as JSON. Stateless. */
public final class HealthPrinter {
  private HealthPrinter() {}

  /** The sentence, with its remedy if there is one. */
  public static String sentence(Health health, boolean colours) {
    String style =
        switch (health.state()) {
          case HEALTHY -> "bold,green";
          case DEGRADED, RECOVERING, NOT_FORMED -> "bold,yellow";
          case UNAVAILABLE, UNREACHABLE -> "bold,red";
        };
    String state =
        colours ? Ansi.ON.string("@|" + style + " " + health.state() + "|@") : health.state() + "";
    return state
        + "  "
        + health.sentence()
        + (health.remedy().isEmpty() ? "" : " Remedy: " + health.remedy());
  }

  /**
   * Sentence, nodes, shards with their leaders.
   *
   * @param width how wide tables may be, in columns
   */
  static List<String> lines(ClusterPicture picture, Health health, boolean colours, int width) {
    List<String> lines = new ArrayList<>();
    lines.add(sentence(health, colours));
    if (!picture.clusterId().isEmpty()) {
      lines.add("cluster " + picture.clusterId() + ", shard map " + picture.mapVersion());
    }
    lines.add("");
    lines.addAll(
        Tables.lines(
            List.of("NODE", "STATE", "CLIENT ADDRESS", "LEADS", "REPLICAS", "METRICS AND STATUS"),
            picture.nodes().stream().map(n -> nodeRow(n, picture)).toList(),
            width));
    if (!picture.shards().isEmpty()) {
      lines.add("");
      lines.addAll(
          Tables.lines(
              List.of("SHARD", "FROM", "TO", "LEADER", "REPLICAS", "EPOCH"),
              picture.shards().stream().map(HealthPrinter::shardRow).toList(),
              width));
    }
    return lines;
  }

  private static List<String> nodeRow(Node n, ClusterPicture picture) {
    return List.of(
        n.name(),
        n.up() ? "up" : "down: " + n.problem(),
        n.clientAddress(),
        Long.toString(leads(n, picture)),
        Long.toString(replicas(n, picture)),
        n.httpAddress().isEmpty() ? "" : "http://" + n.httpAddress());
  }

  /** How many groups a node leads, meta included. */
  public static long leads(Node n, ClusterPicture picture) {
    return picture.shards().stream()
        .filter(s -> s.leader().filter(n.name()::equals).isPresent())
        .count();
  }

  private static long replicas(Node n, ClusterPicture picture) {
    return picture.shards().stream()
        .filter(s -> s.replicas().stream().anyMatch(r -> r.node().equals(n.name())))
        .count();
  }

  private static List<String> shardRow(Shard s) {
    List<String> row = new ArrayList<>();
    row.add(s.name());
    row.add(s.id() == 0 ? "" : s.start().isEmpty() ? "(first key)" : s.start());
    row.add(s.id() == 0 ? "" : s.end().isEmpty() ? "(last key)" : s.end());
    row.add(s.leader().orElse(s.hasQuorum() ? "(none yet)" : "(no quorum)"));
    row.add(
        s.replicas().stream()
            .map(r -> r.problem().isEmpty() ? r.node() : r.node() + " (down)")
            .collect(Collectors.joining(" ")));
    row.add(s.id() == 0 ? "" : Long.toString(s.epoch()));
    return row;
  }

  static JsonObject json(ClusterPicture picture, Health health) {
    JsonObject json = new JsonObject();
    json.addProperty("state", health.state().name());
    json.addProperty("healthy", health.state() == State.HEALTHY);
    json.addProperty("sentence", health.sentence());
    json.addProperty("remedy", health.remedy());
    json.addProperty("clusterId", picture.clusterId());
    json.addProperty("mapVersion", picture.mapVersion());
    JsonArray nodes = new JsonArray();
    for (Node n : picture.nodes()) {
      JsonObject node = new JsonObject();
      node.addProperty("name", n.name());
      node.addProperty("id", n.id());
      node.addProperty("up", n.up());
      node.addProperty("problem", n.problem());
      node.addProperty("clientAddress", n.clientAddress());
      node.addProperty("httpAddress", n.httpAddress());
      node.addProperty("leads", leads(n, picture));
      node.addProperty("replicas", replicas(n, picture));
      nodes.add(node);
    }
    json.add("nodes", nodes);
    JsonArray shards = new JsonArray();
    picture.shards().forEach(s -> shards.add(shardJson(s)));
    json.add("shards", shards);
    return json;
  }

  private static JsonObject shardJson(Shard s) {
    JsonObject shard = new JsonObject();
    shard.addProperty("name", s.name());
    shard.addProperty("id", s.id());
    shard.addProperty("epoch", s.epoch());
    shard.addProperty("from", s.start());
    shard.addProperty("to", s.end());
    shard.addProperty("leader", s.leader().orElse(""));
    shard.addProperty("quorum", s.hasQuorum());
    JsonArray replicas = new JsonArray();
    for (Replica r : s.replicas()) {
      JsonObject replica = new JsonObject();
      replica.addProperty("node", r.node());
      replica.addProperty("problem", r.problem());
      replicas.add(replica);
    }
    shard.add("replicas", replicas);
    return shard;
  }
}
