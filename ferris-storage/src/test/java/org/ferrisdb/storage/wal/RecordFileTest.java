package org.ferrisdb.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of a WAL file, and the torn-tail rule. */
final class RecordFileTest {
  private static final Path FILE = Path.of("/000007.wal");

  private final FaultyFileSystem files = new FaultyFileSystem();

  private static ByteSink payload(String text) {
    return new ByteSink(16).putAscii(text);
  }

  private RecordWriter create() throws IOException {
    return RecordWriter.create(files, FILE, RecordFormat.WAL_MAGIC, 7, 5);
  }

  private static List<String> read(byte[] file) {
    List<String> found = new ArrayList<>();
    RecordReader.read(
        "test",
        file,
        RecordFormat.WAL_MAGIC,
        7,
        p -> found.add(EngineModel.text(p.getBytes(p.remaining()))));
    return found;
  }

  @Test
  void a_wal_file_has_the_bytes_that_the_drawing_says() throws IOException {
    WriteBatch batch =
        new WriteBatch()
            .put(EngineModel.bytes("apple"), 1000, EngineModel.bytes("red"))
            .delete(EngineModel.bytes("plum"), 1000)
            .at(new AppliedPosition(3, 300));
    ByteSink payload = new ByteSink(64);
    BatchRecord.encode(batch, payload);
    try (RecordWriter writer = create()) {
      writer.add(payload);
      writer.sync();
      writer.end();
    }
    Golden.file("wal-file.txt", Golden.hexdump(files.bytes(FILE)));
    List<WriteBatch> back = new ArrayList<>();
    RecordReader.Outcome outcome =
        RecordReader.read(
            files, FILE, RecordFormat.WAL_MAGIC, 7, p -> back.add(BatchRecord.decode(p)));
    assertThat(outcome).isEqualTo(new RecordReader.Outcome(5, true));
    assertThat(back).hasSize(1);
    assertThat(back.getFirst().ops()).hasSize(2);
    assertThat(back.getFirst().position()).isEqualTo(new AppliedPosition(3, 300));
  }

  /** Three records, each synced on its own, then two in one sync. */
  private byte[] fiveRecords() throws IOException {
    try (RecordWriter writer = create()) {
      for (String text : List.of("one", "two", "three")) {
        writer.add(payload(text));
        writer.sync();
      }
      writer.add(payload("four"));
      writer.add(payload("five"));
      writer.sync();
    }
    return files.bytes(FILE);
  }

  @Test
  void a_file_cut_anywhere_reads_as_a_prefix() throws IOException {
    byte[] whole = fiveRecords();
    List<String> all = List.of("one", "two", "three", "four", "five");
    for (int length = 0; length <= whole.length; length++) {
      List<String> found = read(Arrays.copyOf(whole, length));
      assertThat(found).as("cut at %d", length).isEqualTo(all.subList(0, found.size()));
    }
    assertThat(read(whole)).isEqualTo(all);
  }

  @Test
  void damage_before_a_later_sync_is_corruption_and_damage_in_the_last_sync_a_torn_tail()
      throws IOException {
    byte[] whole = fiveRecords();
    int four = whole.length - 2 * (RecordFormat.RECORD_HEADER_BYTES + 4);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      if (at < four) {
        assertThatThrownBy(() -> read(damaged))
            .as("damaged at %d", at)
            .isInstanceOf(StorageException.Corruption.class);
      } else {
        assertThat(read(damaged)).as("damaged at %d", at).startsWith("one", "two", "three");
      }
    }
  }

  @Test
  void a_later_record_of_an_unfinished_sync_may_be_whole_without_the_earlier_one()
      throws IOException {
    byte[] whole = fiveRecords();
    int four = whole.length - 2 * (RecordFormat.RECORD_HEADER_BYTES + 4);
    Arrays.fill(whole, four, four + 10, (byte) 0);
    assertThat(read(whole)).containsExactly("one", "two", "three");
  }

  @ParameterizedTest
  @ValueSource(ints = {RecordFormat.VERSION - 1, RecordFormat.VERSION + 1})
  void another_version_is_refused(int version) throws IOException {
    byte[] whole = fiveRecords();
    Bytes.putInt(whole, 8, version);
    Bytes.putInt(whole, 28, Bytes.crc32c(whole, 0, 28));
    assertThatThrownBy(() -> read(whole))
        .isInstanceOf(StorageException.UnknownVersion.class)
        .hasMessageContaining("version " + version);
  }

  @Test
  void another_files_content_under_this_name_is_corruption() throws IOException {
    byte[] whole = fiveRecords();
    Path other = Path.of("/000008.wal");
    try (FileSystem.WritableFile file = files.create(other)) {
      file.append(ByteBuffer.wrap(whole));
    }
    assertThatThrownBy(() -> RecordReader.read(files, other, RecordFormat.WAL_MAGIC, 8, p -> {}))
        .isInstanceOf(StorageException.Corruption.class);
  }
}
