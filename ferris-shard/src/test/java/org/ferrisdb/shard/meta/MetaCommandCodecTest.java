package org.ferrisdb.shard.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.shard.meta.MetaFixtures.form;
import static org.ferrisdb.shard.meta.MetaFixtures.id;
import static org.ferrisdb.shard.meta.MetaFixtures.node;
import static org.ferrisdb.shard.meta.MetaFixtures.replicas;

import java.util.Arrays;
import java.util.List;
import org.ferrisdb.shard.map.FieldReader;
import org.ferrisdb.shard.map.HexDump;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardId;
import org.junit.jupiter.api.Test;

final class MetaCommandCodecTest {
  private static final List<MetaCommand> ALL =
      List.of(
          form(2),
          new MetaCommand.RegisterNode(node(4, "n3")),
          replicas(2, 1, 1, 2, 4),
          new MetaCommand.ExtendOracle(0x0123_4567_89ab_cdefL),
          new MetaCommand.ChangeSetting("retention", "10m"),
          new MetaCommand.BeginRepair(new ShardId(2), id(3), 5),
          new MetaCommand.RepairStepDone(6, ReplicaRepair.Step.REJOIN, 7));

  @Test
  void the_format_is_this_one() {
    assertThat(HexDump.of(MetaCommandCodec.encodeEntry(ALL))).isEqualTo(GOLDEN);
  }

  @Test
  void what_was_encoded_is_decoded() {
    byte[] bytes = MetaCommandCodec.encodeEntry(ALL);
    assertThat(MetaCommandCodec.decodeEntry(new FieldReader(bytes))).isEqualTo(ALL);
    for (MetaCommand one : ALL) {
      assertThat(MetaCommandCodec.decode(MetaCommandCodec.encode(one))).isEqualTo(one);
    }
  }

  @Test
  void what_this_version_does_not_know_stops_it() {
    byte[] bytes = MetaCommandCodec.encodeEntry(ALL);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> MetaCommandCodec.decodeEntry(new FieldReader(cut)))
          .isInstanceOf(FieldReader.Malformed.class);
    }
    assertThatThrownBy(() -> MetaCommandCodec.decodeEntry(new FieldReader(new byte[] {0, 1, 99})))
        .hasMessageContaining("code 99");
    byte[] more = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> MetaCommandCodec.decodeEntry(new FieldReader(more)))
        .hasMessageContaining("behind the end");
  }

  @Test
  void fingerprints_tell_commands_apart() {
    assertThat(MetaCommandCodec.fingerprint(form(2)))
        .isEqualTo(MetaCommandCodec.fingerprint(form(2)))
        .isNotEqualTo(MetaCommandCodec.fingerprint(form(3)))
        .hasSize(64);
  }

  private static final String GOLDEN =
      """
      0000  00 07 01 00 00 00 03 00 00 00 00 00 00 00 01 01  ................
      0010  00 02 6e 31 00 03 63 3a 31 00 03 72 3a 31 00 03  ..n1..c:1..r:1..
      0020  68 3a 31 00 00 00 00 00 00 00 02 01 00 02 6e 32  h:1...........n2
      0030  00 03 63 3a 32 00 03 72 3a 32 00 03 68 3a 32 00  ..c:2..r:2..h:2.
      0040  00 00 00 00 00 00 03 01 00 02 6e 33 00 03 63 3a  ..........n3..c:
      0050  33 00 03 72 3a 33 00 03 68 3a 33 00 00 00 02 00  3..r:3..h:3.....
      0060  00 00 00 00 00 00 01 00 00 00 00 00 00 00 01 00  ................
      0070  00 00 01 80 00 03 00 00 00 00 00 00 00 01 00 00  ................
      0080  00 00 00 00 00 02 00 00 00 00 00 00 00 03 00 00  ................
      0090  00 00 00 00 00 02 00 00 00 00 00 00 00 01 00 01  ................
      00a0  80 00 00 00 03 00 00 00 00 00 00 00 02 00 00 00  ................
      00b0  00 00 00 00 03 00 00 00 00 00 00 00 01 00 03 00  ................
      00c0  00 00 00 00 00 00 01 00 00 00 00 00 00 00 02 00  ................
      00d0  00 00 00 00 00 00 03 02 00 00 00 00 00 00 00 04  ................
      00e0  01 00 02 6e 33 00 03 63 3a 34 00 03 72 3a 34 00  ...n3..c:4..r:4.
      00f0  03 68 3a 34 03 00 00 00 00 00 00 00 02 00 00 00  .h:4............
      0100  00 00 00 00 01 00 03 00 00 00 00 00 00 00 01 00  ................
      0110  00 00 00 00 00 00 02 00 00 00 00 00 00 00 04 04  ................
      0120  01 23 45 67 89 ab cd ef 05 00 09 72 65 74 65 6e  .#Eg.......reten
      0130  74 69 6f 6e 00 03 31 30 6d 06 00 00 00 00 00 00  tion..10m.......
      0140  00 02 00 00 00 00 00 00 00 03 00 00 00 00 00 00  ................
      0150  00 05 07 00 00 00 00 00 00 00 06 02 00 00 00 00  ................
      0160  00 00 00 07                                      ....
      """;
}
