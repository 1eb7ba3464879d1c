package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.sstable.ValueReference;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * Answers whether a directory holds a sound engine, and finds everything that is wrong with it:
 *
 * <ul>
 *   <li>CURRENT names a manifest, its edits can be read and do not contradict each other;
 *   <li>the tables it names are there, as long as it says, with the properties it says; those of a
 *       level do not overlap;
 *   <li>the same of value files; every checksum in them is right;
 *   <li>within each table all that {@link TableVerifier} compares, and every reference of it leads
 *       to the value that it should;
 *   <li>the WAL files can be replayed;
 *   <li>nothing else lies there (harmless).
 * </ul>
 *
 * <p>Changes nothing and works beside a running engine: what that deletes meanwhile is no problem.
 * {@code StorageEngine.verify} is the quick sister: it reads every block once, checks checksums
 * alone, and throws at the first that is wrong.
 */
public final class Verifier {
  private final FileSystem files;
  private final Path directory;
  private final Consumer<Finding> out;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Long, ValueFileVerifier.Result> values = new HashMap<>();
  private long tables;
  private long valueFiles;
  private long entries;
  private long bytes;
  private long walFiles;
  private long walRecords;

  private Verifier(FileSystem files, Path directory, Consumer<Finding> out) {
    this.files = files;
    this.directory = directory;
    this.out = out;
  }

  /**
   * What was looked at, and what was found.
   *
   * @param findings all of them, harmless ones too
   * @param tables tables read
   * @param valueFiles value files read
   * @param entries entries in them
   * @param walFiles WAL files read
   * @param walRecords records in them
   * @param bytes bytes read of all
   */
  public record Report(
      List<Finding> findings,
      long tables,
      long valueFiles,
      long entries,
      long walFiles,
      long walRecords,
      long bytes) {
    /** Findings that are problems. */
    public long problems() {
      return findings.stream().filter(f -> !f.kind().harmless()).count();
    }
  }

  /**
   * Verifies the directory.
   *
   * @param out gets every finding as soon as it is made
   */
  public static Report verify(FileSystem files, Path directory, Consumer<Finding> out)
      throws IOException {
    return new Verifier(files, directory, out).run();
  }

  private Report run() throws IOException {
    List<String> names = files.list(directory);
    String current = current();
    if (current != null) {
      ManifestScan manifest = ManifestScan.read(files, directory.resolve(current));
      manifest.findings().forEach(this::add);
      Set<String> named = new HashSet<>(List.of(FileNames.CURRENT, current));
      EngineInspector.disagreements(manifest).forEach(this::add);
      for (ValueUse use : EngineInspector.valueFiles(manifest)) {
        named.add(FileNames.Kind.VALUES.name(use.file()));
        values(use);
      }
      for (List<TableMetadata> level : manifest.levels()) {
        for (TableMetadata table : level) {
          named.add(FileNames.Kind.TABLE.name(table.number()));
          table(table);
        }
      }
      wals(names, manifest.logNumber());
      EngineInspector.unnamed(names, named, manifest.logNumber())
          .forEach(name -> add(EngineInspector.leftover(name)));
    } else {
      for (String name : names) {
        if (FileNames.Kind.TABLE.number(name) >= 0) {
          read(name, TableVerifier.Values.UNASKED);
        }
      }
      wals(names, 0);
    }
    return new Report(
        List.copyOf(findings), tables, valueFiles, entries, walFiles, walRecords, bytes);
  }

  private void add(Finding finding) {
    findings.add(finding);
    out.accept(finding);
  }

  /** The manifest that counts; null if there is none. */
  private @Nullable String current() throws IOException {
    try {
      long number = Manifest.current(files, directory);
      if (number < 0) {
        add(EngineInspector.missing(FileNames.CURRENT, "so nobody knows which tables count"));
        return null;
      }
      String name = FileNames.Kind.MANIFEST.name(number);
      if (!files.exists(directory.resolve(name))) {
        add(EngineInspector.missing(name, "but CURRENT names it"));
        return null;
      }
      return name;
    } catch (StorageException e) {
      add(TableFrame.finding(e, FileNames.CURRENT, 0));
      return null;
    }
  }

  private void values(ValueUse use) throws IOException {
    String name = FileNames.Kind.VALUES.name(use.file());
    Finding different = EngineInspector.compare(files, directory, name, use.length());
    if (different != null) {
      add(isValueFileNamedStill(use.file()) ? different : wentAway(name));
    }
    if (different != null && different.kind() == Finding.Kind.MISSING) {
      return;
    }
    try {
      ValueFileVerifier.Result result = ValueFileVerifier.verify(files, directory.resolve(name));
      valueFiles++;
      bytes += result.length();
      result.findings().forEach(this::add);
      values.put(use.file(), result);
      if (result.findings().isEmpty() && result.valueBytes() != use.values()) {
        add(
            new Finding(
                Finding.Kind.MANIFEST,
                name,
                Finding.WHOLE_FILE,
                "holds %d bytes of values, the manifest says %d"
                    .formatted(result.valueBytes(), use.values())));
      }
    } catch (IOException e) {
      add(EngineInspector.goneOrUnreadable(files, directory, name, e));
    }
  }

  /** What is wrong with a reference; of a file that could not be read that has been told. */
  private @Nullable String problem(ValueReference reference) {
    ValueFileVerifier.Result file = values.get(reference.file());
    return file == null ? null : file.problem(reference);
  }

  private void table(TableMetadata table) throws IOException {
    String name = FileNames.Kind.TABLE.name(table.number());
    Finding different = EngineInspector.compare(files, directory, table);
    if (different != null) {
      add(isNamedStill(table.number()) ? different : wentAway(name));
    }
    if (different == null || different.kind() != Finding.Kind.MISSING) {
      TableProperties properties = read(name, this::problem);
      if (properties != null && !properties.saysTheSame(table.properties())) {
        add(
            new Finding(
                Finding.Kind.MANIFEST,
                name,
                Finding.WHOLE_FILE,
                "the properties in the table are not those in the manifest"));
      }
    }
  }

  /** Whether the engine still has a table that it had when the verification began. */
  private boolean isNamedStill(long number) throws IOException {
    return anyTable(table -> table.number() == number);
  }

  private boolean isValueFileNamedStill(long number) throws IOException {
    return anyTable(
        table -> table.properties().values().stream().anyMatch(use -> use.file() == number));
  }

  private boolean anyTable(Predicate<TableMetadata> test) throws IOException {
    try {
      long current = Manifest.current(files, directory);
      return current < 0
          || ManifestScan.read(files, directory.resolve(FileNames.Kind.MANIFEST.name(current)))
              .levels()
              .stream()
              .anyMatch(level -> level.stream().anyMatch(test));
    } catch (StorageException e) {
      return true;
    }
  }

  private static Finding wentAway(String name) {
    return new Finding(
        Finding.Kind.WENT_AWAY,
        name,
        Finding.WHOLE_FILE,
        "was compacted and deleted meanwhile by an engine that runs");
  }

  private @Nullable TableProperties read(String name, TableVerifier.Values apart) {
    try {
      TableVerifier.Result result = TableVerifier.verify(files, directory.resolve(name), apart);
      tables++;
      entries += result.entries();
      bytes += result.length();
      result.findings().forEach(this::add);
      return result.properties();
    } catch (IOException e) {
      add(EngineInspector.goneOrUnreadable(files, directory, name, e));
      return null;
    }
  }

  /** Compares what is on disk, so that no property is forgotten. */
  private void wals(List<String> names, long logNumber) throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (String name : names) {
      long number = FileNames.Kind.WAL.number(name);
      if (number >= Math.max(0, logNumber)) {
        numbers.add(number);
      }
    }
    numbers.sort(null);
    WalVerifier verifier = new WalVerifier(files, directory, _ -> {});
    verifier.run(numbers, logNumber);
    verifier.findings().forEach(this::add);
    walFiles = numbers.size();
    walRecords = verifier.records();
    bytes += verifier.bytes();
  }
}
