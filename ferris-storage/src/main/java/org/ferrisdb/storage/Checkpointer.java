package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.StorageEngine.Checkpoint;
import org.ferrisdb.storage.StorageEngine.CheckpointFile;
import org.ferrisdb.storage.cache.TableHandle;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;

/**
 * Copies an engine without copying: tables never change, so a second name for each of them and a
 * manifest of its own make a complete engine. CURRENT comes last; a copy that was cut short by a
 * crash does not open.
 */
final class Checkpointer {
  private final FileSystem files;
  private final Path directory;
  private final VersionSet versions;
  private final Tree tree;

  Checkpointer(FileSystem files, Path directory, VersionSet versions, Tree tree) {
    this.files = files;
    this.directory = directory;
    this.versions = versions;
    this.tree = tree;
  }

  /** A state and the hold on its tables. */
  private record Pinned(DurableState state, TableView view) {}

  /** Makes the copy of what of the range is durable now. */
  Checkpoint create(Path target, KeyRange range) throws IOException {
    if (files.exists(target)) {
      throw new StorageException.Refused(target + ": exists; a checkpoint needs a new directory");
    }
    Pinned pinned = versions.withStableState(state -> new Pinned(state, tree.retainTables()));
    List<Path> made = new ArrayList<>();
    boolean complete = false;
    try {
      made.add(target); // first: it may be made, and its name then fail to become durable
      Recovery.createDurably(files, target);
      List<CheckpointFile> result = copy(pinned, range, target, made);
      complete = true;
      return new Checkpoint(target, pinned.state().position(), result);
    } finally {
      pinned.view().release();
      if (!complete) {
        made.reversed().forEach(versions::deleteQuietly);
      }
    }
  }

  private List<CheckpointFile> copy(Pinned pinned, KeyRange range, Path target, List<Path> made)
      throws IOException {
    List<CheckpointFile> result = new ArrayList<>();
    List<List<TableMetadata>> levels = new ArrayList<>();
    for (int level = 0; level < Version.LEVELS; level++) {
      List<TableMetadata> tables = new ArrayList<>();
      for (TableHandle handle : pinned.view().level(level)) {
        TableMetadata table = handle.metadata();
        if (!new KeyRange(table.smallest(), table.end()).and(range).isEmpty()) {
          String name = FileNames.Kind.TABLE.name(table.number());
          files.link(directory.resolve(name), target.resolve(name));
          made.add(target.resolve(name));
          result.add(new CheckpointFile(name, table.length()));
          tables.add(handle.narrowed(range, table.number()));
        }
      }
      levels.add(List.copyOf(tables));
    }
    DurableState state = pinned.state();
    long number = state.nextFileNumber();
    DurableState copied =
        new DurableState(
            new Version(List.copyOf(levels)),
            number + 1,
            number + 1,
            state.position(),
            state.garbageFloor());
    String manifest = FileNames.Kind.MANIFEST.name(number);
    made.add(target.resolve(manifest));
    made.add(target.resolve(FileNames.CURRENT_TEMPORARY));
    made.add(target.resolve(FileNames.CURRENT));
    Manifest.create(files, target, number, copied).close();
    for (String name : List.of(manifest, FileNames.CURRENT)) {
      try (FileSystem.ReadableFile file = files.open(target.resolve(name))) {
        result.add(new CheckpointFile(name, file.size()));
      }
    }
    return List.copyOf(result);
  }
}
