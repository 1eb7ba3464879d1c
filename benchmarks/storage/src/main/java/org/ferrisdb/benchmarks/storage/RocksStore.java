package org.ferrisdb.benchmarks.storage;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.FlushOptions;
import org.rocksdb.HyperClockCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/**
 * RocksDB as its tuning guide has it for point reads and range scans on a machine of two cores:
 * bloom filters of 10 bits, a hash index in data blocks, LZ4, dynamic levels, a memtable filter,
 * pipelined writes, HyperClockCache, checksums verified (its default). Reads go through direct
 * buffers that are used again, which spares its JNI an array for each.
 *
 * <p>It reads files through the system's page cache (its default), as FerrisDB does and LMDB must:
 * what is not in the block cache costs all of them the same copy, checksum and decompression.
 */
final class RocksStore implements Store {
  private static final int MAX_VALUE_BYTES = 1 << 20;

  static {
    RocksDB.loadLibrary();
  }

  private final RocksDB db;
  private final Options options;
  private final WriteOptions write;
  private final ReadOptions read = new ReadOptions();
  private final HyperClockCache cache;
  private final BloomFilter bloom = new BloomFilter(10, false);

  /** Of one thread. */
  private static final class Buffers {
    final ByteBuffer key = ByteBuffer.allocateDirect(64);
    final ByteBuffer value = ByteBuffer.allocateDirect(MAX_VALUE_BYTES);
    final byte[] copy = new byte[MAX_VALUE_BYTES];
  }

  private final ThreadLocal<Buffers> buffers = ThreadLocal.withInitial(Buffers::new);

  RocksStore(Place place) {
    this.cache = new HyperClockCache(place.cacheBytes(), Sizes.BLOCK_BYTES, -1, false);
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(Sizes.BLOCK_BYTES)
            .setFilterPolicy(bloom)
            .setOptimizeFiltersForMemory(true)
            .setFormatVersion(6)
            .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash)
            .setDataBlockHashTableUtilRatio(0.75);
    this.options =
        new Options()
            .setCreateIfMissing(true)
            .setTableFormatConfig(table)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setWriteBufferSize(Sizes.MEMTABLE_BYTES)
            .setMaxWriteBufferNumber(4)
            .setMemtablePrefixBloomSizeRatio(0.02)
            .setMemtableWholeKeyFiltering(true)
            .setMaxBackgroundJobs(Sizes.BACKGROUND_THREADS)
            .setMaxBytesForLevelBase(Sizes.LEVEL_BASE_BYTES)
            .setLevelCompactionDynamicLevelBytes(true)
            .setTargetFileSizeBase(Sizes.TABLE_BYTES)
            .setBytesPerSync(1 << 20)
            .setEnablePipelinedWrite(true)
            .setMaxOpenFiles(-1)
            .setCompactionReadaheadSize(2 << 20);
    this.write =
        new WriteOptions()
            .setSync(place.log() == Log.SYNCED)
            .setDisableWAL(place.log() == Log.NONE);
    try {
      this.db = RocksDB.open(options, place.directory().toString());
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  private static IllegalStateException failure(RocksDBException e) {
    return new IllegalStateException("RocksDB: " + e.getMessage(), e);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    try {
      db.put(write, key, value);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  @Override
  public void delete(byte[] key) {
    try {
      db.delete(write, key);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  @Override
  public long get(byte[] key) {
    Buffers own = buffers.get();
    own.key.clear().put(key).flip();
    own.value.clear();
    try {
      int length = db.get(read, own.key, own.value);
      return length == RocksDB.NOT_FOUND ? ABSENT : sum(own, own.value, length);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  private static long sum(Buffers own, ByteBuffer from, int length) {
    from.get(0, own.copy, 0, length);
    return Store.sum(own.copy, 0, length);
  }

  @Override
  public int scan(byte[] from, int limit, boolean forward) {
    Buffers own = buffers.get();
    int count = 0;
    long sum = 0;
    try (RocksIterator iterator = db.newIterator(read)) {
      own.key.clear().put(from).flip();
      if (forward) {
        iterator.seek(own.key);
      } else {
        iterator.seekForPrev(own.key);
      }
      while (count < limit && iterator.isValid()) {
        own.key.clear();
        own.value.clear();
        sum += sum(own, own.key, iterator.key(own.key));
        sum += sum(own, own.value, iterator.value(own.value));
        count++;
        if (forward) {
          iterator.next();
        } else {
          iterator.prev();
        }
      }
    }
    Sizes.consume(sum);
    return count;
  }

  @Override
  public void flush() {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  @Override
  public void compact() {
    try (CompactRangeOptions all =
        new CompactRangeOptions()
            .setBottommostLevelCompaction(
                CompactRangeOptions.BottommostLevelCompaction.kForceOptimized)) {
      flush();
      db.compactRange(null, null, null, all);
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  @Override
  public void settle() {
    try {
      while (db.getLongProperty("rocksdb.compaction-pending") > 0
          || db.getLongProperty("rocksdb.num-running-compactions") > 0
          || db.getLongProperty("rocksdb.num-running-flushes") > 0) {
        LockSupport.parkNanos(50_000_000);
      }
    } catch (RocksDBException e) {
      throw failure(e);
    }
  }

  @Override
  public void close() {
    db.close();
    write.close();
    read.close();
    options.close();
    bloom.close();
    cache.close();
  }
}
