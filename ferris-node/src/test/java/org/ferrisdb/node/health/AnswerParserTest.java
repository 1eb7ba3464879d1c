package org.ferrisdb.node.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.client.wire.MapReply;
import org.ferrisdb.client.wire.NodeProto;
import org.ferrisdb.client.wire.ShardDescriptorProto;
import org.ferrisdb.node.health.NodeAnswer.Member;
import org.ferrisdb.node.health.NodeAnswer.ShardEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerParserTest {
  private static final HelloReply HELLO =
      HelloReply.newBuilder().setNodeId("a").setNodeName("n1").setClusterId("c").build();

  private static final MapReply MAP =
      MapReply.newBuilder()
          .setVersion(3)
          .setClusterId("c")
          .addNodes(
              NodeProto.newBuilder()
                  .setNodeId("a")
                  .setName("n1")
                  .setClientAddress("h:1")
                  .setHttpAddress("h:2")
                  .setState("up"))
          .addNodes(NodeProto.newBuilder().setNodeId("z").setName("n1").setState("gone"))
          .addShards(
              ShardDescriptorProto.newBuilder()
                  .setShardId(1)
                  .setEpoch(2)
                  .setStart(ByteString.copyFrom(new byte[] {(byte) 0x80}))
                  .addReplicaNodeIds("a"))
          .build();

  @Test
  void mapAndStatusBecomeOneAnswer() {
    String status =
        """
        {"shards": [
          {"shard": "meta", "members": ["a", "b"], "raftAppliedIndex": 9, "leading": true, "term": 4, "failure": ""},
          {"shard": "s1", "leading": false, "failure": "corrupt: table 7"}]}
        """;
    NodeAnswer answer = AnswerParser.parse("h:1", HELLO, MAP, status);
    assertThat(answer.members())
        .containsExactly(
            new Member("a", "n1", "h:1", "h:2", false), new Member("z", "n1", "", "", true));
    assertThat(answer.shards())
        .containsExactly(
            new ShardEntry(1, 2, "\\x80", "", List.of("a")),
            new ShardEntry(0, 9, "", "", List.of("a", "b")));
    assertThat(answer.leads()).containsExactly(Map.entry(0L, 4L));
    assertThat(answer.failures()).containsExactly(Map.entry(1L, "corrupt: table 7"));
    assertThat(answer.problemOf(0)).isEmpty();
    assertThat(answer.problemOf(1)).isEqualTo("corrupt: table 7");
  }

  @Test
  void aLeaderNamesTheFollowersToWhomItsLogDoesNotReachBack() {
    String status =
        """
        {"shards": [
          {"shard": "s1", "leading": true, "term": 4, "followers": {
            "b": {"matchIndex": 3, "needsCheckpoint": true},
            "c": {"matchIndex": 9, "needsCheckpoint": false},
            "d": {"matchIndex": 9}}},
          {"shard": "s2", "leading": false, "followers": {"b": {"needsCheckpoint": true}}},
          {"shard": "s3", "leading": true, "followers": 7}]}
        """;
    assertThat(AnswerParser.parse("h:1", HELLO, MAP, status).behind())
        .containsOnly(Map.entry(1L, Set.of("b")), Map.entry(3L, Set.of()));
  }

  /** One that lost its replicas knows neither them nor, before it is told, that it should. */
  @Test
  void aNodeThatHasNotOpenedAReplicaDoesNotCountAsOneOfItsReplicas() {
    NodeAnswer justStarted = AnswerParser.parse("h:1", HELLO, MAP, "{\"shards\": []}");
    assertThat(justStarted.problemOf(1)).isEqualTo("not opened yet");
    NodeAnswer silent = AnswerParser.parse("h:1", HELLO, MAP, "");
    assertThat(silent.problemOf(1)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "{\"shards\": 1}",
        "{\"shards\": [1]}",
        "{\"shards\": [{}]}"
      })
  void aStatusOfAnotherKindIsPassedOver(String status) {
    NodeAnswer answer = AnswerParser.parse("h:1", HELLO, MAP, status);
    assertThat(answer.answered()).isTrue();
    assertThat(answer.shards()).hasSize(1);
    assertThat(answer.leads()).isEmpty();
  }
}
