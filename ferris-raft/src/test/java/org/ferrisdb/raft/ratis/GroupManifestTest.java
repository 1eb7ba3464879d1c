package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.ratis.GroupManifest.Entry;
import org.ferrisdb.raft.ratis.GroupManifest.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupManifestTest {
  private static final GroupId GROUP =
      new GroupId(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
  private static final Entry CREATED =
      new Entry(
          GROUP,
          State.CREATING,
          List.of(new RaftMember(new NodeId("0123456789abcdef"), "h1", 7101)));

  @TempDir Path directory;

  @Test
  void its_bytes_are_as_drawn() {
    String golden =
        """
        4652474d 0001 00000001
        00112233445566778899aabbccddeeff 01 0001
        0010 30313233343536373839616263646566 0002 6831 00001bbd
        """;
    String hex = HexFormat.of().formatHex(GroupManifest.encode(List.of(CREATED)));
    String expected = golden.replaceAll("\\s", "");
    assertThat(hex).startsWith(expected).hasSize(expected.length() + 8);
    assertThat(hex.substring(expected.length())).isEqualTo("ab7dbcf0");
  }

  @Test
  void it_survives_and_states_replace_each_other() throws Exception {
    GroupManifest manifest = GroupManifest.open(directory);
    manifest.put(CREATED);
    Entry open = new Entry(GROUP, State.OPEN, CREATED.members());
    Entry other = new Entry(new GroupId(new UUID(1, 2)), State.OPEN, List.of());
    manifest.put(open);
    manifest.put(other);
    assertThat(GroupManifest.open(directory).entries()).containsExactly(open, other);
    manifest.remove(GROUP);
    assertThat(GroupManifest.open(directory).entries()).containsExactly(other);
  }

  @Test
  void damage_and_newer_formats_are_refused_untouched() throws Exception {
    byte[] good = GroupManifest.encode(List.of(CREATED));
    Path file = directory.resolve(GroupManifest.FILE);
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatIOException().as("bit %d", bit).isThrownBy(() -> GroupManifest.decode(bad));
    }
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatIOException().isThrownBy(() -> GroupManifest.decode(cut));
    }
    byte[] newer = good.clone();
    newer[5] = 9;
    Files.write(file, newer);
    assertThatIOException()
        .isThrownBy(() -> GroupManifest.open(directory))
        .withMessageContaining("version 9");
    assertThat(Files.readAllBytes(file)).isEqualTo(newer);
  }
}
