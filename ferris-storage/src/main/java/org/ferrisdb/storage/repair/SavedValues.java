package org.ferrisdb.storage.repair;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.sstable.BlockPool;
import org.ferrisdb.storage.sstable.ValueFileReader;
import org.ferrisdb.storage.sstable.ValueReference;
import org.jspecify.annotations.Nullable;

/**
 * The values of an engine in repair that lie apart, as far as they are whole. One thread.
 *
 * <p>A file that is not there, or a value that is damaged, is lost, and so are the entries that
 * refer to it. A file that can not be read just now is not lost: that ends the repair.
 */
final class SavedValues implements AutoCloseable {
  private final FileSystem files;
  private final Path directory;
  private final Map<Long, Optional<ValueFileReader>> open = new HashMap<>();
  private final Set<String> lost = new LinkedHashSet<>();

  SavedValues(FileSystem files, Path directory) {
    this.files = files;
    this.directory = directory;
  }

  /** The entries of a table, their values with them; those whose value is lost are left out. */
  EntryIterator with(EntryIterator entries) {
    return new Whole(entries);
  }

  /** The entries that were left out, each once, by key and timestamp. */
  Set<String> lost() {
    return lost;
  }

  private byte @Nullable [] find(ValueReference reference) {
    ValueFileReader file = open.computeIfAbsent(reference.file(), this::open).orElse(null);
    if (file == null) {
      return null;
    }
    try {
      return file.get(reference, false);
    } catch (StorageException.Corruption e) {
      return null;
    }
  }

  private Optional<ValueFileReader> open(long number) {
    Path path = directory.resolve(FileNames.Kind.VALUES.name(number));
    if (!files.exists(path)) {
      return Optional.empty();
    }
    try {
      long length;
      try (FileSystem.ReadableFile file = files.open(path)) {
        length = file.size();
      }
      return Optional.of(ValueFileReader.open(files, path, length, BlockPool.NONE));
    } catch (StorageException.Corruption e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StorageException.IoFailure(path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    open.values().forEach(file -> file.ifPresent(ValueFileReader::release));
    open.clear();
  }

  /** Walks forward only. */
  private final class Whole implements EntryIterator {
    private final EntryIterator entries;
    private final Entry own = new Entry();
    private Entry shown = own;

    Whole(EntryIterator entries) {
      this.entries = entries;
    }

    /** Stands on the first entry, from here on, that is whole. */
    private boolean settle() {
      while (entries.valid()) {
        Entry entry = entries.entry();
        if (!entry.isApart()) {
          shown = entry;
          return true;
        }
        ValueReference reference =
            ValueReference.decode(entry.valueBuffer(), entry.valueOffset(), entry.valueLength());
        byte[] value = find(reference);
        if (value != null) {
          own.useKey(entry.keyCopy());
          own.useVersion(entry.tag(), value, 0, value.length);
          shown = own;
          return true;
        }
        lost.add(RepairPlan.name(entry.keyCopy(), entry.timestamp()));
        entries.next();
      }
      return false;
    }

    @Override
    public boolean valid() {
      return entries.valid();
    }

    @Override
    public void seekFirst() {
      entries.seekFirst();
      settle();
    }

    @Override
    public boolean next() {
      entries.next();
      return settle();
    }

    @Override
    public Entry entry() {
      return shown;
    }

    @Override
    public void seekLast() {
      throw new UnsupportedOperationException("a repair goes forward");
    }

    @Override
    public void seek(byte[] key, long timestamp) {
      throw new UnsupportedOperationException("a repair begins at the beginning");
    }

    @Override
    public void seekBefore(byte[] key) {
      throw new UnsupportedOperationException("a repair goes forward");
    }

    @Override
    public boolean prev() {
      throw new UnsupportedOperationException("a repair goes forward");
    }

    @Override
    public void close() {
      entries.close();
    }
  }
}
