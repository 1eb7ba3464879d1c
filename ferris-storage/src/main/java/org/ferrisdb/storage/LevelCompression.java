package org.ferrisdb.storage;

import org.ferrisdb.storage.sstable.Compression;

/**
 * What tables are compressed with, by level. Nine tenths of the data lie in the deepest level and
 * stay there longest, so more work may be worth its while there than on the way down; RocksDB calls
 * it {@code bottommost_compression}. Each block says how it is compressed, so a reader needs none
 * of this, and a change of it shows as tables are written anew.
 *
 * @param upper of flushed memtables and of every level but the deepest
 * @param bottom of what compactions write into the deepest level that has a table, and of tables
 *     that are made to be ingested
 */
public record LevelCompression(Compression upper, Compression bottom) {
  /** LZ4 everywhere. */
  public static final LevelCompression LZ4 = same(Compression.LZ4);

  /** Checks. */
  public LevelCompression {
    if (bottom.compareTo(upper) < 0) {
      throw new IllegalArgumentException(
          ("%s at the bottom and %s above it: data would grow on its way down; use %2$s at the"
                  + " bottom as well, or less above")
              .formatted(bottom.title(), upper.title()));
    }
  }

  /** The same at all levels. */
  public static LevelCompression same(Compression compression) {
    return new LevelCompression(compression, compression);
  }

  /**
   * That of tables which are written into a level.
   *
   * @param deepest the deepest level that has a table
   */
  public Compression of(int level, int deepest) {
    return level > 0 && level >= deepest ? bottom : upper;
  }

  /** Makes sure that this machine can do it, see {@link Compression#load}. */
  void load() {
    upper.load();
    bottom.load();
  }
}
