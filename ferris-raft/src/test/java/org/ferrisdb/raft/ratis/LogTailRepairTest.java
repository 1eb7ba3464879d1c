package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailRepairTest {
  private static final int MAX_ENTRY = 64 << 10;
  private static final int SECTOR = 512;
  private static final int LAST_PAYLOAD = 3000;

  private final Random random = new Random(42);

  /** Three records, the last one of several sectors, then preallocated zeros. */
  private byte[] segment(int[] lastRecord) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write("RaftLog1".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 3; i++) {
      lastRecord[0] = out.size();
      out.write(record(3, 100 + i, i == 2 ? LAST_PAYLOAD : 40));
    }
    lastRecord[1] = out.size();
    out.write(new byte[16 << 10]);
    return out.toByteArray();
  }

  private byte[] record(long term, long index, int size) throws Exception {
    byte[] payload = new byte[size];
    random.nextBytes(payload);
    byte[] entry =
        LogEntryProto.newBuilder()
            .setTerm(term)
            .setIndex(index)
            .setStateMachineLogEntry(
                StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(payload)))
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
    return record.array();
  }

  @Test
  void a_sound_segment_is_left_alone() throws Exception {
    int[] last = new int[2];
    byte[] segment = segment(last);
    assertThat(LogTailRepair.tornTail(segment, MAX_ENTRY)).isEqualTo(-1);
    assertThat(LogTailRepair.tornTail(Arrays.copyOf(segment, last[1]), MAX_ENTRY)).isEqualTo(-1);
    assertThat(LogTailRepair.tornTail(Arrays.copyOf(segment, 8), MAX_ENTRY)).isEqualTo(-1);
    assertThat(LogTailRepair.tornTail(new byte[0], MAX_ENTRY)).isEqualTo(-1);
  }

  /**
   * What is read of it may be in the page cache only, on pages that the kernel calls clean since it
   * could not write them. Nobody tells whoever starts next, so it is written again each time.
   */
  @Test
  void the_segment_being_written_becomes_another_file_of_the_same_bytes(@TempDir Path current)
      throws Exception {
    byte[] segment = segment(new int[2]);
    for (int length : new int[] {segment.length, segment.length - (16 << 10), 8, 0}) {
      byte[] content = Arrays.copyOf(segment, length);
      Path file = Files.write(current.resolve("log_inprogress_100"), content);
      Path closed = Files.write(current.resolve("log_0-99"), content);
      Object before = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      Object closedBefore = Files.readAttributes(closed, BasicFileAttributes.class).fileKey();
      LogTailRepair.prepare(current, MAX_ENTRY, false);
      assertThat(Files.readAllBytes(file)).isEqualTo(content);
      assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
          .isNotEqualTo(before);
      assertThat(Files.readAttributes(closed, BasicFileAttributes.class).fileKey())
          .isEqualTo(closedBefore);
      try (Stream<Path> files = Files.list(current)) {
        assertThat(files).hasSize(2);
      }
    }
  }

  @Test
  void a_last_record_whose_later_sectors_never_arrived_is_cut_off() throws Exception {
    int[] last = new int[2];
    byte[] segment = segment(last);
    for (int sector = last[0] / SECTOR + 1; sector * SECTOR < last[1] - 4; sector++) {
      byte[] torn = segment.clone();
      Arrays.fill(torn, sector * SECTOR, last[1], (byte) 0);
      assertThat(LogTailRepair.tornTail(torn, MAX_ENTRY))
          .as("from sector %d", sector)
          .isEqualTo(last[0]);
    }
  }

  @Test
  void a_whole_record_with_a_damaged_length_is_not_taken_for_a_torn_one() throws Exception {
    int[] last = new int[2];
    byte[] segment = segment(last);
    byte first = segment[last[0]];
    byte second = segment[last[0] + 1];
    for (int length = 1; length < 1 << 14; length++) {
      segment[last[0]] = (byte) (length | 0x80);
      segment[last[0] + 1] = (byte) (length >> 7);
      if (segment[last[0]] != first || segment[last[0] + 1] != second) {
        assertThat(LogTailRepair.tornTail(segment, MAX_ENTRY))
            .as("length %d", length)
            .isEqualTo(-1);
      }
    }
  }

  @Test
  void zeros_in_the_middle_of_a_damaged_record_prove_nothing() throws Exception {
    int[] last = new int[2];
    byte[] segment = segment(last);
    int sector = last[0] / SECTOR + 2;
    Arrays.fill(segment, sector * SECTOR, (sector + 1) * SECTOR, (byte) 0);
    assertThat(LogTailRepair.tornTail(segment, MAX_ENTRY)).isEqualTo(-1);
  }

  @Test
  void no_flipped_bit_anywhere_cuts_anything_off() throws Exception {
    int[] last = new int[2];
    byte[] segment = segment(last);
    for (int bit = 0; bit < last[1] * 8; bit++) {
      segment[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(LogTailRepair.tornTail(segment, MAX_ENTRY)).as("bit %d", bit).isEqualTo(-1);
      segment[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  @Test
  void a_lost_sector_in_an_earlier_record_cuts_nothing_off() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write("RaftLog1".getBytes(StandardCharsets.US_ASCII));
    out.write(record(1, 1, 3000));
    out.write(record(1, 2, 100));
    out.write(new byte[4096]);
    byte[] segment = out.toByteArray();
    Arrays.fill(segment, 2 * SECTOR, 3 * SECTOR, (byte) 0);
    assertThat(LogTailRepair.tornTail(segment, MAX_ENTRY)).isEqualTo(-1);
  }
}
