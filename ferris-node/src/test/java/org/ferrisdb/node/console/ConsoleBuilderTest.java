package org.ferrisdb.node.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ferrisdb.node.console.Event.Level;
import org.ferrisdb.node.console.Event.Takeover;
import org.ferrisdb.node.health.ClusterPicture.Shard;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.NodeAnswer;
import org.ferrisdb.node.health.NodeAnswer.Member;
import org.ferrisdb.node.health.NodeAnswer.ShardEntry;
import org.ferrisdb.storage.testing.Golden;
import org.junit.jupiter.api.Test;

class ConsoleBuilderTest {
  private static final long NOW = 1_700_000_000_300L;
  private static final long SLOT = NOW / TrafficSlot.MILLIS - 1;
  private static final String SCRIPT = "<script>alert(1)</script>";
  private static final List<String> IDS = List.of("id1", "id2", "id3");

  /** n3 is down; n1 leads the second shard, which begins with somebody's attack; n2 lags in it. */
  @Test
  void theShapeIsTheDocumentedOne() {
    String json = ConsoleBuilder.json(data());
    JsonObject object = JsonParser.parseString(json).getAsJsonObject();
    // A chart's 150 slots, almost all of them unknown, would hide the rest.
    for (JsonElement kind : object.getAsJsonObject("traffic").getAsJsonArray("kinds")) {
      for (var member : kind.getAsJsonObject().entrySet()) {
        if (member.getValue() instanceof JsonArray values) {
          assertThat(values).hasSize(TrafficSlot.KEPT);
          while (values.size() > 3) {
            values.remove(0);
          }
        }
      }
    }
    Golden.file(
        "console-data.json",
        new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(object) + "\n");
  }

  @Test
  void noMarkupGoesOut() {
    assertThat(ConsoleBuilder.json(data())).contains("script").doesNotContain("<", ">", "&");
  }

  @Test
  void healthIsWordForWordThatOfTheCommandLine() {
    Health health = Health.of(org.ferrisdb.node.health.ClusterPicture.of(answers()));
    assertThat(data().health())
        .isEqualTo(
            new ConsoleData.HealthLine(health.state().name(), health.sentence(), health.remedy()));
  }

  @Test
  void shardsAreInTheOrderOfTheirKeys() {
    List<Shard> shards =
        List.of(
            shard(0, "", ""),
            shard(1, "", "g"),
            shard(2, "p", ""),
            shard(3, "g", "p"),
            shard(9, "x", "y"));
    assertThat(ConsoleBuilder.inKeyOrder(shards))
        .extracting(Shard::name)
        .containsExactly("meta", "s1", "s3", "s2", "s9");
    List<Shard> circle = List.of(shard(1, "", "a"), shard(2, "a", "a"));
    assertThat(ConsoleBuilder.inKeyOrder(circle)).hasSize(2);
  }

  @Test
  void aLongKeyIsCut() {
    List<NodeAnswer> answers =
        List.of(answer(1, List.of(new ShardEntry(1, 1, "k".repeat(9_000), "", IDS)), "{}"));
    ConsoleData data = ConsoleBuilder.build("n1", answers, new ClusterActivity(), NOW, 2_000);
    assertThat(data.shards().getFirst().start()).hasSize(ConsoleBuilder.KEY_CHARACTERS + 1);
  }

  @Test
  void aStatusOfAnotherKindLeavesThingsUnknown() {
    for (String status : List.of("", "[]", "{\"shards\": 3, \"disk\": []}", "nonsense")) {
      ConsoleData data =
          ConsoleBuilder.build(
              "n1",
              List.of(answer(1, List.of(new ShardEntry(1, 1, "", "", IDS)), status)),
              new ClusterActivity(),
              NOW,
              2_000);
      assertThat(data.nodes().getFirst().diskFreeBytes()).as(status).isNull();
      assertThat(data.shards().getFirst().bytes()).as(status).isNull();
    }
  }

  @Test
  void aClusterThatIsNotFormedHasNoShards() {
    NodeAnswer alone =
        new NodeAnswer("h:1", "", "id1", "n1", "", 0, List.of(), List.of(), Map.of(), Map.of());
    ConsoleData data =
        ConsoleBuilder.build("n1", List.of(alone), new ClusterActivity(), NOW, 2_000);
    assertThat(data.health().state()).isEqualTo("NOT_FORMED");
    assertThat(data.shards()).isEmpty();
    assertThat(data.nodes()).hasSize(1);
  }

  private static ConsoleData data() {
    ClusterActivity activity = new ClusterActivity();
    Takeover takeover = new Takeover("s2", "n3", "n1", 7);
    List<Event> events =
        List.of(
            new Event(NOW - 9_000, "n1", Level.INFO, "started", "n1 started", null),
            new Event(NOW - 5_000, "n1", Level.WARN, "t", takeover.words(), takeover),
            new Event(NOW - 3_000, "n1", Level.BAD, "down", SCRIPT + " is down", null));
    activity.add(
        "id1",
        new ActivityReport(
            1, List.of(ClusterActivityTest.slot(SLOT, 400, 1_500)), events.size(), events));
    return ConsoleBuilder.build("n1", answers(), activity, NOW, 2_000);
  }

  private static List<NodeAnswer> answers() {
    List<ShardEntry> shards =
        List.of(
            new ShardEntry(0, 12, "", "", IDS),
            new ShardEntry(1, 1, "", SCRIPT, IDS),
            new ShardEntry(2, 3, SCRIPT, "", IDS));
    return List.of(
        answer(
            1,
            shards,
            """
            {"uptimeSeconds": 65,
             "disk": {"freeBytes": 9000000000, "reserveBytes": 64000000, "low": false},
             "memory": {"heapUsedBytes": 100000000, "heapMaxBytes": 256000000},
             "frontDoor": {"connections": 4},
             "shards": [
               {"shard": "meta", "role": "FOLLOWER", "term": 2, "commitIndex": 12, "logBytes": 800},
               {"shard": "s1", "role": "FOLLOWER", "term": 4, "commitIndex": 80, "logBytes": 4000,
                "engine": {"memtableBytes": 100, "immutableMemtables": 0, "levelTables": [0, 0],
                           "levelBytes": [0, 0], "flushes": 0, "compactions": 0, "stallNanos": 0,
                           "backgroundError": ""}},
               {"shard": "s2", "role": "LEADER", "term": 7, "commitIndex": 900, "logBytes": 5000,
                "followers": {"id2": {"id": {"value": "id2"}, "matchIndex": 880, "silentMillis": 40},
                              "id3": {"id": {"value": "id3"}, "matchIndex": 500, "silentMillis": 5100}},
                "engine": {"memtableBytes": 2000, "immutableMemtables": 1, "levelTables": [2, 10, 0],
                           "levelBytes": [1000, 30000, 0], "flushes": 9, "compactions": 3,
                           "stallNanos": 2500000, "backgroundError": ""}}]}
            """),
        answer(
            2,
            shards,
            """
            {"uptimeSeconds": 61, "disk": {"low": true, "freeBytes": 1, "reserveBytes": 64000000},
             "shards": [
               {"shard": "meta", "role": "LEADER", "term": 2, "commitIndex": 12, "logBytes": 800,
                "followers": {"id1": {"matchIndex": 12, "silentMillis": 10}}},
               {"shard": "s2", "role": "FOLLOWER", "term": 7, "commitIndex": 870, "logBytes": 5000}]}
            """),
        NodeAnswer.none("h:3", "connection refused"));
  }

  private static NodeAnswer answer(int node, List<ShardEntry> shards, String status) {
    List<Member> members = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      String name = i == 3 ? SCRIPT : "n" + i;
      members.add(new Member("id" + i, name, "h:" + i, "h:20" + i, false));
    }
    Map<Long, Long> leads = node == 1 ? Map.of(2L, 7L) : Map.of(0L, 2L);
    return new NodeAnswer(
        "h:" + node,
        "",
        "id" + node,
        "n" + node,
        "c",
        5,
        members,
        shards,
        leads,
        Map.of(),
        Map.of(),
        Optional.empty(),
        status);
  }

  private static Shard shard(long id, String start, String end) {
    return new Shard(id, 1, start, end, List.of(), Optional.empty());
  }
}
