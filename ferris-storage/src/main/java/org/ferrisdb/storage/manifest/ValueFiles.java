package org.ferrisdb.storage.manifest;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * The value files of a version: how much of each is alive. Summed up from what the tables say, so
 * there is no count that could be wrong. Immutable.
 */
public final class ValueFiles {
  private final Map<Long, ValueUse> files;

  private ValueFiles(Map<Long, ValueUse> files) {
    this.files = files;
  }

  /** Those that the version's tables refer to. */
  public static ValueFiles of(Version version) {
    Map<Long, ValueUse> files = new HashMap<>();
    for (List<TableMetadata> level : version.levels()) {
      for (TableMetadata table : level) {
        for (ValueUse use : table.values()) {
          files.merge(use.file(), use, ValueFiles::sum);
        }
      }
    }
    return new ValueFiles(files);
  }

  private static ValueUse sum(ValueUse a, ValueUse b) {
    if (a.length() != b.length() || a.values() != b.values()) {
      throw new StorageException.Corruption(
          "manifest: tables disagree on value file %d: %d or %d bytes long, %d or %d of values"
              .formatted(a.file(), a.length(), b.length(), a.values(), b.values()));
    }
    return a.of(a.bytes() + b.bytes());
  }

  /** What is known of a file: its bytes are those that all tables together refer to. */
  public ValueUse file(long number) {
    ValueUse use = files.get(number);
    if (use == null) {
      throw new StorageException.Corruption(
          "a table refers to value file " + number + ", of which its properties do not tell");
    }
    return use;
  }

  /** Those that these tables refer to and the version did not: they were written beside them. */
  public List<ValueUse> added(List<TableMetadata> tables) {
    Map<Long, ValueUse> added = new HashMap<>();
    for (TableMetadata table : tables) {
      table.properties().values().stream()
          .filter(use -> !files.containsKey(use.file()))
          .forEach(use -> added.put(use.file(), use));
    }
    return List.copyOf(added.values());
  }

  /** All of them. */
  public List<ValueUse> all() {
    return files.values().stream().sorted(Comparator.comparingLong(ValueUse::file)).toList();
  }

  /**
   * Whether more than a third of what the file's values take is garbage. A third, because values
   * apart then take the space that they take with their keys (decision 0027 has the figures).
   */
  public static boolean isMostlyGarbage(ValueUse use) {
    return 3 * use.bytes() < 2 * use.values();
  }

  /** The numbers of the files that are left on the way: see {@link #isMostlyGarbage}. */
  public Set<Long> mostlyGarbage() {
    return files.values().stream()
        .filter(ValueFiles::isMostlyGarbage)
        .map(ValueUse::file)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The file with the largest share of garbage, if that is more than a third; else null. */
  public @Nullable ValueUse worst() {
    return files.values().stream()
        .filter(ValueFiles::isMostlyGarbage)
        .min(
            Comparator.comparingDouble((ValueUse use) -> (double) use.bytes() / use.values())
                .thenComparingLong(ValueUse::file))
        .orElse(null);
  }
}
