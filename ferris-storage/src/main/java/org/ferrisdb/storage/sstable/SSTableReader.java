package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryIterator;
import org.jspecify.annotations.Nullable;

/**
 * An open table. Index and filter stay in memory while it is open; data blocks come and go with the
 * {@link BlockPool}. Every block's checksum is verified when it is read from the file, before any
 * use. Safe for many threads.
 *
 * <p>Counted: born with one reference, closed when the last one is released, so that the cache may
 * let go of a table that a reader is still in.
 */
public final class SSTableReader {
  private final String name;
  private final FileSystem.ReadableFile file;
  private final BlockPool pool;
  private final Block index;
  private final BloomFilter filter;
  private final TableProperties properties;
  private final AtomicReferenceArray<ResidentBlock> slots;
  private final AtomicInteger references = new AtomicInteger(1);

  private SSTableReader(
      String name,
      FileSystem.ReadableFile file,
      BlockPool pool,
      Block index,
      BloomFilter filter,
      TableProperties properties) {
    this.name = name;
    this.file = file;
    this.pool = pool;
    this.index = index;
    this.filter = filter;
    this.properties = properties;
    this.slots = new AtomicReferenceArray<>(index.restartCount);
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
            name + ": " + length + " bytes long, should be " + expectedLength);
      }
      TableFormat.checkHeader(read(file, name, 0, TableFormat.HEADER_BYTES), name);
      long footerAt = length - TableFormat.FOOTER_BYTES;
      TableFormat.Footer footer =
          TableFormat.Footer.decode(read(file, name, footerAt, TableFormat.FOOTER_BYTES), name);
      Block index = new Block(readBlock(file, name, footer.index()), name);
      BloomFilter filter = BloomFilter.decode(readBlock(file, name, footer.filter()), name);
      byte[] encoded = readBlock(file, name, footer.properties());
      TableProperties properties =
          TableProperties.decode(new ByteSource(encoded, 0, encoded.length, name));
      return new SSTableReader(name, file, pool, index, filter, properties);
    } catch (IOException e) {
      close(file);
      throw new StorageException.IoFailure(name + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
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

  /** The newest version of the key at or below the timestamp; null if this table has none. */
  public @Nullable Versioned get(byte[] key, long hash, long timestamp) {
    if (!filter.mayContain(hash)) {
      return null;
    }
    int ordinal = index.firstRestartAtOrAfter(key, timestamp);
    return ordinal == index.restartCount ? null : block(ordinal, true).get(key, timestamp);
  }

  /** Walks the table. A scan that reads everything once should not fill the cache. */
  public EntryIterator iterator(boolean fillCache) {
    return new TableIterator(this, index, fillCache);
  }

  Block block(int ordinal, boolean fillCache) {
    ResidentBlock resident = slots.get(ordinal);
    if (resident != null) {
      resident.touch();
      return resident.block;
    }
    Block block = load(ordinal);
    if (fillCache) {
      ResidentBlock loaded = new ResidentBlock(block, slots, ordinal);
      if (slots.compareAndSet(ordinal, null, loaded)) {
        pool.admit(loaded);
      }
    }
    return block;
  }

  private Block load(int ordinal) {
    BlockIterator entry = new BlockIterator(index);
    entry.seekRestart(ordinal);
    ByteSource value =
        new ByteSource(
            index.data, entry.valueOffset(), entry.valueOffset() + entry.valueLength(), name);
    TableFormat.BlockHandle handle = TableFormat.BlockHandle.decode(value, "block");
    try {
      return new Block(readBlock(file, name, handle), name);
    } catch (IOException e) {
      throw new StorageException.IoFailure(
          name + ": block at offset " + handle.offset() + ": " + e.getMessage(), e);
    }
  }

  /** Takes a reference; false if the table is closed already. */
  public boolean tryRetain() {
    int count = references.get();
    while (count > 0) {
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
      count = references.get();
    }
    return false;
  }

  /** Gives a reference back; the last one closes the file and empties the slots. */
  public void release() {
    if (references.decrementAndGet() == 0) {
      for (int i = 0; i < slots.length(); i++) {
        ResidentBlock resident = slots.get(i);
        if (resident != null && resident.evict()) {
          pool.forget(resident);
        }
      }
      close(file);
    }
  }

  private static void close(FileSystem.ReadableFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // Nothing was written through it, so nothing can be lost.
    }
  }

  private static byte[] readBlock(
      FileSystem.ReadableFile file, String name, TableFormat.BlockHandle handle)
      throws IOException {
    if (handle.length() < TableFormat.TRAILER_BYTES
        || handle.length() > TableFormat.MAX_BLOCK_BYTES) {
      throw new StorageException.Corruption(name + ": block of length " + handle.length());
    }
    byte[] framed = read(file, name, handle.offset(), handle.length());
    return TableFormat.unframe(framed, handle.offset(), name);
  }

  private static byte[] read(FileSystem.ReadableFile file, String name, long offset, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    if (file.read(buffer, offset) != length) {
      throw new StorageException.Corruption(
          name + ": ends within the " + length + " bytes at offset " + offset);
    }
    return buffer.array();
  }
}
