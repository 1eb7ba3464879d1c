package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.sstable.ValueUse;
import org.ferrisdb.storage.wal.RecordFormat;
import org.ferrisdb.storage.wal.RecordScan;
import org.jspecify.annotations.Nullable;

/**
 * Shows the shape of an engine by its directory: levels and their tables, value files, WAL files,
 * and what lies there besides. Reads the manifest and the WAL files, of tables and value files only
 * the lengths. Stateless.
 */
public final class EngineInspector {
  private final FileSystem files;
  private final Path directory;
  private final List<String> names;
  private String manifestName = "";
  private final PartBuilder engine = new PartBuilder("engine", Finding.WHOLE_FILE, 0);

  private EngineInspector(FileSystem files, Path directory, List<String> names) {
    this.files = files;
    this.directory = directory;
    this.names = names;
  }

  /** Whether files with an engine's names are in a directory of these names. */
  public static boolean isEngine(List<String> names) {
    return names.stream()
        .anyMatch(n -> {
          Inspector.FileKind kind = Inspector.kindOfName(n);
          return switch (kind) {
            case TABLE, VALUES, WAL, MANIFEST -> true;
            case CURRENT, LOCK, UNKNOWN -> false; // others have files of these names too
          };
        });
  }

  /** The engine as one part. */
  public static Part inspect(FileSystem files, Path directory) throws IOException {
    return new EngineInspector(files, directory, files.list(directory)).run();
  }

  /** Whether nothing but harmless things were found in it. */
  public static boolean isRight(Part engine) {
    return Inspector.isRight(engine);
  }

  private Part run() throws IOException {
    ManifestScan manifest = manifest();
    Set<String> named = new HashSet<>();
    named.add(FileNames.CURRENT);
    named.add(manifestName);
    if (manifest != null) {
      engine
          .number("edits", manifest.edits())
          .number("term", manifest.position().term())
          .number("index", manifest.position().index())
          .number("garbageFloor", manifest.garbageFloor())
          .number("logNumber", manifest.logNumber())
          .number("nextFileNumber", manifest.nextFileNumber());
      manifest.findings().forEach(engine::finding);
      for (int level = 0; level < manifest.levels().size(); level++) {
        level(level, manifest.levels().get(level), named);
      }
      values(manifest, named);
    }
    long logNumber = manifest == null ? 0 : manifest.logNumber();
    for (String name : names) {
      long wal = FileNames.Kind.WAL.number(name);
      if (wal >= logNumber && wal >= 0) {
        named.add(name);
        wal(name);
      }
    }
    List<String> leftovers = manifest == null ? List.of() : unnamed(names, named, logNumber);
    for (String name : names) {
      if (leftovers.contains(name)) {
        engine.part(
            new PartBuilder("leftover", Finding.WHOLE_FILE, 0)
                .word("name", name)
                .finding(leftover(name))
                .build());
      } else if (!named.contains(name)) {
        String kind = name.equals(FileNames.LOCK) ? "lock" : "other";
        engine.part(new PartBuilder(kind, Finding.WHOLE_FILE, 0).word("name", name).build());
      }
    }
    return engine.build();
  }

  private @Nullable ManifestScan manifest() throws IOException {
    try {
      long current = Manifest.current(files, directory);
      if (current < 0) {
        engine.finding(missing(FileNames.CURRENT, "so nobody knows which tables count"));
        return null;
      }
      String name = FileNames.Kind.MANIFEST.name(current);
      engine.word("manifest", name);
      manifestName = name;
      if (!files.exists(directory.resolve(name))) {
        engine.finding(missing(name, "but CURRENT names it"));
        return null;
      }
      return ManifestScan.read(files, directory.resolve(name));
    } catch (StorageException e) {
      engine.finding(TableFrame.finding(e, FileNames.CURRENT, 0));
      return null;
    }
  }

  static Finding missing(String name, String why) {
    return new Finding(Finding.Kind.MISSING, name, Finding.WHOLE_FILE, "is not there, " + why);
  }

  private void level(int level, List<TableMetadata> tables, Set<String> named) throws IOException {
    if (tables.isEmpty()) {
      return;
    }
    PartBuilder part =
        new PartBuilder("level", Finding.WHOLE_FILE, 0)
            .number("level", level)
            .number("tables", tables.size())
            .number("bytes", tables.stream().mapToLong(TableMetadata::bytes).sum())
            .number("entries", tables.stream().mapToLong(t -> t.properties().entries()).sum());
    for (TableMetadata table : tables) {
      String name = FileNames.Kind.TABLE.name(table.number());
      named.add(name);
      PartBuilder described = table(table, "table");
      Finding finding = compare(files, directory, table);
      if (finding != null) {
        described.finding(finding);
      }
      part.part(described.build());
    }
    engine.part(part.build());
  }

  private void values(ManifestScan manifest, Set<String> named) {
    disagreements(manifest).forEach(engine::finding);
    for (ValueUse use : valueFiles(manifest)) {
      String name = FileNames.Kind.VALUES.name(use.file());
      named.add(name);
      PartBuilder part =
          new PartBuilder("values", Finding.WHOLE_FILE, 0)
              .word("name", name)
              .number("number", use.file())
              .number("bytes", use.length())
              .number("valueBytes", use.values())
              .number("valueBytesUsed", use.bytes());
      Finding finding = compare(files, directory, name, use.length());
      if (finding != null) {
        part.finding(finding);
      }
      engine.part(part.build());
    }
  }

  /** The value files of what the manifest says, though it may contradict itself. */
  static List<ValueUse> valueFiles(ManifestScan manifest) {
    Map<Long, ValueUse> files = new TreeMap<>();
    for (List<TableMetadata> level : manifest.levels()) {
      for (TableMetadata table : level) {
        table
            .values()
            .forEach(use -> files.merge(use.file(), use, (a, b) -> a.of(a.bytes() + b.bytes())));
      }
    }
    return List.copyOf(files.values());
  }

  /** Where tables disagree about a value file: the engine does not open. */
  public static List<Finding> disagreements(ManifestScan manifest) {
    Map<Long, ValueUse> files = new HashMap<>();
    Map<Long, Finding> found = new TreeMap<>();
    for (List<TableMetadata> level : manifest.levels()) {
      for (TableMetadata table : level) {
        for (ValueUse use : table.properties().values()) {
          ValueUse first = files.putIfAbsent(use.file(), use);
          if (first != null && !first.of(0).equals(use.of(0))) {
            String name = FileNames.Kind.VALUES.name(use.file());
            found.put(
                use.file(),
                new Finding(
                    Finding.Kind.MANIFEST,
                    name,
                    Finding.WHOLE_FILE,
                    "is %d bytes long with %d of values to one table, %d and %d to another"
                        .formatted(first.length(), first.values(), use.length(), use.values())));
          }
        }
      }
    }
    return List.copyOf(found.values());
  }

  /** What is wrong with the file of a table, by its length alone; null if nothing is. */
  static @Nullable Finding compare(FileSystem files, Path directory, TableMetadata table) {
    return compare(files, directory, FileNames.Kind.TABLE.name(table.number()), table.length());
  }

  /** The same of any file that the manifest names. */
  static @Nullable Finding compare(FileSystem files, Path directory, String name, long length) {
    Path path = directory.resolve(name);
    if (!files.exists(path)) {
      return missing(name, "but the manifest names it");
    }
    try (FileSystem.ReadableFile file = files.open(path)) {
      return file.size() == length
          ? null
          : new Finding(
              Finding.Kind.WRONG_LENGTH,
              name,
              Finding.WHOLE_FILE,
              "%d bytes long, the manifest says %d".formatted(file.size(), length));
    } catch (IOException e) {
      return unreadable(name, e);
    }
  }

  static Finding unreadable(String name, IOException e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new Finding(Finding.Kind.UNREADABLE, name, Finding.WHOLE_FILE, message);
  }

  /** A table as the manifest knows it. */
  static PartBuilder table(TableMetadata table, String kind) {
    PartBuilder part =
        new PartBuilder(kind, Finding.WHOLE_FILE, 0)
            .word("name", FileNames.Kind.TABLE.name(table.number()))
            .number("number", table.number())
            .number("bytes", table.length());
    TableMetadata.Bounds bounds = table.bounds();
    if (bounds != null) { // the engine sees a part of the file
      part.number("boundedBytes", bounds.bytes());
      byte @Nullable [] from = bounds.range().from();
      byte @Nullable [] to = bounds.range().to();
      if (from != null) {
        part.data("boundedFrom", from);
      }
      if (to != null) {
        part.data("boundedTo", to);
      }
    }
    return TableInspector.describe(part, table.properties());
  }

  private void wal(String name) {
    PartBuilder part = new PartBuilder("wal", Finding.WHOLE_FILE, 0).word("name", name);
    try {
      long[] previous = {-1};
      RecordScan.Outcome outcome =
          RecordScan.scan(
              files,
              directory.resolve(name),
              new RecordScan.Visitor() {
                @Override
                public void header(byte[] bytes, boolean whole) {
                  if (whole) {
                    ByteSource source = new ByteSource(bytes, 0, bytes.length, name);
                    RecordFormat.FileHeader header = RecordFormat.FileHeader.decode(source);
                    previous[0] = header.previous();
                    RecordFileInspector.checkHeader(header, name).forEach(part::finding);
                  }
                }

                @Override
                public void record(long offset, byte[] bytes) {}

                @Override
                public void gap(long from, long to) {}
              });
      part.number("bytes", outcome.length())
          .number("records", outcome.records())
          .number("previous", previous[0])
          .flag("ended", outcome.ended());
      RecordFileInspector.judge(outcome, name).forEach(part::finding);
    } catch (IOException e) {
      part.finding(goneOrUnreadable(files, directory, name, e));
    }
    engine.part(part.build());
  }

  /** A file that could not be read: because it went away meanwhile, or for another reason. */
  static Finding goneOrUnreadable(FileSystem files, Path directory, String name, IOException e) {
    return files.exists(directory.resolve(name))
        ? unreadable(name, e)
        : new Finding(
            Finding.Kind.WENT_AWAY,
            name,
            Finding.WHOLE_FILE,
            "was deleted meanwhile, as an engine that runs does with what it no longer needs");
  }

  static Finding leftover(String name) {
    return new Finding(
        Finding.Kind.LEFTOVER,
        name,
        Finding.WHOLE_FILE,
        "nothing names it; the next opening deletes it");
  }

  /** The engine's files that nothing names: leftovers of a crash, or about to be deleted. */
  static List<String> unnamed(List<String> names, Set<String> named, long logNumber) {
    List<String> result = new ArrayList<>();
    for (String name : names) {
      Inspector.FileKind kind = Inspector.kindOfName(name);
      boolean ours = kind != Inspector.FileKind.UNKNOWN && kind != Inspector.FileKind.LOCK;
      long wal = FileNames.Kind.WAL.number(name);
      if (ours && !named.contains(name) && (wal < 0 || wal < logNumber)) {
        result.add(name);
      }
    }
    return result;
  }
}
