package org.ferrisdb.integration.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.shard.map.PreSplit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeySpaceTest {
  private static KeySpace space(int shards, String tag) {
    return new KeySpace(starts(shards), tag);
  }

  private static List<Bytes> starts(int shards) {
    return PreSplit.evenly(shards).stream().map(r -> Bytes.ofBytes(r.start())).toList();
  }

  private static int shardOf(int shards, Bytes key) {
    List<Bytes> starts = starts(shards);
    int shard = 0;
    while (shard + 1 < starts.size() && starts.get(shard + 1).compareTo(key) <= 0) {
      shard++;
    }
    return shard;
  }

  static Stream<Integer> shards() {
    return Stream.of(1, 2, 3, 4, 5, 16, 64);
  }

  @ParameterizedTest
  @MethodSource("shards")
  void aKeyInAShardIsThere(int shards) {
    for (int shard = 0; shard < shards; shard++) {
      KeySpace space = space(shards, "t");
      Bytes key = space.inShard(shard, "bank/1");
      assertThat(shardOf(shards, key)).isEqualTo(shard);
      assertThat(space.shardOf(key)).isEqualTo("shard " + (shard + 1));
    }
  }

  @ParameterizedTest
  @MethodSource("shards")
  void scatteredKeysHitEveryShard(int shards) {
    Set<Integer> hit = new TreeSet<>();
    for (int i = 0; i < 2_000; i++) {
      hit.add(shardOf(shards, space(shards, "t").scattered("register/r" + i)));
    }
    assertThat(hit).hasSize(shards);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 16, 64})
  void theSidesOfABorderAreInDifferentShardsAndOneScanCoversThem(int shards) {
    KeySpace space = space(shards, "t");
    for (int border = 0; border < shards - 1; border++) {
      Bytes below = space.below(border, "scan/k0");
      Bytes above = space.above(border, "scan/k1");
      assertThat(shardOf(shards, below)).isEqualTo(border);
      assertThat(shardOf(shards, above)).isEqualTo(border + 1);
      KeyRange range = space.acrossBorder(border, "scan/");
      assertThat(range.contains(below)).isTrue();
      assertThat(range.contains(above)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("shards")
  void nobodyElsesKeysLieAtABorder(int shards) {
    KeySpace space = space(shards, "t");
    List<Bytes> others = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      others.add(space.scattered("set/" + i));
      others.add(space.inShard(i, "bank/" + i));
    }
    for (int border = 0; border < shards - 1; border++) {
      KeyRange range = space.acrossBorder(border, "scan/");
      assertThat(others).noneMatch(range::contains);
    }
  }

  @ParameterizedTest
  @MethodSource("shards")
  void runsWithDifferentTagsHaveDifferentKeys(int shards) {
    KeySpace one = space(shards, "kill-one-1");
    KeySpace other = space(shards, "kill-one-2");
    assertThat(one.scattered("a")).isNotEqualTo(other.scattered("a"));
    assertThat(one.inShardPrefix(0, "set/").contains(other.inShard(0, "set/1"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"40", "ff"})
  void theFirstShardBeginsAtTheFirstKey(String start) {
    assertThatThrownBy(() -> new KeySpace(List.of(Bytes.hex(start)), "t"))
        .hasMessageContaining("first");
  }
}
