package org.ferrisdb.shard.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.raft.NodeId;
import org.junit.jupiter.api.Test;

final class ShardMapCodecTest {
  private static final NodeId A = new NodeId("00000000000000aa");
  private static final NodeId B = new NodeId("ffffffffffffff0b");

  private static ShardMap example() {
    return new ShardMap(
        7,
        PreSplit.place(PreSplit.evenly(2), List.of(A, B), 2),
        List.of(
            new NodeRecord(A, "n1", "h:7001", "h:7101", "h:7201", NodeRecord.State.MEMBER),
            new NodeRecord(B, "n2", "i:1", "i:2", "i:3", NodeRecord.State.REPLACED)),
        new ShardDescriptor(ShardId.META, KeyRange.ALL, List.of(A), 3),
        List.of(new ReplicaRepair(9, new ShardId(2), B, ReplicaRepair.Step.REJOIN, 4)));
  }

  @Test
  void the_format_is_this_one() {
    assertThat(HexDump.of(ShardMapCodec.encode(example()))).isEqualTo(GOLDEN);
  }

  /** Nodes without networks are encoded as before there were any: the golden bytes above. */
  @Test
  void networks_stand_behind_the_addresses_of_their_node() {
    NodeRecord node =
        new NodeRecord(
            A,
            "n1",
            "h:7001",
            "h:7101",
            "h:7201",
            NodeRecord.State.REPLACED,
            new TreeMap<>(Map.of("vpn", "v:2", "outside", "o:1")));
    assertThat(HexDump.of(new FieldWriter().node(node).toBytes()))
        .isEqualTo(
            """
            0000  00 00 00 00 00 00 00 aa 04 00 02 6e 31 00 06 68  ...........n1..h
            0010  3a 37 30 30 31 00 06 68 3a 37 31 30 31 00 06 68  :7001..h:7101..h
            0020  3a 37 32 30 31 00 02 00 07 6f 75 74 73 69 64 65  :7201....outside
            0030  00 03 6f 3a 31 00 03 76 70 6e 00 03 76 3a 32     ..o:1..vpn..v:2
            """);
    FieldReader in = new FieldReader(new FieldWriter().node(node).toBytes());
    assertThat(in.node()).isEqualTo(node);
    in.end();
  }

  @Test
  void what_was_encoded_is_decoded() {
    for (ShardMap map : List.of(ShardMap.EMPTY, example())) {
      assertThat(ShardMapCodec.decode(ShardMapCodec.encode(map))).isEqualTo(map);
    }
  }

  @Test
  void every_flipped_bit_and_every_cut_is_noticed() {
    byte[] good = ShardMapCodec.encode(example());
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> ShardMapCodec.decode(bad)).isInstanceOf(FieldReader.Malformed.class);
    }
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> ShardMapCodec.decode(cut)).isInstanceOf(FieldReader.Malformed.class);
    }
  }

  @Test
  void random_fields_end_in_malformed_or_a_value_and_nothing_else() {
    long seed = 7;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      for (int zero = 0; zero < bytes.length; zero++) {
        if (random.nextBoolean()) {
          bytes[zero] = 0; // small counts, so that the inner fields are reached
        }
      }
      try {
        FieldReader in = new FieldReader(bytes);
        in.nodes();
        in.descriptors();
      } catch (FieldReader.Malformed expected) {
        assertThat(expected).as("seed %d", seed).hasMessageContaining("offset");
      }
    }
  }

  private static final String GOLDEN =
      """
      0000  02 00 00 00 00 00 00 00 07 00 00 00 02 00 00 00  ................
      0010  00 00 00 00 aa 01 00 02 6e 31 00 06 68 3a 37 30  ........n1..h:70
      0020  30 31 00 06 68 3a 37 31 30 31 00 06 68 3a 37 32  01..h:7101..h:72
      0030  30 31 ff ff ff ff ff ff ff 0b 02 00 02 6e 32 00  01...........n2.
      0040  03 69 3a 31 00 03 69 3a 32 00 03 69 3a 33 00 00  .i:1..i:2..i:3..
      0050  00 00 00 00 00 00 00 00 00 00 00 00 00 03 00 00  ................
      0060  00 00 00 01 00 00 00 00 00 00 00 aa 00 00 00 02  ................
      0070  00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 01  ................
      0080  00 00 00 01 80 00 02 00 00 00 00 00 00 00 aa ff  ................
      0090  ff ff ff ff ff ff 0b 00 00 00 00 00 00 00 02 00  ................
      00a0  00 00 00 00 00 00 01 00 01 80 00 00 00 02 ff ff  ................
      00b0  ff ff ff ff ff 0b 00 00 00 00 00 00 00 aa 00 00  ................
      00c0  00 01 00 00 00 00 00 00 00 09 00 00 00 00 00 00  ................
      00d0  00 02 ff ff ff ff ff ff ff 0b 02 00 00 00 00 00  ................
      00e0  00 00 04 70 03 42 2a                             ...p.B*
      """;
}
