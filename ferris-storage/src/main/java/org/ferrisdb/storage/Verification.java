package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.sstable.BlockPool;
import org.ferrisdb.storage.sstable.SSTableReader;

/**
 * Reads every block of an engine that nobody writes to. Nothing goes through the cache. For whom it
 * is enough to know whether there is damage; {@code inspect.Verifier} finds all of it, and lies
 * under right checksums too.
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
