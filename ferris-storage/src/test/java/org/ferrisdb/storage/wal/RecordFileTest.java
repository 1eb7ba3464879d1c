package org.ferrisdb.storage.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.WalVerifier;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.ByteSource;
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

  /** Reads a file in pieces of every kind: the answer must be the same. */
  private static List<String> read(byte[] bytes) {
    List<String> whole = read(bytes, 1 << 20);
    for (int pieceBytes : new int[] {1, 20, 40, 50}) {
      assertThat(read(bytes, pieceBytes)).as("pieces of %d", pieceBytes).isEqualTo(whole);
    }
    return whole;
  }

  private static List<String> read(byte[] bytes, int pieceBytes) {
    FaultyFileSystem files = new FaultyFileSystem();
    List<String> found = new ArrayList<>();
    try {
      try (FileSystem.WritableFile file = files.create(FILE)) {
        file.append(ByteBuffer.wrap(bytes));
      }
      RecordReader.read(
          files,
          FILE,
          RecordFormat.WAL_MAGIC,
          7,
          pieceBytes,
          p -> found.add(EngineModel.text(p.getBytes(p.remaining()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  @Test
  void a_wal_file_has_the_bytes_that_the_drawing_says() throws IOException {
    WriteBatch batch =
        new WriteBatch()
            .put(EngineModel.bytes("apple"), 1000, EngineModel.bytes("red"))
            .delete(EngineModel.bytes("plum"), 1000)
            .deleteRange(EngineModel.bytes("b"), EngineModel.bytes("d"), 1001)
            .at(new AppliedPosition(3, 300));
    ByteSink payload = new ByteSink(64);
    BatchRecord.encode(batch, payload);
    try (RecordWriter writer = create()) {
      writer.link(64);
      writer.add(payload);
      writer.sync();
      writer.end();
    }
    Golden.file("wal-file.txt", Golden.hexdump(files.bytes(FILE)));
    List<String> back = new ArrayList<>();
    RecordReader.Outcome outcome =
        RecordReader.read(files, FILE, RecordFormat.WAL_MAGIC, 7, p -> back.addAll(operations(p)));
    assertThat(outcome).isEqualTo(new RecordReader.Outcome(5, 64, 133, true));
    assertThat(back)
        .containsExactly("PUT apple@1000=red", "TOMBSTONE plum@1000=", "RANGE b-d@1001", "3/300");
  }

  /** The operations of a batch as text, and its position. */
  private static List<String> operations(ByteSource payload) {
    List<String> found = new ArrayList<>();
    AppliedPosition position =
        BatchRecord.read(
            payload,
            (array, key, keyLength, timestamp, kind, value, valueLength) ->
                found.add(
                    kind
                        + " "
                        + new String(array, key, keyLength, StandardCharsets.UTF_8)
                        + "@"
                        + timestamp
                        + "="
                        + new String(array, value, valueLength, StandardCharsets.UTF_8)),
            range ->
                found.add(
                    "RANGE "
                        + EngineModel.text(range.from())
                        + "-"
                        + EngineModel.text(range.to())
                        + "@"
                        + range.timestamp()));
    found.add(position.term() + "/" + position.index());
    return found;
  }

  @Test
  void a_link_of_another_length_is_corruption_to_the_engine_and_to_the_doctor() throws IOException {
    ByteSink file = new ByteSink(100);
    RecordFormat.encodeHeader(file, RecordFormat.WAL_MAGIC, 7, 5);
    RecordFormat.encodeRecord(file, RecordFormat.LINK, 0, new byte[3], 0, 3);
    try (FileSystem.WritableFile out = files.create(FILE)) {
      out.append(file.toBuffer());
    }
    byte[] bytes = files.bytes(FILE);
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(StorageException.Corruption.class)
        .hasMessageContaining("a link of 3 bytes");
    WalVerifier verifier = new WalVerifier(files, Path.of("/"), _ -> {});
    verifier.run(List.of(7L), 0);
    assertThat(verifier.findings())
        .extracting(Finding::message)
        .containsExactly("a link of 3 bytes");
  }

  @Test
  void a_batch_that_ends_early_or_late_is_corruption() {
    ByteSink sink = new ByteSink(64);
    BatchRecord.encode(
        new WriteBatch().put(EngineModel.bytes("apple"), 1000, EngineModel.bytes("red")), sink);
    byte[] whole = Arrays.copyOf(sink.array(), sink.size() + 1);
    for (int length = 0; length <= whole.length; length++) {
      ByteSource source = new ByteSource(whole, 0, length, "test");
      if (length == sink.size()) {
        assertThat(operations(source)).hasSize(2);
      } else {
        assertThatThrownBy(() -> operations(source))
            .as("%d bytes", length)
            .isInstanceOf(StorageException.Corruption.class);
      }
    }
  }

  /** Records of all lengths, so that they end everywhere in a piece. */
  @Test
  void records_longer_than_a_piece_and_on_its_edges_are_read() throws IOException {
    List<String> written = new ArrayList<>();
    try (RecordWriter writer = create()) {
      for (int i = 0; i < 200; i++) {
        String text = "r".repeat(i * 37 % 150) + i;
        written.add(text);
        writer.add(payload(text));
        if (i % 7 == 0) {
          writer.sync();
        }
      }
      writer.end();
    }
    byte[] whole = files.bytes(FILE);
    for (int pieceBytes : new int[] {1, 17, 33, 64, 100, 1_000, whole.length, 1 << 20}) {
      assertThat(read(whole, pieceBytes)).as("pieces of %d", pieceBytes).isEqualTo(written);
    }
  }

  /** A tail as large as a piece, of bytes that look like a record with an enormous length. */
  @Test
  void a_length_that_is_rot_takes_no_memory() throws IOException {
    int rotten = 16 << 20;
    byte[] whole = fiveRecords();
    Path file = Path.of("/000007.big");
    try (FileSystem.WritableFile big = files.create(file)) {
      big.append(ByteBuffer.wrap(whole));
      ByteSink header = new ByteSink(32).putInt(1).putInt(rotten).putLong(whole.length).putByte(1);
      big.append(header.toBuffer());
      big.append(ByteBuffer.allocate(rotten));
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    RecordReader.Outcome outcome =
        RecordReader.read(files, file, RecordFormat.WAL_MAGIC, 7, 4 << 10, p -> {});
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(outcome.ended()).isFalse();
    assertThat(allocated).isLessThan(rotten / 4);
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

  /** The next record stands exactly where the file was durable up to. */
  @Test
  void the_first_record_after_a_sync_proves_that_the_one_before_was_synced() throws IOException {
    try (RecordWriter writer = create()) {
      writer.add(payload("one"));
      writer.sync();
      writer.add(payload("two"));
      writer.sync();
    }
    byte[] damaged = files.bytes(FILE);
    damaged[RecordFormat.FILE_HEADER_BYTES + RecordFormat.RECORD_HEADER_BYTES] ^= 1;
    assertThatThrownBy(() -> read(damaged)).isInstanceOf(StorageException.Corruption.class);
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
