package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {
  private static final UUID CLUSTER = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

  @TempDir Path directory;

  @Test
  void its_bytes_are_as_drawn() {
    String golden =
        """
        46524944 0001 0001
        30313233343536373839616263646566
        00112233445566778899aabbccddeeff
        """;
    byte[] bytes = new NodeIdentity(new NodeId("0123456789abcdef"), CLUSTER).encode();
    String hex = HexFormat.of().formatHex(bytes);
    assertThat(hex.substring(0, 80)).isEqualTo(golden.replaceAll("\\s", ""));
    assertThat(hex.substring(80)).isEqualTo("f00c9a91");
  }

  @Test
  void it_is_drawn_once_and_survives() throws Exception {
    NodeIdentity drawn = NodeIdentity.openOrDraw(directory, new Random(1));
    assertThat(drawn.clusterId()).isNull();
    assertThat(NodeIdentity.openOrDraw(directory, new Random(2))).isEqualTo(drawn);
  }

  @Test
  void an_emptied_directory_is_another_node() throws Exception {
    Random random = new Random(3);
    NodeIdentity before = NodeIdentity.openOrDraw(directory, random);
    Files.delete(directory.resolve(NodeIdentity.FILE));
    assertThat(NodeIdentity.openOrDraw(directory, random).nodeId()).isNotEqualTo(before.nodeId());
  }

  @Test
  void it_joins_one_cluster_for_good() throws Exception {
    NodeIdentity member =
        NodeIdentity.openOrDraw(directory, new Random(4)).joined(CLUSTER, directory);
    assertThat(NodeIdentity.openOrDraw(directory, new Random(5))).isEqualTo(member);
    assertThat(member.joined(CLUSTER, directory)).isEqualTo(member);
    assertThatIllegalStateException()
        .isThrownBy(() -> member.joined(UUID.randomUUID(), directory))
        .withMessageContaining(CLUSTER.toString());
  }

  @Test
  void every_flipped_bit_is_noticed() throws Exception {
    byte[] good = new NodeIdentity(new NodeId("0123456789abcdef"), CLUSTER).encode();
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatIOException().as("bit %d", bit).isThrownBy(() -> NodeIdentity.decode(bad));
    }
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatIOException().isThrownBy(() -> NodeIdentity.decode(cut));
    }
  }

  @Test
  void a_newer_format_is_refused_untouched() throws Exception {
    byte[] newer = new NodeIdentity(new NodeId("0123456789abcdef"), null).encode();
    newer[5] = 2;
    Path file = directory.resolve(NodeIdentity.FILE);
    Files.write(file, newer);
    assertThatIOException()
        .isThrownBy(() -> NodeIdentity.openOrDraw(directory, new Random(6)))
        .withMessageContaining("version 2");
    assertThat(Files.readAllBytes(file)).isEqualTo(newer);
  }

  @Test
  void the_directory_has_one_owner_at_a_time() throws Exception {
    try (DataDirectoryLock first = DataDirectoryLock.acquire(directory)) {
      assertThat(first).isNotNull();
      assertThatIOException()
          .isThrownBy(() -> DataDirectoryLock.acquire(directory))
          .withMessageContaining("process " + ProcessHandle.current().pid());
    }
    DataDirectoryLock.acquire(directory).close();
  }
}
