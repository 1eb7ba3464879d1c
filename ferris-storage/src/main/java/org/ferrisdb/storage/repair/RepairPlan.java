package org.ferrisdb.storage.repair;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.inspect.EngineInspector;
import org.ferrisdb.storage.inspect.EscapedKey;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.ManifestScan;
import org.ferrisdb.storage.inspect.TableVerifier;
import org.ferrisdb.storage.inspect.ValueFileVerifier;
import org.ferrisdb.storage.inspect.WalVerifier;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.sstable.TableProperties;
import org.jspecify.annotations.Nullable;

/**
 * What is left of an engine, and what can be made of it.
 *
 * @param remedy what is to be done
 * @param manifest the manifest that surely is the one that counts; null if there is none
 * @param tables numbers of the tables that are read, newest first as far as can be known
 * @param wals numbers of the WAL files that are read, ascending
 * @param bounds of tables that are shared with another engine, the part that belongs to this one,
 *     as far as any readable edit tells
 * @param obsolete numbers of tables that an edit removed: surely no part of the engine
 * @param damaged names of tables that are not sound: they are set aside
 * @param findings what is wrong
 * @param garbageFloor the highest that any readable edit tells; 0 if none does
 */
public record RepairPlan(
    Remedy remedy,
    @Nullable String manifest,
    List<Long> tables,
    List<Long> wals,
    Map<Long, KeyRange> bounds,
    Set<Long> obsolete,
    List<String> damaged,
    List<Finding> findings,
    long garbageFloor) {
  /** Kinds of remedies. */
  public enum Remedy {
    /** All is well. */
    NOTHING,
    /** Only CURRENT is wrong: it is written anew, and nothing is lost. */
    RESTORE_CURRENT,
    /** All that can be read is merged into one sorted run. */
    REBUILD
  }

  /** What a version is called that is lost. */
  static String name(byte[] key, long timestamp) {
    return EscapedKey.of(key) + " @" + timestamp;
  }

  /** Looks at the directory; reads all of it and changes nothing. */
  public static RepairPlan of(FileSystem files, Path directory) throws IOException {
    return new Survey(files, directory).plan();
  }

  /** Looks. */
  private static final class Survey {
    private final FileSystem files;
    private final Path directory;
    private final List<String> names;
    private final List<Finding> findings = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();
    private final TreeMap<Long, ManifestScan> manifests = new TreeMap<>();
    private final Set<Long> removed = new HashSet<>();
    private final Map<Long, KeyRange> bounds = new HashMap<>();
    private final Map<Long, TableMetadata> named = new HashMap<>(); // by the manifest that counts
    private final Map<Long, Long> valueFiles = new TreeMap<>(); // and how long they should be
    private long garbageFloor;
    private long knownLog;

    Survey(FileSystem files, Path directory) throws IOException {
      this.files = files;
      this.directory = directory;
      this.names = files.list(directory);
    }

    RepairPlan plan() throws IOException {
      long current = current();
      readManifests();
      Long base = base(current);
      ManifestScan state = base == null ? null : manifests.get(base);
      if (state == null) {
        tellManifests();
      } else {
        knownLog = state.logNumber(); // of another the tables are not here either
        findings.addAll(EngineInspector.disagreements(state));
      }
      List<Long> tables = state == null ? candidates() : live(state);
      List<Long> sound = sound(tables);
      values();
      List<Long> wals = wals();
      boolean intact = findings.stream().allMatch(f -> f.kind().harmless());
      Remedy remedy =
          base == null || state == null || !intact
              ? Remedy.REBUILD
              : base == current ? Remedy.NOTHING : Remedy.RESTORE_CURRENT;
      return new RepairPlan(
          remedy,
          base == null ? null : FileNames.Kind.MANIFEST.name(base),
          sound,
          wals,
          Map.copyOf(bounds),
          Set.copyOf(removed),
          List.copyOf(damaged),
          List.copyOf(findings),
          garbageFloor);
    }

    /** The number of the manifest that CURRENT names; -1 if it names none. */
    private long current() throws IOException {
      try {
        return Manifest.current(files, directory);
      } catch (StorageException.Corruption e) {
        return -1;
      }
    }

    /**
     * The manifest that surely is the one that counts, if there is one: CURRENT's own. Where
     * CURRENT is lost the newest, unless a table shows that work went on after it.
     */
    private @Nullable Long base(long current) {
      if (manifests.isEmpty()) {
        return null;
      }
      long number = manifests.containsKey(current) ? current : manifests.lastKey();
      ManifestScan scan = manifests.get(number);
      if (scan == null || !scan.isWhole() || number < current) {
        return null;
      }
      boolean later =
          Stream.of(FileNames.Kind.TABLE, FileNames.Kind.VALUES)
              .flatMap(kind -> numbered(kind).stream())
              .anyMatch(file -> file >= scan.nextFileNumber());
      return number == current || !later ? number : null;
    }

    private List<Long> numbered(FileNames.Kind kind) {
      List<Long> numbers = new ArrayList<>();
      for (String name : names) {
        if (kind.number(name) >= 0) {
          numbers.add(kind.number(name));
        }
      }
      numbers.sort(null);
      return numbers;
    }

    /** Even of a damaged manifest each whole edit tells of tables that are gone. */
    private void readManifests() throws IOException {
      for (long number : numbered(FileNames.Kind.MANIFEST)) {
        Path path = directory.resolve(FileNames.Kind.MANIFEST.name(number));
        ManifestScan scan = ManifestScan.read(files, path);
        scan.levels().forEach(level -> level.forEach(this::note));
        removed.addAll(scan.removedTables());
        garbageFloor = Math.max(garbageFloor, scan.garbageFloor());
        knownLog = Math.max(knownLog, scan.logNumber());
        manifests.put(number, scan);
      }
    }

    private void note(TableMetadata table) {
      removed.remove(table.number());
      TableMetadata.Bounds part = table.bounds();
      if (part != null) {
        bounds.put(table.number(), part.range());
      }
    }

    private void tellManifests() {
      manifests.values().forEach(scan -> findings.addAll(scan.findings()));
      if (manifests.isEmpty()) {
        findings.add(
            new Finding(
                Finding.Kind.MISSING, "MANIFEST", Finding.WHOLE_FILE, "there is no manifest"));
      }
    }

    /** The tables of a whole manifest, newest first: level by level. */
    private List<Long> live(ManifestScan manifest) {
      List<Long> numbers = new ArrayList<>();
      for (List<TableMetadata> level : manifest.levels()) {
        for (TableMetadata table : level) {
          numbers.add(table.number());
          named.put(table.number(), table);
        }
      }
      Set<String> present = new HashSet<>(names);
      for (long number : numbers) {
        String name = FileNames.Kind.TABLE.name(number);
        if (!present.contains(name)) {
          findings.add(
              new Finding(
                  Finding.Kind.MISSING, name, Finding.WHOLE_FILE, "but the manifest names it"));
        }
      }
      return numbers.stream().filter(n -> present.contains(FileNames.Kind.TABLE.name(n))).toList();
    }

    /**
     * All tables that may be part of the engine; the highest number is the best guess at newest.
     */
    private List<Long> candidates() {
      return numbered(FileNames.Kind.TABLE).reversed().stream()
          .filter(number -> !removed.contains(number))
          .toList();
    }

    private List<Long> sound(List<Long> tables) throws IOException {
      List<Long> sound = new ArrayList<>();
      for (long number : tables) {
        String name = FileNames.Kind.TABLE.name(number);
        TableVerifier.Result result =
            TableVerifier.verify(files, directory.resolve(name), TableVerifier.Values.UNASKED);
        findings.addAll(result.findings());
        boolean right = result.findings().stream().allMatch(f -> f.kind().harmless());
        TableProperties properties = result.properties();
        if (properties != null) {
          properties.values().forEach(use -> valueFiles.put(use.file(), use.length()));
        }
        TableMetadata expected = named.get(number);
        if (right
            && expected != null
            && properties != null
            && !properties.saysTheSame(expected.properties())) {
          right = false;
          findings.add(
              new Finding(
                  Finding.Kind.MANIFEST,
                  name,
                  Finding.WHOLE_FILE,
                  "is not the table that the manifest names"));
        }
        boolean some = result.entries() > 0 || (properties != null && properties.ranges() > 0);
        if (right && some) {
          sound.add(number);
        } else {
          damaged.add(name);
        }
      }
      return sound;
    }

    /** The value files that tables refer to; a table is sound whatever is the matter with them. */
    private void values() throws IOException {
      for (Map.Entry<Long, Long> file : valueFiles.entrySet()) {
        String name = FileNames.Kind.VALUES.name(file.getKey());
        Path path = directory.resolve(name);
        if (!files.exists(path)) {
          findings.add(
              new Finding(
                  Finding.Kind.MISSING, name, Finding.WHOLE_FILE, "but tables refer to it"));
          continue;
        }
        ValueFileVerifier.Result result = ValueFileVerifier.verify(files, path);
        findings.addAll(result.findings());
        if (result.findings().isEmpty() && result.length() != file.getValue()) {
          findings.add(
              new Finding(
                  Finding.Kind.WRONG_LENGTH,
                  name,
                  Finding.WHOLE_FILE,
                  "%d bytes long, a table says %d".formatted(result.length(), file.getValue())));
        }
      }
    }

    /** WAL files that no readable edit calls obsolete. */
    private List<Long> wals() throws IOException {
      List<Long> numbers =
          numbered(FileNames.Kind.WAL).stream().filter(number -> number >= knownLog).toList();
      WalVerifier verifier = new WalVerifier(files, directory, _ -> {});
      verifier.run(numbers, knownLog);
      findings.addAll(verifier.findings());
      return numbers;
    }
  }
}
