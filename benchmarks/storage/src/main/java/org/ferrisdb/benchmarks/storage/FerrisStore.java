package org.ferrisdb.benchmarks.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.EngineStats;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.memtable.MemtableKind;

/**
 * FerrisDB's engine. Each write has a timestamp of its own; reads are of the newest, so the floor
 * below which compaction drops shadowed versions follows the writes: the others keep no history
 * either.
 */
final class FerrisStore implements Store {
  private static final long SETTLED_NANOS = 200_000_000;
  private static final long WRITES_BETWEEN_FLOORS = 10_000;

  private final Path directory;
  private final StorageResources resources;
  private final StorageEngine engine;
  private final Log log;
  private final AtomicLong timestamp = new AtomicLong();

  FerrisStore(Place place, MemtableKind memtable) {
    this.directory = place.directory();
    this.log = place.log();
    this.resources = new StorageResources(place.cacheBytes(), Sizes.BACKGROUND_THREADS);
    Durability durability = log == Log.NONE ? Durability.EXTERNAL_LOG : Durability.WAL;
    StorageOptions options =
        new StorageOptions(
            durability,
            Sizes.MEMTABLE_BYTES,
            Sizes.BLOCK_BYTES,
            Sizes.TABLE_BYTES,
            Sizes.LEVEL_BASE_BYTES,
            4,
            24,
            memtable);
    this.engine = StorageEngine.open(new DiskFileSystem(), place.directory(), options, resources);
    // Above those of an earlier opening: it wrote less than a million times a second.
    timestamp.set(System.currentTimeMillis() * 1_000);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    long at = timestamp.incrementAndGet();
    write(new WriteBatch().put(key, at, value), at);
  }

  @Override
  public void delete(byte[] key) {
    long at = timestamp.incrementAndGet();
    write(new WriteBatch().delete(key, at), at);
  }

  private void write(WriteBatch batch, long at) {
    switch (log) {
      case NONE -> engine.write(batch.at(new AppliedPosition(1, at)));
      case UNSYNCED -> engine.writeUnsynced(batch);
      case SYNCED -> engine.write(batch);
    }
    if (at % WRITES_BETWEEN_FLOORS == 0) {
      engine.raiseGarbageFloor(at - WRITES_BETWEEN_FLOORS);
    }
  }

  @Override
  public long get(byte[] key) {
    Versioned found = engine.get(key, Long.MAX_VALUE);
    return found == null || found.isTombstone()
        ? ABSENT
        : Store.sum(found.value(), 0, found.value().length);
  }

  @Override
  public int scan(byte[] from, int limit, boolean forward) {
    int count = 0;
    long sum = 0;
    byte[] end = forward ? null : behind(from);
    try (EntryCursor cursor =
        engine.cursor(
            forward ? from : null,
            end,
            Long.MAX_VALUE,
            forward ? StorageEngine.Direction.FORWARD : StorageEngine.Direction.REVERSE)) {
      while (count < limit && cursor.next()) {
        byte[] key = cursor.key();
        byte[] value = cursor.value();
        sum += Store.sum(key, 0, key.length) + Store.sum(value, 0, value.length);
        count++;
      }
    }
    Sizes.consume(sum);
    return count;
  }

  /** The first key behind this one. */
  private static byte[] behind(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  @Override
  public void flush() {
    engine.flush();
  }

  @Override
  public void compact() {
    engine.compact();
  }

  @Override
  public void settle() {
    long compactions = -1;
    while (compactions != engine.stats().compactions() || deletes()) {
      compactions = engine.stats().compactions();
      LockSupport.parkNanos(SETTLED_NANOS);
    }
  }

  /** Whether files that a compaction has replaced are still being deleted, in the background. */
  private boolean deletes() {
    EngineStats stats = engine.stats();
    long named = stats.levelTables().stream().mapToLong(Integer::longValue).sum();
    long count = named + stats.values().files();
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(Path::toString).filter(f -> f.endsWith(".sst") || f.endsWith(".val")).count()
          > count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    engine.close();
    resources.close();
  }
}
