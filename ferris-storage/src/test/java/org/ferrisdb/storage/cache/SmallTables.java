package org.ferrisdb.storage.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.memtable.Memtable;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.SSTableWriter;
import org.ferrisdb.storage.sstable.TableProperties;

/** Tables for the tests of the caches, in the root directory. */
final class SmallTables {
  private SmallTables() {}

  static Path path(long number) {
    return Path.of("/" + number + ".sst");
  }

  /** Writes all of a memtable, in which nothing is newer than sequence 1. */
  static TableMetadata write(
      FileSystem files, long number, Memtable memtable, int blockBytes, Compression compression) {
    try (SSTableWriter writer = SSTableWriter.create(files, path(number), blockBytes, compression);
        EntryIterator entries = memtable.iterator(1)) {
      for (entries.seekFirst(); entries.valid(); entries.next()) {
        writer.add(entries.entry());
      }
      TableProperties properties = writer.finish();
      return new TableMetadata(number, writer.length(), properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
