package org.ferrisdb.shard.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class LogEntryFrameTest {
  @Test
  void the_bytes_of_a_frame_are_those_of_the_drawing() {
    LogEntryFrame frame =
        new LogEntryFrame(3, 5, 0x0102, 0x0101, ByteBuffer.wrap(new byte[] {(byte) 0xab, 0x01}));
    assertThat(HexFormat.of().formatHex(frame.encode().array()))
        .isEqualTo(
            "01" + "03" + "0000000000000005" + "0000000000000102" + "0000000000000101" + "ab01");
  }

  @Test
  void what_was_encoded_is_decoded_and_the_payload_is_left_as_it_was() {
    LogEntryFrame frame = new LogEntryFrame(255, 9, 8, 7, ByteBuffer.wrap(new byte[] {1, 2, 3}));
    ByteBuffer payload = frame.encode();
    assertThat(LogEntryFrame.decode(payload)).isEqualTo(frame);
    assertThat(payload.position()).isZero();
  }

  @Test
  void a_short_entry_and_one_of_another_format_are_refused() {
    assertThatThrownBy(() -> LogEntryFrame.decode(ByteBuffer.allocate(25)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("25 bytes");
    ByteBuffer newer =
        new LogEntryFrame(0, 1, 1, 0, ByteBuffer.allocate(0)).encode().put(0, (byte) 2);
    assertThatThrownBy(() -> LogEntryFrame.decode(newer)).hasMessageContaining("format 2");
  }
}
