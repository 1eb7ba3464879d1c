package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.jspecify.annotations.Nullable;

/**
 * An open table. Index and filter stay in memory while it is open; data blocks come and go with the
 * {@link BlockPool}. Every block's checksum is verified when it is read from the file, before any
 * use. Safe for many threads.
 */
public final class SSTableReader extends CountedFile {
  private final String name;
  private final FileSystem.ReadableFile file;
  private final long length;
  private final TableIndex index;
  private final BloomFilter filter;
  private final RangeTombstones ranges;
  private final TableProperties properties;

  private SSTableReader(
      String name,
      FileSystem.ReadableFile file,
      long length,
      BlockPool pool,
      TableIndex index,
      BloomFilter filter,
      RangeTombstones ranges,
      TableProperties properties) {
    super(file, pool, index.count());
    this.name = name;
    this.file = file;
    this.length = length;
    this.index = index;
    this.filter = filter;
    this.ranges = ranges;
    this.properties = properties;
  }

  /** Opens the file and verifies its frame, filter, properties and index. */
  public static SSTableReader open(
      FileSystem files, Path path, long expectedLength, BlockPool pool) {
    String name = path.toString();
    FileSystem.ReadableFile file;
    try {
      file = files.open(path);
    } catch (IOException e) {
      throw new StorageException.IoFailure(name + ": can not be opened: " + e.getMessage(), e);
    }
    try {
      long length = file.size();
      if (length != expectedLength
          || length < TableFormat.HEADER_BYTES + TableFormat.FOOTER_BYTES) {
        throw new StorageException.Corruption(
            name + ": ends at offset " + length + ", should at offset " + expectedLength);
      }
      TableFormat.checkHeader(read(file, name, 0, TableFormat.HEADER_BYTES), name);
      long footerAt = length - TableFormat.FOOTER_BYTES;
      TableFormat.Footer footer =
          TableFormat.Footer.decode(
              read(file, name, footerAt, TableFormat.FOOTER_BYTES), name, footerAt);
      TableIndex index =
          new TableIndex(
              new Block(
                  readBlock(file, length, name, footer.index()), name, footer.index().offset()),
              name);
      BloomFilter filter =
          BloomFilter.decode(
              readBlock(file, length, name, footer.filter()), name, footer.filter().offset());
      RangeTombstones ranges = readRanges(file, length, name, footer.ranges());
      byte[] encoded = readBlock(file, length, name, footer.properties());
      String where = name + ": properties at offset " + footer.properties().offset();
      TableProperties properties =
          TableProperties.decode(new ByteSource(encoded, 0, encoded.length, where));
      return new SSTableReader(name, file, length, pool, index, filter, ranges, properties);
    } catch (IOException e) {
      close(file);
      throw new StorageException.IoFailure(name + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      close(file);
      throw e;
    }
  }

  /** What the table holds. */
  public TableProperties properties() {
    return properties;
  }

  /** The hash that {@link #get} takes; computed once for all tables. */
  public static long hash(byte[] key) {
    return BloomFilter.hash(key, key.length);
  }

  private static RangeTombstones readRanges(
      FileSystem.ReadableFile file, long fileLength, String name, TableFormat.BlockHandle handle)
      throws IOException {
    if (handle.length() == 0) {
      return RangeTombstones.EMPTY;
    }
    Block block = new Block(readBlock(file, fileLength, name, handle), name, handle.offset());
    RangeTombstones.Builder ranges = new RangeTombstones.Builder();
    BlockIterator entries = new BlockIterator(block);
    for (entries.seekFirst(); entries.valid(); entries.next()) {
      Entry entry = entries.entry();
      if (!ranges.add(entry.keyCopy(), entry.valueCopy(), entry.timestamp())) {
        throw new StorageException.Corruption(
            name + ": range tombstones out of order, in the block at offset " + handle.offset());
      }
    }
    return ranges.build();
  }

  /** Its range tombstones. */
  public RangeTombstones ranges() {
    return ranges;
  }

  /** Whether the filter lets a key of this hash pass; if not, the table has no entry of the key. */
  public boolean mayContain(long hash) {
    return filter.mayContain(hash);
  }

  /**
   * The newest version of the key at or below the timestamp; null if this table has none. Does not
   * ask the filter: {@link #mayContain} does, and saves the way to the block. Nor does it look at
   * range tombstones: {@link #hide} does.
   *
   * @param values finds the value if it lies apart
   */
  public @Nullable Versioned get(byte[] key, long timestamp, ValueResolver values) {
    int ordinal = index.find(key, timestamp);
    return ordinal == index.count()
        ? null
        : block(ordinal, true).get(key, timestamp, ranges, values);
  }

  /** What a reader sees of a key of which this table holds that: a range may hide it. */
  public @Nullable Versioned hide(@Nullable Versioned found, byte[] key, long timestamp) {
    return ranges.isEmpty() ? found : ranges.hide(found, key, timestamp, Long.MAX_VALUE);
  }

  /** Walks the table. A scan that reads everything once should not fill the cache. */
  public EntryIterator iterator(boolean fillCache) {
    return new TableIterator(this, index, fillCache);
  }

  /**
   * About how many bytes of the file the keys of the range take; for choosing, not for counting.
   */
  public long approximateBytes(KeyRange range) {
    byte @Nullable [] from = range.from();
    byte @Nullable [] to = range.to();
    int first = from == null ? 0 : index.find(from, Long.MAX_VALUE);
    int last = to == null ? index.count() : index.find(to, Long.MAX_VALUE) + 1;
    long bytes = 0;
    for (int ordinal = first; ordinal < Math.min(last, index.count()); ordinal++) {
      bytes += index.handle(ordinal).length();
    }
    return bytes;
  }

  Block block(int ordinal, boolean fillCache) {
    ResidentBlock resident = resident(ordinal, fillCache);
    if (resident != null) {
      return resident.block;
    }
    Block block = load(ordinal);
    if (fillCache) {
      keep(new ResidentBlock(block, slots(), ordinal), ordinal);
    }
    return block;
  }

  private Block load(int ordinal) {
    TableFormat.BlockHandle handle = index.handle(ordinal);
    try {
      return new Block(readBlock(file, length, name, handle), name, handle.offset());
    } catch (IOException e) {
      throw new StorageException.IoFailure(
          name + ": block at offset " + handle.offset() + ": " + e.getMessage(), e);
    }
  }

  private static byte[] readBlock(
      FileSystem.ReadableFile file, long fileLength, String name, TableFormat.BlockHandle handle)
      throws IOException {
    if (!handle.isInside(fileLength)) { // before memory is taken for it
      throw new StorageException.Corruption(
          name
              + ": block of length "
              + handle.length()
              + " at offset "
              + handle.offset()
              + " in a file of "
              + fileLength);
    }
    byte[] framed = read(file, name, handle.offset(), handle.length());
    return TableFormat.unframe(framed, handle.offset(), name);
  }

  static byte[] read(FileSystem.ReadableFile file, String name, long offset, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    if (file.read(buffer, offset) != length) {
      throw new StorageException.Corruption(
          name + ": ends within the " + length + " bytes at offset " + offset);
    }
    return buffer.array();
  }
}
