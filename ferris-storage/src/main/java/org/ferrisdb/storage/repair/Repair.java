package org.ferrisdb.storage.repair;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.compaction.GarbageFilter;
import org.ferrisdb.storage.compaction.TableSequenceWriter;
import org.ferrisdb.storage.compaction.ValuePlacement;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.WalVerifier;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.iterator.BoundedIterator;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.memtable.Memtable;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.sstable.BlockPool;
import org.ferrisdb.storage.sstable.Compression;
import org.ferrisdb.storage.sstable.SSTableReader;

/**
 * Carries out a {@link RepairPlan} on an engine that nobody has open. Nothing is deleted: what is
 * no longer part of the engine is moved into the subdirectory {@code lost}.
 *
 * <p>The order makes a crash at any point harmless, for the repair can be run again: first the new
 * tables are written and synced, then all that was read is moved away, last the manifest is written
 * and CURRENT switched.
 */
public final class Repair {
  /** Where files go that are no longer part of the engine. */
  public static final String LOST = "lost";

  private static final Result NOTHING = new Result(0, 0, 0, List.of(), List.of(), List.of());
  private static final int BLOCK_BYTES = 4 << 10;
  private static final long TABLE_BYTES = 16 << 20;
  private static final long LEVEL_BASE_BYTES = 64 << 20;
  private static final int LEVEL_FACTOR = 10;
  private static final long MEMTABLE_BYTES = 64 << 20;

  private final FileSystem files;
  private final Path directory;
  private final RepairPlan plan;
  private final List<EntryIterator> sources = new ArrayList<>();
  private final List<RangeTombstones> ranges = new ArrayList<>();
  private final List<SSTableReader> open = new ArrayList<>();
  private final SavedValues values;
  private long nextNumber;

  private Repair(FileSystem files, Path directory, RepairPlan plan) {
    this.files = files;
    this.directory = directory;
    this.plan = plan;
    this.values = new SavedValues(files, directory);
  }

  /**
   * What a rebuild gives.
   *
   * @param entries versions of keys, tombstones included
   * @param keys distinct keys
   * @param conflicts versions that were written twice with different content: the one from the
   *     newer source, as far as that can be known, is kept
   * @param lost versions that are gone because their values, which lay apart, are
   * @param tables tables written
   * @param moved names of files that were moved to {@link #LOST}
   */
  public record Result(
      long entries,
      long keys,
      long conflicts,
      List<String> lost,
      List<TableMetadata> tables,
      List<String> moved) {}

  /** Counts what a rebuild would keep; changes nothing. */
  public static Result tryOut(FileSystem files, Path directory, RepairPlan plan)
      throws IOException {
    if (plan.remedy() != RepairPlan.Remedy.REBUILD) {
      return NOTHING;
    }
    Repair repair = new Repair(files, directory, plan);
    try (MergingIterator merged = repair.merge()) {
      Result counted = count(merged);
      return new Result(
          counted.entries(),
          counted.keys(),
          counted.conflicts(),
          repair.lost(merged),
          List.of(),
          List.of());
    } finally {
      repair.release();
    }
  }

  /** Does it. */
  public static Result run(FileSystem files, Path directory, RepairPlan plan) throws IOException {
    return switch (plan.remedy()) {
      case NOTHING -> NOTHING;
      case RESTORE_CURRENT -> restoreCurrent(files, directory, plan);
      case REBUILD -> new Repair(files, directory, plan).rebuild();
    };
  }

  private static Result restoreCurrent(FileSystem files, Path directory, RepairPlan plan)
      throws IOException {
    String name = String.valueOf(plan.manifest());
    long number = FileNames.Kind.MANIFEST.number(name);
    Manifest.load(files, directory, number); // as the engine will read it: or nothing is changed
    Manifest.switchCurrent(files, directory, number);
    return NOTHING;
  }

  private Result rebuild() throws IOException {
    List<String> names = files.list(directory);
    for (String name : names) {
      for (FileNames.Kind kind : FileNames.Kind.values()) {
        nextNumber = Math.max(nextNumber, kind.number(name) + 1);
      }
    }
    Result counted;
    List<String> lost;
    List<TableMetadata> written = List.of();
    try (MergingIterator merged = merge()) {
      counted = count(merged);
      lost = lost(merged);
      RangeTombstones all = RangeTombstones.union(ranges);
      if (counted.entries() > 0 || !all.isEmpty()) {
        TableSequenceWriter writer =
            new TableSequenceWriter(
                files,
                directory,
                () -> nextNumber++,
                BLOCK_BYTES,
                Compression.LZ4,
                TABLE_BYTES,
                new ValuePlacement(
                    files,
                    directory,
                    () -> nextNumber++,
                    Compression.LZ4,
                    StorageOptions.VALUES_APART_FROM,
                    null));
        // Below every timestamp: nothing is garbage, only the second of two same versions goes.
        written = writer.write(merged, new GarbageFilter(-1, all, (_, _) -> true), all, () -> {});
      }
    } finally {
      release();
    }
    List<String> moved = moveAway(names);
    long manifest = nextNumber++;
    Manifest.create(files, directory, manifest, state(written)).close();
    return new Result(counted.entries(), counted.keys(), counted.conflicts(), lost, written, moved);
  }

  /** Everything that was there, but CURRENT, which is replaced only when its successor is whole. */
  private List<String> moveAway(List<String> names) throws IOException {
    Path lost = directory.resolve(LOST);
    files.createDirectories(lost);
    List<String> moved = new ArrayList<>();
    Set<String> taken = new HashSet<>(files.list(lost));
    // Manifests first, and durably: one that is whole would have a repair after a crash look for
    // the tables that it names, and not for those that this one has made of them.
    for (boolean manifests : new boolean[] {true, false}) {
      for (String name : names) {
        if (isNumbered(name) && FileNames.Kind.MANIFEST.number(name) >= 0 == manifests) {
          // A crash of an earlier repair may have left the file under both names.
          String free = name;
          for (int i = 1; !taken.add(free); i++) {
            free = name + "." + i;
          }
          files.rename(directory.resolve(name), lost.resolve(free));
          moved.add(free);
        }
      }
      files.syncDirectory(lost);
      files.syncDirectory(directory);
    }
    return moved;
  }

  private static boolean isNumbered(String name) {
    for (FileNames.Kind kind : FileNames.Kind.values()) {
      if (kind.number(name) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** One sorted run in the first level that is meant to be so large. */
  private DurableState state(List<TableMetadata> tables) {
    long bytes = tables.stream().mapToLong(TableMetadata::length).sum();
    int level = 1;
    for (long target = LEVEL_BASE_BYTES;
        bytes > target && level < Version.LEVELS - 1;
        target *= LEVEL_FACTOR) {
      level++;
    }
    List<VersionEdit.Added> added = new ArrayList<>();
    for (TableMetadata table : tables) {
      added.add(new VersionEdit.Added(level, table));
    }
    return DurableState.initial()
        .apply(
            new VersionEdit(
                nextNumber,
                nextNumber, // no WAL file that is there is replayed: all are in the tables
                AppliedPosition.NONE,
                plan.garbageFloor(),
                List.of(),
                added));
  }

  /** WAL files first, for they are newer than most tables; then tables, newest first. */
  private MergingIterator merge() throws IOException {
    for (Memtable memtable : memtables().reversed()) {
      sources.add(memtable.iterator(Long.MAX_VALUE));
      ranges.add(memtable.ranges(Long.MAX_VALUE));
    }
    for (long number : plan.tables()) {
      Path path = directory.resolve(FileNames.Kind.TABLE.name(number));
      long length;
      try (FileSystem.ReadableFile file = files.open(path)) {
        length = file.size();
      }
      SSTableReader table = SSTableReader.open(files, path, length, BlockPool.NONE);
      open.add(table);
      KeyRange part = plan.bounds().getOrDefault(number, KeyRange.ALL);
      sources.add(values.with(BoundedIterator.of(table.iterator(false), part)));
      ranges.add(table.ranges().within(part));
    }
    return new MergingIterator(sources, true);
  }

  private List<Memtable> memtables() throws IOException {
    List<Memtable> memtables = new ArrayList<>();
    long[] sequence = new long[1];
    WalVerifier reader =
        new WalVerifier(
            files,
            directory,
            batch -> {
              if (memtables.isEmpty() || memtables.getLast().isFull(MEMTABLE_BYTES)) {
                memtables.add(MemtableKind.TRIE.create());
              }
              add(batch, memtables.getLast(), ++sequence[0]);
            });
    reader.run(plan.wals(), 0);
    for (Finding finding : reader.findings()) {
      if (finding.kind() == Finding.Kind.UNREADABLE || finding.kind() == Finding.Kind.WENT_AWAY) {
        throw new IOException(finding.toString()); // nothing has been changed yet
      }
    }
    return memtables;
  }

  private static void add(WriteBatch batch, Memtable memtable, long sequence) {
    batch.ranges().forEach(range -> memtable.addRange(range, sequence));
    for (WriteBatch.Op op : batch.ops()) {
      memtable.add(op.key(), op.timestamp(), sequence, op.kind(), op.value());
    }
  }

  /** What no other table has either, of the versions whose values are lost. */
  private List<String> lost(MergingIterator merged) {
    Set<String> lost = new LinkedHashSet<>(values.lost());
    if (!lost.isEmpty()) {
      for (merged.seekStart(); merged.valid(); merged.advance()) {
        Entry entry = merged.current();
        lost.remove(RepairPlan.name(entry.keyCopy(), entry.timestamp()));
      }
    }
    return List.copyOf(lost);
  }

  private static Result count(MergingIterator merged) {
    long entries = 0;
    long keys = 0;
    long conflicts = 0;
    byte[] key = null;
    long timestamp = -1;
    byte[] content = new byte[0];
    for (merged.seekStart(); merged.valid(); merged.advance()) {
      Entry entry = merged.current();
      boolean same =
          key != null && Arrays.equals(key, 0, key.length, entry.keyBuffer(), 0, entry.keyLength());
      if (same && timestamp == entry.timestamp()) {
        conflicts += Arrays.equals(content, content(entry)) ? 0 : 1;
        continue;
      }
      keys += same ? 0 : 1;
      entries++;
      key = same ? key : entry.keyCopy();
      timestamp = entry.timestamp();
      content = content(entry);
    }
    return new Result(entries, keys, conflicts, List.of(), List.of(), List.of());
  }

  /** The kind and the value. */
  private static byte[] content(Entry entry) {
    byte[] content = new byte[1 + entry.valueLength()];
    content[0] = (byte) entry.kind().code();
    System.arraycopy(entry.valueBuffer(), entry.valueOffset(), content, 1, entry.valueLength());
    return content;
  }

  private void release() {
    open.forEach(SSTableReader::release);
    open.clear();
    values.close();
    sources.clear();
    ranges.clear();
  }
}
