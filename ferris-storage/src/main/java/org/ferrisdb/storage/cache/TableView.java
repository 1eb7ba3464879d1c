package org.ferrisdb.storage.cache;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.metrics.ReadCounters;
import org.ferrisdb.storage.sstable.SSTableReader;
import org.ferrisdb.storage.sstable.ValueFileReader;
import org.ferrisdb.storage.sstable.ValueReference;
import org.ferrisdb.storage.sstable.ValueResolver;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Version} whose tables can be read. While somebody holds it, none of its files goes away.
 * Born with one reference. Safe for many threads.
 */
public final class TableView implements ValueResolver {
  private final Version version;
  private final TableHandle[][] levels;
  private final List<List<TableHandle>> withRanges;
  private final long[] valueNumbers; // ascending
  private final ValueHandle[] valueFiles; // in that order
  private final AtomicInteger references = new AtomicInteger(1);

  private TableView(Version version, TableHandle[][] levels, ValueHandle[] valueFiles) {
    this.version = version;
    this.levels = levels;
    this.valueFiles = valueFiles;
    this.valueNumbers = Arrays.stream(valueFiles).mapToLong(ValueHandle::number).toArray();
    this.withRanges =
        Arrays.stream(levels)
            .map(level -> Arrays.stream(level).filter(TableView::hasRanges).toList())
            .toList();
    for (TableHandle[] level : levels) {
      for (TableHandle handle : level) {
        handle.retain();
      }
    }
    for (ValueHandle handle : valueFiles) {
      handle.retain();
    }
  }

  /**
   * The view of a version that follows another, of which it shares the files both have.
   *
   * @param handles makes one of a table
   * @param valueHandles makes one of a value file
   */
  public static TableView of(
      Version version,
      @Nullable TableView before,
      Function<TableMetadata, TableHandle> handles,
      Function<ValueUse, ValueHandle> valueHandles) {
    Map<Long, TableHandle> known = new HashMap<>();
    if (before != null) {
      for (TableHandle[] level : before.levels) {
        for (TableHandle handle : level) {
          known.put(handle.metadata().number(), handle);
        }
      }
    }
    TableHandle[][] levels = new TableHandle[Version.LEVELS][];
    for (int level = 0; level < Version.LEVELS; level++) {
      List<TableMetadata> tables = version.level(level);
      levels[level] = new TableHandle[tables.size()];
      for (int i = 0; i < tables.size(); i++) {
        TableHandle handle = known.remove(tables.get(i).number());
        levels[level][i] = handle != null ? handle : handles.apply(tables.get(i));
      }
    }
    Map<Long, ValueHandle> knownValues = new HashMap<>();
    if (before != null) {
      for (ValueHandle handle : before.valueFiles) {
        knownValues.put(handle.number(), handle);
      }
    }
    List<ValueUse> values = ValueFiles.of(version).all();
    ValueHandle[] valueFiles = new ValueHandle[values.size()];
    for (int i = 0; i < valueFiles.length; i++) {
      ValueHandle handle = knownValues.remove(values.get(i).file());
      valueFiles[i] = handle != null ? handle : valueHandles.apply(values.get(i));
    }
    TableView view = new TableView(version, levels, valueFiles);
    known.values().forEach(TableHandle::markObsolete);
    knownValues.values().forEach(ValueHandle::markObsolete);
    return view;
  }

  /** The version behind it. */
  public Version version() {
    return version;
  }

  /** The tables of a level, in the version's order. */
  public List<TableHandle> level(int level) {
    return List.of(levels[level]);
  }

  private static boolean hasRanges(TableHandle table) {
    return table.metadata().properties().ranges() > 0;
  }

  /** Those tables of a level that have range tombstones. */
  public List<TableHandle> withRanges(int level) {
    return withRanges.get(level);
  }

  /** The newest version of the key at or below the timestamp in the tables; null if none. */
  public @Nullable Versioned get(byte[] key, long timestamp, ReadCounters counters) {
    long hash = SSTableReader.hash(key);
    for (TableHandle table : levels[0]) {
      if (table.metadata().mayHold(key)) {
        Versioned found = get(table, key, hash, timestamp, counters);
        if (found != null) {
          return found;
        }
      }
    }
    for (int level = 1; level < levels.length; level++) {
      TableHandle table = find(levels[level], key);
      if (table != null) {
        Versioned found = get(table, key, hash, timestamp, counters);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private @Nullable Versioned get(
      TableHandle table, byte[] key, long hash, long timestamp, ReadCounters counters) {
    if (table.metadata().properties().minTimestamp() > timestamp) {
      return null; // all in it is newer than what the reader may see
    }
    counters.table();
    SSTableReader open = table.acquire();
    try {
      Versioned found = null;
      if (open.mayContain(hash)) {
        found = open.get(key, timestamp, this);
        if (found == null) {
          counters.filterFalsePositive();
        }
      } else {
        counters.filterNegative();
      }
      return open.hide(found, key, timestamp);
    } finally {
      open.release();
    }
  }

  @Override
  public byte[] resolve(byte[] bytes, int offset, int length) {
    ValueReference reference = ValueReference.decode(bytes, offset, length);
    ValueFileReader file = valueFile(reference).acquire();
    try {
      return file.get(reference, true);
    } finally {
      file.release();
    }
  }

  @Override
  public byte[] stored(ValueReference reference) {
    ValueFileReader file = valueFile(reference).acquire();
    try {
      return file.framed(reference);
    } finally {
      file.release();
    }
  }

  private ValueHandle valueFile(ValueReference reference) {
    int at = Arrays.binarySearch(valueNumbers, reference.file());
    if (at < 0) {
      throw new StorageException.Corruption(
          "a table refers to value file "
              + reference.file()
              + ", which its properties do not name");
    }
    return valueFiles[at];
  }

  /** The only table of a sorted level that can hold the key. */
  private static @Nullable TableHandle find(TableHandle[] level, byte[] key) {
    int low = 0;
    int high = level.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Arrays.compareUnsigned(level[middle].metadata().end(), key) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == level.length || Arrays.compareUnsigned(level[low].metadata().smallest(), key) > 0) {
      return null;
    }
    return level[low];
  }

  /** Takes a reference; false if the view is gone. */
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

  /** Gives a reference back. */
  public void release() {
    if (references.decrementAndGet() == 0) {
      for (TableHandle[] level : levels) {
        for (TableHandle handle : level) {
          handle.release();
        }
      }
      for (ValueHandle handle : valueFiles) {
        handle.release();
      }
    }
  }
}
