package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ferrisdb.integration.cluster.Disk.Damage;
import org.ferrisdb.integration.cluster.Disk.FileKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file, one wound, in what was written of it. */
class FileDamageTest {
  private static final int WRITTEN = 100;

  @TempDir private Path directory;
  private Path table;
  private Path log;

  @BeforeEach
  void files() throws IOException {
    table = directory.resolve("state/s1/000012.sst");
    log = directory.resolve("raft/logs/group/current/log_inprogress_7");
    byte[] bytes = new byte[4096];
    Arrays.fill(bytes, 0, WRITTEN, (byte) 0x55);
    for (Path file : List.of(table, log, directory.resolve("node.id"))) {
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    }
  }

  private static int differingBits(Path one, byte[] other) throws IOException {
    byte[] bytes = Files.readAllBytes(one);
    int bits = 0;
    for (int i = 0; i < bytes.length; i++) {
      bits += Integer.bitCount((bytes[i] ^ other[i]) & 0xff);
    }
    return bits;
  }

  @Test
  void aFlippedBitIsOneBitOfOneFileAndNotBehindItsContent() throws IOException {
    for (int seed = 0; seed < 50; seed++) {
      files();
      byte[] before = Files.readAllBytes(table);
      List<String> done =
          FileDamage.damage(
              directory, Damage.FLIPPED_BIT, List.of(FileKind.values()), new Random(seed));
      assertThat(done).hasSize(1);
      assertThat(differingBits(table, before) + differingBits(log, before)).isEqualTo(1);
      assertThat(differingBits(directory.resolve("node.id"), before)).isZero();
      byte[] tail = Arrays.copyOfRange(Files.readAllBytes(log), WRITTEN, before.length);
      assertThat(tail).containsOnly(0);
    }
  }

  @Test
  void aTruncatedFileHasLostSomeOfItsContent() throws IOException {
    List<String> done =
        FileDamage.damage(directory, Damage.TRUNCATED, List.of(FileKind.RAFT_LOG), new Random(1));
    assertThat(done).singleElement().asString().startsWith("raft/logs/group/current/log_in");
    assertThat(Files.size(log)).isLessThan(WRITTEN);
    assertThat(Files.size(table)).isEqualTo(4096);
  }

  @Test
  void nothingIsDoneWhereThereIsNoSuchFile() {
    assertThat(
            FileDamage.damage(
                directory, Damage.TRUNCATED, List.of(FileKind.MANIFEST), new Random(1)))
        .isEmpty();
  }
}
