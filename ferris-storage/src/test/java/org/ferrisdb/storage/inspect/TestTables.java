package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.compaction.GarbageFilter;
import org.ferrisdb.storage.compaction.TableSequenceWriter;
import org.ferrisdb.storage.compaction.ValuePlacement;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.memtable.Memtable;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;

/** A small table of one block, not compressed, whose bytes can be changed under right checksums. */
final class TestTables {
  static final Path FILE = Path.of("/000001.sst");
  static final int FOOTER_BYTES = 64;

  private static final List<String> HANDLES = List.of("index", "filter", "ranges", "properties");

  private TestTables() {}

  static byte[] write(FaultyFileSystem files, Path file) throws IOException {
    Memtable memtable = MemtableKind.SKIP_LIST.create();
    add(memtable, "apple", 9, "green");
    add(memtable, "apple", 4, "red");
    add(memtable, "apricot", 5, "");
    add(memtable, "banana", 2, "yellow");
    add(memtable, "cherry", 3, "red");
    byte[] to = EngineModel.bytes("c");
    memtable.addRange(new RangeTombstone(EngineModel.bytes("b"), to, 1), 1);
    RangeTombstones ranges = memtable.ranges(1);
    try (MergingIterator entries =
        new MergingIterator(List.of(memtable.iterator(Long.MAX_VALUE)), true)) {
      ValuePlacement values =
          new ValuePlacement(
              files, Path.of("/"), () -> 2, Compression.LZ4, Integer.MAX_VALUE, null);
      new TableSequenceWriter(
              files, Path.of("/"), () -> 1, 4_096, Compression.LZ4, Long.MAX_VALUE, values)
          .write(entries, new GarbageFilter(0, ranges, (_, _) -> true), ranges, () -> {});
    }
    return files.bytes(file);
  }

  private static void add(Memtable memtable, String key, long timestamp, String value) {
    EntryKind kind = value.isEmpty() ? EntryKind.TOMBSTONE : EntryKind.PUT;
    memtable.add(EngineModel.bytes(key), timestamp, 1, kind, EngineModel.bytes(value));
  }

  /** Changes the payload of a block that the footer names. */
  static void part(byte[] table, String which, Consumer<byte[]> change) {
    int[] at = handle(table, HANDLES.indexOf(which));
    byte[] payload = Arrays.copyOfRange(table, at[0], at[0] + at[1] - 5);
    change.accept(payload);
    System.arraycopy(payload, 0, table, at[0], payload.length);
  }

  private static int[] handle(byte[] table, int ordinal) {
    int at = table.length - FOOTER_BYTES + 12 * ordinal;
    return new int[] {(int) Bytes.getLong(table, at), Bytes.getInt(table, at + 8)};
  }

  /** Makes all checksums right again; the data block is from the header to the filter. */
  static void mendChecksums(byte[] table) {
    List<int[]> blocks = new ArrayList<>();
    for (int i = 0; i < HANDLES.size(); i++) {
      blocks.add(handle(table, i));
    }
    blocks.add(new int[] {16, blocks.get(1)[0] - 16});
    for (int[] block : blocks) {
      int crcAt = block[0] + block[1] - 4;
      Bytes.putInt(table, crcAt, Bytes.crc32c(table, block[0], block[1] - 4));
    }
  }
}
