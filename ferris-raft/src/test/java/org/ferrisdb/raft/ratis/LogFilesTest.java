package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs of entries 90 to 110 beside a state that a checkpoint replaced. */
class LogFilesTest {
  @TempDir Path current;

  private void closed(long first, long last, long term) throws Exception {
    Files.write(current.resolve("log_" + first + "-" + last), segment(first, last, term));
  }

  private void open(long first, long last, long term) throws Exception {
    Files.write(current.resolve("log_inprogress_" + first), segment(first, last, term));
  }

  /** Records, and some of the zeros that Ratis puts behind them. */
  private static byte[] segment(long first, long last, long term) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write("RaftLog1".getBytes(StandardCharsets.US_ASCII));
    for (long index = first; index <= last; index++) {
      byte[] entry =
          LogEntryProto.newBuilder()
              .setTerm(term)
              .setIndex(index)
              .setStateMachineLogEntry(
                  StateMachineLogEntryProto.newBuilder()
                      .setLogData(ByteString.copyFromUtf8("value of " + index)))
              .build()
              .toByteArray();
      int checked = CodedOutputStream.computeUInt32SizeNoTag(entry.length) + entry.length;
      ByteBuffer record = ByteBuffer.allocate(checked + 4);
      CodedOutputStream coded = CodedOutputStream.newInstance(record);
      coded.writeUInt32NoTag(entry.length);
      coded.writeRawBytes(entry);
      coded.flush();
      CRC32C crc = new CRC32C();
      crc.update(record.array(), 0, checked);
      record.putInt(checked, (int) crc.getValue());
      out.write(record.array());
    }
    out.write(new byte[1000]);
    return out.toByteArray();
  }

  private boolean deleted(long term, long index) throws Exception {
    List<Path> before;
    try (var files = Files.list(current)) {
      before = files.toList();
    }
    boolean deleted = LogFiles.deleteIfOvertaken(current, TermIndex.valueOf(term, index));
    try (var files = Files.list(current)) {
      assertThat(files.toList()).hasSize(deleted ? 0 : before.size());
    }
    return deleted;
  }

  @Test
  void a_log_that_ends_before_the_state_is_deleted() throws Exception {
    closed(90, 99, 1);
    open(100, 110, 1);
    assertThat(deleted(1, 111)).isTrue();
  }

  @Test
  void a_log_that_holds_the_states_last_entry_stays() throws Exception {
    closed(90, 99, 1);
    open(100, 110, 2);
    assertThat(deleted(2, 110)).isFalse();
    assertThat(deleted(2, 105)).isFalse();
    assertThat(deleted(1, 95)).isFalse();
  }

  @Test
  void what_a_deposed_leader_never_committed_goes_though_it_reaches_beyond_the_state()
      throws Exception {
    closed(90, 99, 1);
    open(100, 110, 1);
    assertThat(deleted(2, 105)).isTrue();
  }

  @Test
  void that_is_so_as_well_where_the_state_ends_in_an_earlier_segment() throws Exception {
    closed(90, 99, 1);
    open(100, 110, 1);
    assertThat(deleted(3, 95)).isTrue();
  }

  @Test
  void a_log_that_begins_right_after_the_state_stays() throws Exception {
    open(100, 110, 3);
    assertThat(deleted(2, 99)).isFalse();
  }

  @Test
  void a_damaged_log_is_left_to_be_found_out() throws Exception {
    closed(90, 99, 1);
    byte[] bytes = segment(100, 110, 1);
    bytes[20] ^= 1;
    Files.write(current.resolve("log_inprogress_100"), bytes);
    assertThat(deleted(2, 105)).isFalse();
    assertThat(deleted(2, 200)).isFalse();
  }

  @Test
  void no_log_is_no_log() throws Exception {
    assertThat(deleted(2, 5)).isFalse();
  }
}
