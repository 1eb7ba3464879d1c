package org.ferrisdb.shard.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.Committed;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.ConditionFailed;
import org.ferrisdb.shard.log.EntryChain;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.state.EntryBody.Command;
import org.junit.jupiter.api.Test;

/** The bytes of everything a shard writes, as drawn where it is encoded. */
class FormatsTest {
  private static final ClientId CLIENT = new ClientId(0x0101, 0x0202);
  private static final Command COMMITTED =
      new Command(
          CLIENT,
          3,
          2,
          0x0500,
          0x0400,
          new Committed(0x0400),
          List.of(
              new Mutation(new byte[] {'k'}, new byte[] {'v', 'w'}),
              new Mutation(new byte[] {'d'}, null)));
  private static final Command REFUSED =
      new Command(CLIENT, 4, 2, 0x0500, 0x0401, new ConditionFailed(7, true, 0x99), List.of());

  private static String hex(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return HexFormat.of().formatHex(copy);
  }

  @Test
  void writes_are_encoded_as_drawn() {
    ByteBuffer bytes = EntryBodyCodec.encode(new EntryBody.Writes(List.of(COMMITTED, REFUSED)));
    String call = "0000000000000101" + "0000000000000202";
    assertThat(hex(bytes))
        .isEqualTo(
            "00000002"
                + call
                + "0000000000000003"
                + "0000000000000002"
                + "0000000000000500"
                + "0000000000000400"
                + "00"
                + "00000002"
                + ("01" + "0001" + "6b" + "00000002" + "7677")
                + ("00" + "0001" + "64")
                + call
                + "0000000000000004"
                + "0000000000000002"
                + "0000000000000500"
                + "0000000000000401"
                + ("01" + "00000007" + "01" + "0000000000000099"));
    EntryBody.Writes decoded =
        (EntryBody.Writes) EntryBodyCodec.decode(EntryBodyCodec.WRITES, bytes);
    assertThat(decoded)
        .usingRecursiveComparison()
        .isEqualTo(new EntryBody.Writes(List.of(COMMITTED, REFUSED)));
    assertThat(EntryBodyCodec.commandBytes(COMMITTED.mutations()))
        .isGreaterThanOrEqualTo(49 + 4 + 10 + 4);
  }

  @Test
  void a_descriptor_is_encoded_as_drawn() {
    ShardDescriptor descriptor =
        new ShardDescriptor(
            new ShardId(5),
            new KeyRange(new byte[] {'a'}, new byte[0]),
            List.of(new NodeId("00000000000000aa"), new NodeId("ffffffffffffffff")),
            9);
    EntryBody body = new EntryBody.Descriptor(descriptor);
    ByteBuffer bytes = EntryBodyCodec.encode(body);
    assertThat(hex(bytes))
        .isEqualTo(
            "0000000000000005"
                + "0000000000000009"
                + ("0001" + "61")
                + "0000"
                + ("02" + "00000000000000aa" + "ffffffffffffffff"));
    assertThat(EntryBodyCodec.decode(EntryBodyCodec.DESCRIPTOR, bytes)).isEqualTo(body);
  }

  @Test
  void a_garbage_floor_is_encoded_as_drawn() {
    EntryBody body = new EntryBody.GarbageFloor(0x10, 0x20);
    ByteBuffer bytes = EntryBodyCodec.encode(body);
    assertThat(hex(bytes)).isEqualTo("0000000000000010" + "0000000000000020");
    assertThat(EntryBodyCodec.decode(EntryBodyCodec.GARBAGE_FLOOR, bytes)).isEqualTo(body);
  }

  @Test
  void keys_and_records_in_the_engine_are_as_drawn() {
    HexFormat hex = HexFormat.of();
    assertThat(hex.formatHex(StateKeys.APPLIED)).isEqualTo("0061");
    assertThat(hex.formatHex(StateKeys.DESCRIPTOR)).isEqualTo("0064");
    assertThat(hex.formatHex(StateKeys.outcomes(0x1234))).isEqualTo("006f" + "0000000000001234");
    assertThat(StateKeys.outcomesIndex(StateKeys.outcomes(0x1234))).isEqualTo(0x1234);
    assertThat(hex.formatHex(StateKeys.user(new byte[] {0, 'k'}))).isEqualTo("01" + "006b");
    EntryChain chain = new EntryChain();
    chain.accept(2, new LogEntryFrame(0, 2, 3, 0, ByteBuffer.allocate(0)));
    assertThat(hex.formatHex(new AppliedRecord(chain.save(), 4, 5).encode()))
        .isEqualTo(
            "0000000000000002" + "0000000000000003" + "0000000000000004" + "0000000000000005");
    assertThat(hex.formatHex(new OutcomeTable().add(8, List.of(COMMITTED, REFUSED))))
        .isEqualTo(
            "00000002"
                + "0000000000000101"
                + "0000000000000202"
                + "0000000000000003"
                + "0000000000000500"
                + "0000000000000400"
                + "0000000000000002"
                + "0000000000000500"
                + "00"
                + "0000000000000101"
                + "0000000000000202"
                + "0000000000000004"
                + "0000000000000500"
                + "0000000000000401"
                + "0000000000000002"
                + "0000000000000500"
                + ("01" + "00000007" + "01" + "0000000000000099"));
  }

  @Test
  void an_unknown_kind_and_bytes_left_over_stop_the_replica() {
    assertThatThrownBy(() -> EntryBodyCodec.decode(77, ByteBuffer.allocate(0)))
        .hasMessageContaining("unknown kind 77");
    assertThatThrownBy(
            () -> EntryBodyCodec.decode(EntryBodyCodec.GARBAGE_FLOOR, ByteBuffer.allocate(17)))
        .hasMessageContaining("1 bytes behind");
  }
}
