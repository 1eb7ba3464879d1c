package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.sstable.BlockPool;
import org.ferrisdb.storage.sstable.SSTableReader;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.sstable.ValueFileReader;
import org.ferrisdb.storage.sstable.ValueUse;

/**
 * Reads every block and value of an engine that nobody writes to. Nothing goes through the cache.
 * For whom it is enough to know whether there is damage; {@code inspect.Verifier} finds all of it,
 * and lies under right checksums too.
 */
final class Verification {
  private Verification() {}

  static void run(FileSystem files, Path directory) throws IOException {
    long manifest = Manifest.current(files, directory);
    if (manifest < 0) {
      throw new StorageException.Corruption(directory + ": holds no " + FileNames.CURRENT);
    }
    DurableState state = Manifest.load(files, directory, manifest);
    for (List<TableMetadata> level : state.version().levels()) {
      for (TableMetadata table : level) {
        read(files, directory, table);
      }
    }
    for (ValueUse use : ValueFiles.of(state.version()).all()) {
      Path path = directory.resolve(FileNames.Kind.VALUES.name(use.file()));
      ValueFileReader reader = ValueFileReader.open(files, path, use.length(), BlockPool.NONE);
      try {
        reader.verify();
      } finally {
        reader.release();
      }
    }
  }

  /** Reads a table that no manifest names, every block of it, and says what it holds. */
  static TableMetadata readTable(FileSystem files, Path path, long number) throws IOException {
    long length;
    try (FileSystem.ReadableFile file = files.open(path)) {
      length = file.size();
    }
    SSTableReader reader = SSTableReader.open(files, path, length, BlockPool.NONE);
    try (EntryIterator entries = reader.iterator(false)) {
      TableProperties properties = reader.properties();
      KeyRange range = new KeyRange(properties.smallest(), properties.end());
      byte[] before = {};
      long timestamp = 0;
      long count = 0;
      for (entries.seekFirst(); entries.valid(); entries.next()) {
        byte[] key = entries.entry().keyCopy();
        int order = Arrays.compareUnsigned(before, key);
        if (order > 0 || (order == 0 && entries.entry().timestamp() >= timestamp)) {
          throw new StorageException.Corruption(path + ": entry " + count + " is out of order");
        }
        if (!range.contains(key)) {
          throw new StorageException.Corruption(
              path + ": entry " + count + " lies outside the range that the table says");
        }
        if (entries.entry().isApart() && properties.values().isEmpty()) {
          throw new StorageException.Corruption(
              path + ": entry " + count + " refers to a value file, and the table says to none");
        }
        before = key;
        timestamp = entries.entry().timestamp();
        count++;
      }
      if (count != properties.entries()) {
        throw new StorageException.Corruption(
            path + ": holds " + count + " entries, and says " + properties.entries());
      }
      return new TableMetadata(number, length, properties);
    } finally {
      reader.release();
    }
  }

  private static void read(FileSystem files, Path directory, TableMetadata table) {
    Path path = directory.resolve(FileNames.Kind.TABLE.name(table.number()));
    SSTableReader reader = SSTableReader.open(files, path, table.length(), BlockPool.NONE);
    try (EntryIterator entries = reader.iterator(false)) {
      for (entries.seekFirst(); entries.valid(); entries.next()) {
        // Each block's checksum was verified when it was loaded.
      }
    } finally {
      reader.release();
    }
  }
}
