package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.DirectoryLock;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.wal.RecordFormat;
import org.ferrisdb.storage.wal.RecordReader;
import org.ferrisdb.storage.wal.WalChain;

/**
 * How an engine comes up: what CURRENT and its manifest say is true, and nothing else.
 *
 * <ol>
 *   <li>Read the manifest. A directory with data but without CURRENT is damaged, not new.
 *   <li>Write a fresh manifest with that state and switch to it. Only now is what was read durable
 *       beyond doubt (its tail may have been readable and yet never synced), so only now may files
 *       be removed.
 *   <li>Remove every numbered file that the state does not name: leftovers of a crash.
 *   <li>Replay the WAL files in order, flush what they held, and thereby make them obsolete ({@link
 *       Replay}).
 * </ol>
 */
final class Recovery {
  private final FileSystem files;
  private final Path directory;
  private final List<String> names;

  private Recovery(FileSystem files, Path directory, List<String> names) {
    this.files = files;
    this.directory = directory;
    this.names = names;
  }

  /** Makes the directory, and takes it. */
  static FileSystem.Lock lock(FileSystem files, Path directory) throws IOException {
    if (String.valueOf(directory.getFileName()).endsWith(FileNames.UNFINISHED)) {
      throw new StorageException.Refused(
          directory + ": is no engine but a checkpoint that was cut short; delete it");
    }
    createDurably(files, directory);
    return DirectoryLock.take(files, directory);
  }

  /** Steps one to three. */
  static VersionSet openVersions(FileSystem files, Path directory) throws IOException {
    return new Recovery(files, directory, files.list(directory)).openVersions();
  }

  /** Makes the directory and what is missing above it, each with a durable name. */
  static void createDurably(FileSystem files, Path directory) throws IOException {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    if (!files.exists(parent)) {
      createDurably(files, parent);
    }
    files.createDirectories(directory);
    files.syncDirectory(parent); // also if it existed: its maker may have died before this
  }

  private VersionSet openVersions() throws IOException {
    DurableState loaded = load();
    long number = loaded.nextFileNumber();
    for (String name : names) {
      for (FileNames.Kind kind : FileNames.Kind.values()) {
        number = Math.max(number, kind.number(name) + 1);
      }
    }
    DurableState state =
        new DurableState(
            loaded.version(),
            number + 1,
            loaded.logNumber(),
            loaded.position(),
            loaded.garbageFloor());
    requireTables(state);
    Manifest manifest = Manifest.create(files, directory, number, state);
    try {
      removeLeftovers(state, number);
    } catch (IOException | RuntimeException | Error e) {
      manifest.close();
      throw e;
    }
    return new VersionSet(files, directory, state, manifest);
  }

  private DurableState load() throws IOException {
    long current = Manifest.current(files, directory);
    if (current >= 0) {
      return Manifest.load(files, directory, current);
    }
    for (String name : names) {
      if (FileNames.Kind.TABLE.number(name) >= 0
          || FileNames.Kind.VALUES.number(name) >= 0
          || FileNames.Kind.WAL.number(name) >= 0) {
        throw new StorageException.Corruption(
            directory.resolve(FileNames.CURRENT) + ": is missing, but there is a " + name);
      }
    }
    return DurableState.initial();
  }

  private void requireTables(DurableState state) {
    Set<String> present = new HashSet<>(names);
    for (String name : named(state)) {
      if (!present.contains(name)) {
        throw new StorageException.Corruption(
            directory.resolve(name) + ": is missing, but the manifest names it");
      }
    }
  }

  /** The tables and value files of a state. */
  private static Set<String> named(DurableState state) {
    Set<String> named = new TreeSet<>();
    for (List<TableMetadata> level : state.version().levels()) {
      level.forEach(table -> named.add(FileNames.Kind.TABLE.name(table.number())));
    }
    ValueFiles.of(state.version())
        .all()
        .forEach(values -> named.add(FileNames.Kind.VALUES.name(values.file())));
    return named;
  }

  private void removeLeftovers(DurableState state, long manifestNumber) throws IOException {
    Set<String> keep = named(state);
    for (String name : names) {
      long manifest = FileNames.Kind.MANIFEST.number(name);
      long log = FileNames.Kind.WAL.number(name);
      boolean table =
          FileNames.Kind.TABLE.number(name) >= 0 || FileNames.Kind.VALUES.number(name) >= 0;
      if ((manifest >= 0 && manifest != manifestNumber)
          || (log >= 0 && log < state.logNumber())
          || (table && !keep.contains(name))) {
        files.delete(directory.resolve(name));
      }
    }
  }

  /** Step four; the replay is begun only if there is anything to replay. */
  static void replay(
      FileSystem files, Path directory, DurableState state, Supplier<Replay> beginning)
      throws IOException {
    List<Long> logs = new ArrayList<>();
    for (String name : files.list(directory)) {
      long number = FileNames.Kind.WAL.number(name);
      if (number >= Math.max(0, state.logNumber())) {
        logs.add(number);
      }
    }
    if (logs.isEmpty()) {
      return;
    }
    logs.sort(null);
    Replay replay = beginning.get();
    WalChain chain = new WalChain(state.logNumber());
    for (long number : logs) {
      replayLog(files, directory, number, chain, replay);
    }
    replay.finish();
  }

  /** Replays one file if the chain takes it. */
  private static void replayLog(
      FileSystem files, Path directory, long number, WalChain chain, Replay replay)
      throws IOException {
    Path path = directory.resolve(FileNames.Kind.WAL.name(number));
    long previous = RecordReader.previous(files, path, RecordFormat.WAL_MAGIC, number);
    boolean taken = chain.takes(previous);
    if (taken) {
      // It may be in the page cache only, and what is read of it goes into tables: after a power
      // loss in the middle of this they must not hold what the log does not.
      files.syncFile(path);
    }
    RecordReader.Outcome outcome =
        RecordReader.read(
            files,
            path,
            RecordFormat.WAL_MAGIC,
            number,
            taken ? replay::add : _ -> {}); // what is dropped is read as well: it may be damaged
    long damaged =
        chain.add(number, previous, outcome.previousSyncedTo(), outcome.whole(), outcome.ended());
    if (damaged != 0) {
      throw new StorageException.Corruption(
          "%s: is missing or cut short, by what %s says of those before it"
              .formatted(directory.resolve(FileNames.Kind.WAL.name(damaged)), path.getFileName()));
    }
  }
}
