package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LeaderChangesTest {
  private static Map<String, String> map(String... pairs) {
    Map<String, String> map = new TreeMap<>();
    for (String pair : pairs) {
      String[] parts = pair.split("=", 2);
      map.put(parts[0], parts[1]);
    }
    return map;
  }

  @Test
  void whatMovedTogetherIsToldTogether() {
    assertThat(
            LeaderChanges.between(
                map("meta=n1", "s1=n1", "s2=n1", "s3=n2", "s4=n1"),
                map("meta=n2", "s1=n3", "s2=n2", "s3=n2", "s4=n3")))
        .containsExactly("n2 took over s2 and meta from n1", "n3 took over s1 and s4 from n1");
  }

  @Test
  void aShardWithoutLeaderIsNoChangeUntilSomebodyLeadsIt() {
    Map<String, String> last = map("s1=n1");
    assertThat(LeaderChanges.between(last, map("s1="))).isEmpty();
    assertThat(LeaderChanges.between(last, map("s1=n1"))).isEmpty();
    assertThat(LeaderChanges.between(last, map("s1=n2")))
        .containsExactly("n2 took over s1 from n1");
  }

  @Test
  void theFirstLeaderTookOverFromNobody() {
    assertThat(LeaderChanges.between(Map.of(), map("s1=n1", "s2=n1")))
        .containsExactly("n1 leads s1 and s2");
  }

  @Test
  void manyAreCountedAndMetaIsNamed() {
    assertThat(LeaderChanges.list(List.of("s1", "s2", "s3", "s4", "s5", "meta")))
        .isEqualTo("5 shards and meta");
    assertThat(LeaderChanges.list(List.of("s1", "s2", "s3"))).isEqualTo("s1, s2 and s3");
    assertThat(LeaderChanges.list(List.of("meta"))).isEqualTo("meta");
    assertThat(LeaderChanges.list(List.of())).isEqualTo("no shard");
  }
}
