package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanFileTest {
  private static final PlanFile.Content CONTENT =
      new PlanFile.Content(
          new ClusterPlan(
              UUID.fromString("8a1e0000-0000-4000-8000-000000000001"),
              List.of(member(1), member(2)),
              2,
              List.of(new byte[] {0x6d, (byte) 0xff})),
          false);

  private static final String GOLDEN =
      """
      ferrisdb-plan 1
      cluster 8a1e0000-0000-4000-8000-000000000001
      created no
      shards 2
      split 6dff
      member 0000000000000001 n1 127.0.0.1:7001 127.0.0.1:7101 127.0.0.1:7201
      member 0000000000000002 n2 127.0.0.1:7002 127.0.0.1:7102 127.0.0.1:7202
      crc32c 00b80713
      """;

  @TempDir Path directory;

  private static NodeRecord member(int i) {
    return new NodeRecord(
        new NodeId(String.format("%016x", i)),
        "n" + i,
        "127.0.0.1:700" + i,
        "127.0.0.1:710" + i,
        "127.0.0.1:720" + i,
        NodeRecord.State.MEMBER);
  }

  @Test
  void theFileLooksAsDrawn() {
    assertThat(PlanFile.encode(CONTENT)).isEqualTo(GOLDEN);
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    PlanFile file = new PlanFile(new DiskFileSystem(), directory);
    assertThat(file.read()).isEmpty();

    file.write(CONTENT);
    file.write(new PlanFile.Content(CONTENT.plan(), true));

    PlanFile.Content read = file.read().orElseThrow();
    assertThat(read.created()).isTrue();
    assertThat(read.plan()).usingRecursiveComparison().isEqualTo(CONTENT.plan());
  }

  @Test
  void networksStandBehindAMembersAddresses() {
    NodeRecord plain = member(1);
    NodeRecord member =
        new NodeRecord(
            plain.id(),
            plain.name(),
            plain.clientAddress(),
            plain.raftAddress(),
            plain.httpAddress(),
            plain.state(),
            new TreeMap<>(Map.of("outside", "db1:7001")));
    ClusterPlan plan = new ClusterPlan(CONTENT.plan().cluster(), List.of(member), 2, List.of());

    String text = PlanFile.encode(new PlanFile.Content(plan, true));

    assertThat(text)
        .contains(
            "member 0000000000000001 n1 127.0.0.1:7001 127.0.0.1:7101 127.0.0.1:7201"
                + " outside=db1:7001\n");
    assertThat(PlanFile.decode(text).plan().members()).containsExactly(member);
  }

  @Test
  void everyDamagedByteIsNoticed() {
    String text = PlanFile.encode(CONTENT);
    for (int i = 0; i < text.length(); i++) {
      StringBuilder damaged = new StringBuilder(text);
      damaged.setCharAt(i, (char) (text.charAt(i) ^ 1));
      assertThatThrownBy(() -> PlanFile.decode(damaged.toString()))
          .as("byte " + text.length())
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void groupsOfAClusterNameTheirShard() {
    GroupIds ids = new GroupIds(CONTENT.plan().cluster());

    assertThat(ids.shardOf(ids.of(new ShardId(3)))).isEqualTo(new ShardId(3));
    assertThat(ids.of(ShardId.META)).isNotEqualTo(new GroupIds(new UUID(5, 5)).of(ShardId.META));
    assertThatThrownBy(() -> ids.shardOf(new GroupIds(new UUID(5, 5)).of(ShardId.META)))
        .hasMessageContaining("does not belong to cluster");
  }

  @Test
  void aDiskThatIsLowStaysLowUntilThereIsSomeMoreThanTheReserve() {
    assertThat(DiskGuard.isLow(false, 100, 100)).isFalse();
    assertThat(DiskGuard.isLow(false, 99, 100)).isTrue();
    assertThat(DiskGuard.isLow(true, 105, 100)).isTrue();
    assertThat(DiskGuard.isLow(true, 112, 100)).isFalse();
  }
}
