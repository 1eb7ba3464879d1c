package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * Copies an engine without copying: tables and value files never change, so a second name for each
 * of them and a manifest of its own make a complete engine. It is made in a directory beside its
 * target, and gets its name when all in it is durable: so a directory of that name is complete,
 * whenever the power fails. (Were it made in its place, one whose links were lost would pass for a
 * new engine.)
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
    Path unfinished = unfinished(target);
    Pinned pinned = versions.withStableState(state -> new Pinned(state, tree.retainTables()));
    boolean keep = false;
    try {
      deleteEarlier(unfinished);
      Recovery.createDurably(files, unfinished);
      List<CheckpointFile> result = copy(pinned, range, unfinished);
      renameDurably(unfinished, target);
      keep = true;
      return new Checkpoint(target, pinned.state().position(), result);
    } catch (NameInDoubt e) {
      keep = true; // it may have the name of a checkpoint after a power loss
      throw e;
    } finally {
      pinned.view().release();
      if (!keep) {
        deleteQuietly(unfinished);
      }
    }
  }

  private void renameDurably(Path unfinished, Path target) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    files.rename(unfinished, target);
    if (directory != null) {
      try {
        files.syncDirectory(directory);
      } catch (IOException e) {
        // Nobody knows which name a crash leaves. It loses its files only when it surely has the
        // one that nobody takes for a checkpoint.
        takeNameBack(unfinished, target, directory, e);
        throw e;
      }
    }
  }

  private void takeNameBack(Path unfinished, Path target, Path directory, IOException cause)
      throws NameInDoubt {
    try {
      files.rename(target, unfinished);
      files.syncDirectory(directory);
    } catch (IOException again) {
      throw new NameInDoubt(cause);
    }
  }

  /** It has all its files, and one name or the other after a power loss. */
  private static final class NameInDoubt extends IOException {
    private static final long serialVersionUID = 1L;

    NameInDoubt(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** What an attempt before has left, once it surely has the name that nobody takes for a copy. */
  private void deleteEarlier(Path unfinished) throws IOException {
    Path directory = unfinished.toAbsolutePath().getParent();
    if (files.exists(unfinished) && directory != null) {
      files.syncDirectory(directory);
      deleteTree(unfinished);
    }
  }

  /** Where a checkpoint is made that will be at the target. */
  static Path unfinished(Path target) {
    return target.resolveSibling(target.getFileName() + FileNames.UNFINISHED);
  }

  private void deleteTree(Path tree) throws IOException {
    if (files.exists(tree)) {
      for (String name : files.list(tree)) {
        files.delete(tree.resolve(name));
      }
      files.delete(tree);
    }
  }

  /** What is left of a failed attempt, which surely has not the target's name. */
  private void deleteQuietly(Path tree) {
    try {
      deleteTree(tree);
    } catch (IOException e) {
      // It costs space and no more; the next attempt deletes it.
    }
  }

  private List<CheckpointFile> copy(Pinned pinned, KeyRange range, Path target) throws IOException {
    List<CheckpointFile> result = new ArrayList<>();
    List<List<TableMetadata>> levels = new ArrayList<>();
    Map<Long, Long> values = new TreeMap<>(); // value file: its length
    for (int level = 0; level < Version.LEVELS; level++) {
      List<TableMetadata> tables = new ArrayList<>();
      for (TableHandle handle : pinned.view().level(level)) {
        TableMetadata table = handle.metadata();
        if (!new KeyRange(table.smallest(), table.end()).and(range).isEmpty()) {
          String name = FileNames.Kind.TABLE.name(table.number());
          files.link(directory.resolve(name), target.resolve(name));
          result.add(new CheckpointFile(name, table.length()));
          tables.add(handle.narrowed(range, table.number()));
          table.properties().values().forEach(use -> values.put(use.file(), use.length()));
        }
      }
      levels.add(List.copyOf(tables));
    }
    for (Map.Entry<Long, Long> file : values.entrySet()) {
      String name = FileNames.Kind.VALUES.name(file.getKey());
      files.link(directory.resolve(name), target.resolve(name));
      result.add(new CheckpointFile(name, file.getValue()));
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
    Manifest.create(files, target, number, copied).close();
    for (String name : List.of(manifest, FileNames.CURRENT)) {
      try (FileSystem.ReadableFile file = files.open(target.resolve(name))) {
        result.add(new CheckpointFile(name, file.size()));
      }
    }
    return List.copyOf(result);
  }
}
