package org.ferrisdb.shard.map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.ferrisdb.raft.NodeId;
import org.junit.jupiter.api.Test;

final class ShardMapTest {
  private static final NodeId A = new NodeId("00000000000000aa");
  private static final NodeId B = new NodeId("00000000000000bb");

  @Test
  void a_gap_an_overlap_or_a_duplicate_makes_no_map() {
    refused("gap before s1", shard(1, "b", ""));
    refused("gap behind s1", shard(1, "", "m"));
    refused("gap before s2", shard(1, "", "m"), shard(2, "n", ""));
    refused("overlap before s2", shard(1, "", "m"), shard(2, "k", ""));
    refused("overlap: s1 has no end", shard(1, "", ""), shard(2, "m", ""));
    refused("s2 owns no key", shard(1, "", "m"), shard(2, "m", "m"), shard(3, "m", ""));
    refused("twice", shard(1, "", "m"), shard(1, "m", ""));
    refused("not above 0", shard(0, "", ""));
    NodeRecord node = new NodeRecord(A, "n1", "", "", "", NodeRecord.State.MEMBER);
    assertThatThrownBy(
            () -> new ShardMap(1, List.of(), List.of(node, node), ShardMap.EMPTY.metaMembers()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_key_belongs_to_the_shard_whose_range_contains_it() {
    Random random = new Random(42);
    for (int shards : new int[] {1, 2, 3, 7, 100}) {
      ShardMap map = map(PreSplit.place(PreSplit.evenly(shards), List.of(A, B), 2));
      for (int i = 0; i < 500; i++) {
        byte[] key = new byte[random.nextInt(4)];
        random.nextBytes(key);
        assertThat(map.lookup(key).orElseThrow().range().contains(key)).isTrue();
      }
      for (ShardDescriptor shard : map.shards()) {
        assertThat(map.lookup(shard.range().start())).contains(shard);
      }
    }
    assertThat(ShardMap.EMPTY.lookup(new byte[] {1})).isEmpty();
  }

  @Test
  void shards_nodes_and_successors_are_found() {
    NodeRecord old = new NodeRecord(A, "n1", "c", "r", "h", NodeRecord.State.REPLACED);
    NodeRecord now = new NodeRecord(B, "n1", "c", "r", "h", NodeRecord.State.MEMBER);
    ShardMap map =
        new ShardMap(
            3,
            PreSplit.place(PreSplit.evenly(2), List.of(A), 1),
            List.of(old, now),
            ShardMap.EMPTY.metaMembers());
    assertThat(map.shard(new ShardId(2)).orElseThrow().range().start()).containsExactly(0x80);
    assertThat(map.shard(ShardId.META)).contains(map.metaMembers());
    assertThat(map.shard(new ShardId(3))).isEmpty();
    assertThat(map.node(A)).contains(old);
    assertThat(map.member("n1")).contains(now);
    assertThat(map.successor(A)).contains(now);
    assertThat(map.successor(B)).isEmpty();
  }

  @Test
  void an_even_split_cuts_the_first_two_bytes_evenly() {
    assertThat(text(PreSplit.evenly(4))).containsExactly("-40", "40-80", "80-c0", "c0-");
    assertThat(text(PreSplit.evenly(3))).containsExactly("-5555", "5555-aaaa", "aaaa-");
    assertThat(PreSplit.evenly(PreSplit.MAX_SHARDS)).hasSize(PreSplit.MAX_SHARDS);
    map(PreSplit.place(PreSplit.evenly(PreSplit.MAX_SHARDS), List.of(A), 3));
    assertThatThrownBy(() -> PreSplit.evenly(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PreSplit.evenly(65537)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_split_at_keys_sorts_them_and_refuses_duplicates() {
    byte[] high = {(byte) 0xf0};
    byte[] low = {'a'};
    assertThat(text(PreSplit.at(List.of(high, low)))).containsExactly("-61", "61-f0", "f0-");
    assertThat(PreSplit.at(List.of())).containsExactly(KeyRange.ALL);
    assertThatThrownBy(() -> PreSplit.at(List.of(low, low.clone()))).hasMessageContaining("twice");
    assertThatThrownBy(() -> PreSplit.at(List.of(new byte[0]))).hasMessageContaining("empty key");
  }

  @Test
  void replicas_and_first_replicas_are_spread_over_the_nodes() {
    List<NodeId> nodes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      nodes.add(new NodeId("%016x".formatted(i)));
    }
    List<ShardDescriptor> shards = PreSplit.place(PreSplit.evenly(10), nodes, 3);
    for (NodeId node : nodes) {
      assertThat(shards.stream().filter(s -> s.replicas().getFirst().equals(node))).hasSize(2);
      assertThat(shards.stream().filter(s -> s.replicas().contains(node))).hasSize(6);
    }
    assertThat(PreSplit.place(PreSplit.evenly(1), List.of(A, B), 3).getFirst().replicas())
        .containsExactly(A, B);
  }

  private static List<String> text(List<KeyRange> ranges) {
    HexFormat hex = HexFormat.of();
    return ranges.stream()
        .map(r -> hex.formatHex(r.start()) + "-" + hex.formatHex(r.end()))
        .toList();
  }

  private static void refused(String message, ShardDescriptor... shards) {
    assertThatThrownBy(() -> map(Arrays.asList(shards)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static ShardMap map(List<ShardDescriptor> shards) {
    return new ShardMap(1, shards, List.of(), ShardMap.EMPTY.metaMembers());
  }

  private static ShardDescriptor shard(long id, String start, String end) {
    return new ShardDescriptor(
        new ShardId(id), new KeyRange(start.getBytes(UTF_8), end.getBytes(UTF_8)), List.of(A), 1);
  }
}
