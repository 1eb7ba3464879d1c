package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;

/**
 * Writes one table from entries that come in order. The file is durable after {@link #finish}, its
 * name once the directory is synced. One thread.
 *
 * <p>Range tombstones stand in a block of their own, which whoever opens the table reads whole: a
 * fragment's start is an entry's key, its timestamp the tag's (of a tombstone), its end the value.
 */
public final class SSTableWriter implements AutoCloseable {
  private static final int RESTART_INTERVAL = 16;
  private static final int WRITE_BYTES = 256 << 10;

  private final FileSystem.WritableFile file;
  private final int blockBytes;
  private final BlockCompressor compressor;
  private final BlockBuilder data = new BlockBuilder(RESTART_INTERVAL);
  private final BlockBuilder index = new BlockBuilder(1);
  private final ByteSink out = new ByteSink((WRITE_BYTES + (16 << 10)) / 16); // small tables: less
  private final ByteSink handle = new ByteSink(16);
  private long written; // bytes that left `out`

  private long[] hashes = new long[1024];
  private int keys;
  private long entries;
  private long tombstones;
  private long minTimestamp = Long.MAX_VALUE;
  private long maxTimestamp;
  private byte[] smallest = new byte[0];
  private RangeTombstones ranges = RangeTombstones.EMPTY;
  private List<ValueUse> values = List.of();
  private byte[] lastKey = new byte[256];
  private int lastKeyLength;
  private long lastTag;

  private SSTableWriter(FileSystem.WritableFile file, int blockBytes, Compression compression) {
    this.file = file;
    this.blockBytes = blockBytes;
    this.compressor = new BlockCompressor(compression);
    TableFormat.encodeHeader(out);
  }

  /** Creates the file. */
  public static SSTableWriter create(
      FileSystem files, Path path, int blockBytes, Compression compression) throws IOException {
    return new SSTableWriter(files.create(path), blockBytes, compression);
  }

  /** Adds the entry on which the iterator stands; it must be after the last one added. */
  public void add(Entry entry) throws IOException {
    add(
        entry.keyBuffer(),
        entry.keyLength(),
        entry.tag(),
        entry.valueBuffer(),
        entry.valueOffset(),
        entry.valueLength(),
        entry.isApart());
  }

  /**
   * Adds an entry; it must be after the last one added, see {@link EntryOrder}.
   *
   * @param apart whether the value is a {@link ValueReference}: then {@link #setValues} must tell
   *     of its file
   */
  public void add(
      byte[] key,
      int keyLength,
      long tag,
      byte[] value,
      int valueOffset,
      int valueLength,
      boolean apart)
      throws IOException {
    if (!data.isEmpty() && data.size() >= blockBytes) {
      finishDataBlock();
    }
    int differs = keys == 0 ? 0 : Arrays.mismatch(key, 0, keyLength, lastKey, 0, lastKeyLength);
    if (differs >= 0) {
      noteKey(key, keyLength);
    }
    int common = differs < 0 ? keyLength : differs;
    data.add(key, keyLength, common, tag, value, valueOffset, valueLength, apart);
    lastTag = tag;
    entries++;
    if (EntryOrder.kind(tag) == EntryKind.TOMBSTONE) {
      tombstones++;
    }
    long timestamp = EntryOrder.timestamp(tag);
    minTimestamp = Math.min(minTimestamp, timestamp);
    maxTimestamp = Math.max(maxTimestamp, timestamp);
  }

  /**
   * The range tombstones of the table; before {@link #finish}. Those of a memtable may have the
   * same timestamp for batches of different sequences; in a table they are one.
   */
  public void setRanges(RangeTombstones tombstones) {
    ranges = RangeTombstones.union(List.of(tombstones));
    ranges.forEach((from, to, timestamp) -> {
      minTimestamp = Math.min(minTimestamp, timestamp);
      maxTimestamp = Math.max(maxTimestamp, timestamp);
    });
  }

  /** The value files that its entries refer to; before {@link #finish}. */
  public void setValues(List<ValueUse> uses) {
    values = List.copyOf(uses);
  }

  /** A key that is not the one before. */
  private void noteKey(byte[] key, int keyLength) {
    if (keys == 0) {
      smallest = Arrays.copyOf(key, keyLength);
    }
    if (keys == hashes.length) {
      hashes = Arrays.copyOf(hashes, keys * 2);
    }
    hashes[keys++] = BloomFilter.hash(key, keyLength);
    if (lastKey.length < keyLength) {
      lastKey = new byte[keyLength * 2];
    }
    System.arraycopy(key, 0, lastKey, 0, keyLength);
    lastKeyLength = keyLength;
  }

  /** About how large the file is by now, in bytes. */
  public long estimatedBytes() {
    return written + out.size() + data.size();
  }

  /** Writes the rest, syncs the file and says what it holds, which is not nothing. */
  public TableProperties finish() throws IOException {
    if (!data.isEmpty()) {
      finishDataBlock();
    }
    byte[] filterBytes = BloomFilter.build(hashes, keys).encode();
    TableFormat.BlockHandle filterHandle = writeRaw(filterBytes, filterBytes.length);
    TableFormat.BlockHandle rangesHandle = writeRanges();
    TableProperties properties = properties();
    ByteSink encoded = new ByteSink(256);
    properties.encode(encoded);
    TableFormat.BlockHandle propertiesHandle = writeRaw(encoded.array(), encoded.size());
    ByteSink indexBytes = index.finish();
    TableFormat.BlockHandle indexHandle = writeBlock(indexBytes.array(), indexBytes.size());
    new TableFormat.Footer(indexHandle, filterHandle, rangesHandle, propertiesHandle).encode(out);
    writeOut();
    file.sync();
    return properties;
  }

  private TableProperties properties() {
    byte[] end = KeyRange.successor(lastKey, lastKeyLength);
    byte[] start = smallest;
    if (!ranges.isEmpty()) {
      byte[] first = ranges.smallest();
      byte[] last = ranges.end();
      start = keys == 0 || Arrays.compareUnsigned(first, start) < 0 ? first : start;
      end = keys == 0 || Arrays.compareUnsigned(last, end) > 0 ? last : end;
    }
    return new TableProperties(
        entries, tombstones, ranges.count(), keys, minTimestamp, maxTimestamp, start, end, values);
  }

  private TableFormat.BlockHandle writeRanges() throws IOException {
    if (ranges.isEmpty()) {
      return new TableFormat.BlockHandle(0, 0);
    }
    BlockBuilder block = new BlockBuilder(1);
    ranges.forEach((from, to, timestamp) -> {
      long tag = EntryOrder.tag(timestamp, EntryKind.TOMBSTONE);
      block.add(from, from.length, 0, tag, to, 0, to.length, false);
    });
    ByteSink bytes = block.finish();
    return writeBlock(bytes.array(), bytes.size());
  }

  /** Length of the file in bytes, after {@link #finish}. */
  public long length() {
    return file.size();
  }

  private void finishDataBlock() throws IOException {
    ByteSink block = data.finish();
    TableFormat.BlockHandle blockHandle = writeBlock(block.array(), block.size());
    handle.reset();
    blockHandle.encode(handle);
    index.add(lastKey, lastKeyLength, 0, lastTag, handle.array(), 0, handle.size(), false);
    data.reset();
  }

  private TableFormat.BlockHandle writeBlock(byte[] raw, int length) throws IOException {
    Compression used = compressor.compress(raw, 0, length);
    return used == Compression.NONE
        ? writeRaw(raw, length)
        : write(compressor.bytes(), compressor.length(), used);
  }

  private TableFormat.BlockHandle writeRaw(byte[] raw, int length) throws IOException {
    return write(raw, length, Compression.NONE);
  }

  private TableFormat.BlockHandle write(byte[] payload, int length, Compression compression)
      throws IOException {
    long offset = written + out.size();
    int start = out.size();
    out.putBytes(payload, 0, length);
    out.putByte(compression.code());
    out.putInt(out.crc32c(start));
    TableFormat.BlockHandle result = new TableFormat.BlockHandle(offset, out.size() - start);
    if (out.size() >= WRITE_BYTES) {
      writeOut();
    }
    return result;
  }

  private void writeOut() throws IOException {
    written += out.size();
    file.append(out.toBuffer());
    out.reset();
  }

  @Override
  public void close() throws IOException {
    compressor.close();
    file.close();
  }
}
