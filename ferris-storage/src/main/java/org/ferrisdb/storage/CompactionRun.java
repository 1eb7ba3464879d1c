package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.ferrisdb.storage.cache.TableHandle;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.compaction.CompactionPicker;
import org.ferrisdb.storage.compaction.CompactionPlan;
import org.ferrisdb.storage.compaction.GarbageFilter;
import org.ferrisdb.storage.compaction.TableSequenceWriter;
import org.ferrisdb.storage.compaction.ValuePlacement;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.iterator.LevelIterator;
import org.ferrisdb.storage.iterator.MergingIterator;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.RangeTombstones;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.sstable.Compression;

/**
 * The work of one compaction: reads a plan's inputs as one sorted stream and writes what is to stay
 * into new tables. What the tables then count as is the caller's business. One thread.
 */
final class CompactionRun {
  private final CompactionPlan plan;
  private final long floor;
  private final TableView view;
  private final TableSequenceWriter.Cancellation cancellation;

  /**
   * A run that has not begun.
   *
   * @param floor the garbage floor
   * @param view holds the inputs, and longer than this runs
   */
  CompactionRun(
      CompactionPlan plan,
      long floor,
      TableView view,
      TableSequenceWriter.Cancellation cancellation) {
    this.plan = plan;
    this.floor = floor;
    this.view = view;
    this.cancellation = cancellation;
  }

  /** Writes the tables; durable, names included, when it returns. */
  List<TableMetadata> write(
      FileSystem files, Path directory, LongSupplier numbers, StorageOptions options)
      throws IOException {
    List<TableHandle> upper = handles(plan.level(), plan.upper());
    List<TableHandle> lower = handles(plan.outputLevel(), plan.lower());
    RangeTombstones ranges =
        RangeTombstones.union(
            Stream.concat(upper.stream(), lower.stream()).map(TableHandle::ranges).toList());
    // What is hidden from everybody as a whole need not be read to be dropped.
    upper.removeIf(table -> isHidden(table, ranges));
    lower.removeIf(table -> isHidden(table, ranges));
    try (MergingIterator entries = new MergingIterator(sources(upper, lower), true)) {
      Version version = view.version();
      int level = plan.outputLevel();
      Compression compression = options.compression().of(level, CompactionPicker.deepest(version));
      ValueFiles existing = ValueFiles.of(version);
      TableSequenceWriter writer =
          new TableSequenceWriter(
              files,
              directory,
              numbers,
              options.blockBytes(),
              compression,
              options.tableBytes(),
              new ValuePlacement(
                  files,
                  directory,
                  numbers,
                  compression,
                  options.valuesApartFrom(),
                  new ValuePlacement.Existing(view, existing, leave(existing))));
      GarbageFilter filter =
          new GarbageFilter(floor, ranges, TableSequenceWriter.beneath(version, level));
      RangeTombstones kept =
          ranges.withoutGarbage(floor, TableSequenceWriter.rangesBeneath(version, level));
      return writer.write(entries, filter, kept, cancellation);
    }
  }

  /** Which value files are left. Whoever asks for a compaction wants all in the order of keys. */
  private LongPredicate leave(ValueFiles existing) {
    return plan.reason() == CompactionPlan.Reason.MANUAL
        ? file -> true
        : existing.mostlyGarbage()::contains;
  }

  private boolean isHidden(TableHandle table, RangeTombstones ranges) {
    TableMetadata metadata = table.metadata();
    long newest = metadata.properties().maxTimestamp();
    return !ranges.isEmpty() && ranges.hideAll(metadata.smallest(), metadata.end(), newest, floor);
  }

  private List<EntryIterator> sources(List<TableHandle> upper, List<TableHandle> lower) {
    List<EntryIterator> sources = new ArrayList<>();
    if (plan.level() == 0) {
      upper.forEach(table -> sources.add(new LevelIterator(List.of(table), false)));
    } else {
      sources.add(new LevelIterator(upper, false));
    }
    sources.add(new LevelIterator(lower, false));
    return sources;
  }

  private List<TableHandle> handles(int level, List<TableMetadata> tables) {
    Set<Long> numbers = tables.stream().map(TableMetadata::number).collect(Collectors.toSet());
    List<TableHandle> found = new ArrayList<>(view.level(level));
    found.removeIf(handle -> !numbers.contains(handle.metadata().number()));
    if (found.size() != tables.size()) { // what is not read must not be removed
      throw new IllegalStateException(
          "level " + level + " of the view lacks some of the planned tables " + numbers);
    }
    return found;
  }
}
