package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ferrisdb.node.cli.transfer.Printable;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterPicture.Node;
import org.ferrisdb.node.health.ClusterPicture.Shard;
import org.junit.jupiter.api.Test;

class GapRoundsTest {
  private static Shard shard(long id, String start, String end, String leader) {
    return new Shard(id, 1, start, end, List.of(), Optional.of(leader));
  }

  private static final ClusterPicture PICTURE =
      new ClusterPicture(
          "c",
          1,
          List.of(
              new Node("1", "n1", "h:1", "", ""),
              new Node("2", "n2", "h:2", "", ""),
              new Node("3", "n3", "h:3", "", "connection refused")),
          List.of(
              shard(0, "", "", "n1"),
              shard(1, "", "@", "n1"),
              shard(2, "@", "\\x80", "n2"),
              shard(3, "\\x80", "", "n2")));

  @Test
  void theVictimLeadsMetaOrNotAsAsked() {
    assertThat(GapRounds.victim(PICTURE, true).orElseThrow().name()).isEqualTo("s1");
    assertThat(GapRounds.victim(PICTURE, false).orElseThrow().name()).isEqualTo("s2");
  }

  @Test
  void keysLieInTheShard() {
    for (Shard s : PICTURE.shards()) {
      byte[] key = GapRounds.keyIn(s, "3/77");
      byte[] end = Printable.parse(s.end());
      assertThat(Arrays.compareUnsigned(key, Printable.parse(s.start()))).isPositive();
      assertThat(end.length == 0 || Arrays.compareUnsigned(key, end) < 0).isTrue();
    }
  }

  @Test
  void theBusiestNodeIsKilledInTheDemo() {
    assertThat(Leaders.busiest(PICTURE)).contains("n2");
    assertThat(Leaders.meta(PICTURE)).contains("n1");
    assertThat(Leaders.words(PICTURE)).isEqualTo("n1:1 n2:2 n3:down");
  }
}
