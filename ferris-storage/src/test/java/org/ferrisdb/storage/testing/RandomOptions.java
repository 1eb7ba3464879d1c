package org.ferrisdb.storage.testing;

import java.util.Random;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.LevelCompression;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.Compression;

/** Options so small and so different that little data meets much of the engine. */
public final class RandomOptions {
  private RandomOptions() {}

  /**
   * Any options of that durability; memtables hold a few batches, or everything. Every other time
   * tables and levels are so small that a few batches reach the third, in many tables: only so do
   * several compactions have something to do at a time.
   */
  public static StorageOptions draw(Random random, Durability durability) {
    MemtableKind[] kinds = MemtableKind.values();
    boolean tiny = random.nextInt(3) == 0;
    int trigger = 1 + random.nextInt(tiny ? 2 : 4);
    int memtable = random.nextInt(6) == 0 ? 1 << 20 : 1 + random.nextInt(6_000);
    return new StorageOptions(
        durability,
        tiny ? 1 + random.nextInt(300) : memtable,
        1 + random.nextInt(random.nextBoolean() ? 200 : 4_000),
        1 + random.nextInt(tiny ? 300 : 6_000),
        1 + random.nextInt(tiny ? 600 : 20_000),
        trigger,
        trigger + 1 + random.nextInt(8),
        kinds[random.nextInt(kinds.length)],
        compression(random),
        1 + random.nextInt(4),
        random.nextBoolean() ? 1 + random.nextInt(30) : Integer.MAX_VALUE);
  }

  private static LevelCompression compression(Random random) {
    Compression[] kinds = Compression.values();
    int bottom = random.nextInt(kinds.length);
    return new LevelCompression(kinds[random.nextInt(bottom + 1)], kinds[bottom]);
  }

  /** Any durability. */
  public static Durability durability(Random random) {
    return random.nextBoolean() ? Durability.WAL : Durability.EXTERNAL_LOG;
  }
}
