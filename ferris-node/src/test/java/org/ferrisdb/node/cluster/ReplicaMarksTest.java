package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.ferrisdb.node.cluster.ReplicaMarks.Kind;
import org.ferrisdb.node.cluster.ReplicaMarks.Mark;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.io.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplicaMarksTest {
  @TempDir Path directory;
  private final FileSystem files = new DiskFileSystem();

  @Test
  void what_was_noted_is_found_again() throws IOException {
    ReplicaMarks marks = ReplicaMarks.open(files, directory);
    assertThat(marks.get(ShardId.META)).isEmpty();
    marks.put(ShardId.META, new Mark(Kind.REJOINING, 17));
    marks.put(new ShardId(3), new Mark(Kind.REMOVING, 0));
    marks.put(new ShardId(4), new Mark(Kind.REJOINING, 2));
    marks.put(new ShardId(4), new Mark(Kind.REJOINED, 2));
    marks.put(new ShardId(5), new Mark(Kind.REMOVING, 0));
    marks.remove(new ShardId(5));
    ReplicaMarks again = ReplicaMarks.open(files, directory);
    assertThat(again.get(ShardId.META)).contains(new Mark(Kind.REJOINING, 17));
    assertThat(again.all(Kind.REMOVING)).containsExactly(new ShardId(3));
    assertThat(again.rejoined(new ShardId(4))).isEqualTo(2);
    assertThat(again.rejoined(ShardId.META)).as("not done yet").isZero();
    assertThat(again.get(new ShardId(5))).isEmpty();
  }

  @Test
  void the_file_is_text_and_every_flipped_bit_is_noticed() throws IOException {
    String text = ReplicaMarks.encode(Map.of(new ShardId(4), new Mark(Kind.REJOINED, 17)));
    assertThat(text).startsWith("ferrisdb-marks 1\nmark 4 REJOINED 17\ncrc32c ");
    byte[] good = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    Path file = directory.resolve("replica.marks");
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(file, bad);
      assertThatThrownBy(() -> ReplicaMarks.open(files, directory))
          .as("bit %d", bit)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("replica.marks");
    }
  }
}
