package org.ferrisdb.storage;

import org.ferrisdb.storage.memtable.MemtableKind;

/**
 * How one engine behaves.
 *
 * @param durability who keeps unflushed writes safe
 * @param memtableBytes a memtable is frozen and flushed at this size; larger means fewer, larger
 *     tables and a longer replay
 * @param blockBytes uncompressed size of a data block; larger compresses better and reads more
 * @param tableBytes target size of a table that a compaction writes
 * @param levelBaseBytes target size of level 1; each deeper level is ten times larger
 * @param l0CompactionTrigger level-0 tables that start a compaction
 * @param l0StopTrigger level-0 tables at which writers wait
 * @param memtable what memtables are made of
 * @param compression what tables are compressed with
 * @param maxCompactions how many compactions of the engine may run at a time; never more than
 *     {@linkplain ResourceOptions#backgroundThreads there are threads for}
 * @param valuesApartFrom values of so many bytes and more lie in value files, apart from their
 *     keys; {@link Integer#MAX_VALUE} for none
 */
public record StorageOptions(
    Durability durability,
    long memtableBytes,
    int blockBytes,
    long tableBytes,
    long levelBaseBytes,
    int l0CompactionTrigger,
    int l0StopTrigger,
    MemtableKind memtable,
    LevelCompression compression,
    int maxCompactions,
    int valuesApartFrom) {
  /** As large as a block, by default: a reader of other keys need not read past it. */
  public static final int VALUES_APART_FROM = 4 << 10;

  /** As many as a disk has use for, mostly. */
  private static final int MAX_COMPACTIONS = 4;

  /** Checks. */
  public StorageOptions {
    if (maxCompactions < 1) {
      throw new IllegalArgumentException("maxCompactions: " + maxCompactions + "; at least 1");
    }
    if (memtableBytes < 1 || memtableBytes > MemtableKind.MAX_BYTES) {
      throw new IllegalArgumentException(
          "memtableBytes: %d; from 1 to %d".formatted(memtableBytes, MemtableKind.MAX_BYTES));
    }
    if (blockBytes < 1 || tableBytes < 1 || levelBaseBytes < 1) {
      throw new IllegalArgumentException(
          "blockBytes: %d, tableBytes: %d, levelBaseBytes: %d; at least 1"
              .formatted(blockBytes, tableBytes, levelBaseBytes));
    }
    if (valuesApartFrom < 1) {
      throw new IllegalArgumentException("valuesApartFrom: " + valuesApartFrom + "; at least 1");
    }
    if (l0CompactionTrigger < 1 || l0StopTrigger < l0CompactionTrigger) {
      throw new IllegalArgumentException( // or writers would wait for a compaction that never comes
          "l0CompactionTrigger: %d, l0StopTrigger: %d; at least 1, and not more than the other"
              .formatted(l0CompactionTrigger, l0StopTrigger));
    }
  }

  /** With LZ4 at all levels, the default number of compactions at a time, large values apart. */
  public StorageOptions(
      Durability durability,
      long memtableBytes,
      int blockBytes,
      long tableBytes,
      long levelBaseBytes,
      int l0CompactionTrigger,
      int l0StopTrigger,
      MemtableKind memtable) {
    this(
        durability,
        memtableBytes,
        blockBytes,
        tableBytes,
        levelBaseBytes,
        l0CompactionTrigger,
        l0StopTrigger,
        memtable,
        LevelCompression.LZ4,
        MAX_COMPACTIONS,
        VALUES_APART_FROM);
  }

  /** Sensible values for a shard replica. */
  public static StorageOptions defaults(Durability durability) {
    return new StorageOptions(
        durability, 16 << 20, 4 << 10, 16 << 20, 64 << 20, 4, 24, MemtableKind.TRIE);
  }

  /** The same with memtables of this size. */
  public StorageOptions withMemtableBytes(long bytes) {
    return new StorageOptions(
        durability,
        bytes,
        blockBytes,
        tableBytes,
        levelBaseBytes,
        l0CompactionTrigger,
        l0StopTrigger,
        memtable,
        compression,
        maxCompactions,
        valuesApartFrom);
  }

  /** The same with memtables of this kind. */
  public StorageOptions withMemtable(MemtableKind kind) {
    return new StorageOptions(
        durability,
        memtableBytes,
        blockBytes,
        tableBytes,
        levelBaseBytes,
        l0CompactionTrigger,
        l0StopTrigger,
        kind,
        compression,
        maxCompactions,
        valuesApartFrom);
  }

  /** The same with tables compressed like this. */
  public StorageOptions withCompression(LevelCompression levels) {
    return new StorageOptions(
        durability,
        memtableBytes,
        blockBytes,
        tableBytes,
        levelBaseBytes,
        l0CompactionTrigger,
        l0StopTrigger,
        memtable,
        levels,
        maxCompactions,
        valuesApartFrom);
  }

  /** The same with so many compactions at a time at most. */
  public StorageOptions withMaxCompactions(int most) {
    return new StorageOptions(
        durability,
        memtableBytes,
        blockBytes,
        tableBytes,
        levelBaseBytes,
        l0CompactionTrigger,
        l0StopTrigger,
        memtable,
        compression,
        most,
        valuesApartFrom);
  }

  /** The same with values of so many bytes and more in value files. */
  public StorageOptions withValuesApartFrom(int bytes) {
    return new StorageOptions(
        durability,
        memtableBytes,
        blockBytes,
        tableBytes,
        levelBaseBytes,
        l0CompactionTrigger,
        l0StopTrigger,
        memtable,
        compression,
        maxCompactions,
        bytes);
  }
}
