package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.ferrisdb.storage.compaction.CompactionPicker;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;

/**
 * Takes ready tables into an engine: verified, linked under names of its own, and put where nothing
 * is above them that they should be above of.
 */
final class Ingestion {
  private static final int COPY_BYTES = 1 << 20;

  private final FileSystem files;
  private final Path directory;
  private final LongSupplier numbers;

  Ingestion(FileSystem files, Path directory, LongSupplier numbers) {
    this.files = files;
    this.directory = directory;
    this.numbers = numbers;
  }

  /** A verified table outside the engine. */
  record Candidate(Path file, TableMetadata metadata) {}

  /** Reads every byte of the files; in the order of their keys, which must not overlap. */
  List<Candidate> verify(List<Path> tables) throws IOException {
    List<Candidate> result = new ArrayList<>();
    for (Path file : tables) {
      if (!files.exists(file)) {
        throw new StorageException.Refused(file + ": does not exist; name a table that does");
      }
      TableMetadata table = Verification.readTable(files, file, 0);
      if (!table.properties().values().isEmpty()) {
        throw new StorageException.Refused(
            file + ": its values lie in an engine's value files; ingest tables of a TableBuilder");
      }
      result.add(new Candidate(file, table));
    }
    result.sort(
        Comparator.comparing(table -> table.metadata().smallest(), Arrays::compareUnsigned));
    for (int i = 1; i < result.size(); i++) {
      TableMetadata before = result.get(i - 1).metadata();
      if (Arrays.compareUnsigned(before.end(), result.get(i).metadata().smallest()) > 0) {
        throw new StorageException.Refused(
            result.get(i - 1).file()
                + " and "
                + result.get(i).file()
                + ": their keys overlap; tables that are ingested together must not");
      }
    }
    return result;
  }

  /**
   * Gives the tables names in the engine's directory; the change is still to be committed.
   *
   * @param sorted whether a place in a sorted level may be chosen: no compaction is under way
   */
  TableChange prepare(List<Candidate> tables, Version version, boolean sorted) throws IOException {
    List<VersionEdit.Added> added = new ArrayList<>();
    List<Path> made = new ArrayList<>();
    boolean complete = false;
    try {
      for (Candidate table : tables) {
        long number = numbers.getAsLong();
        Path name = directory.resolve(FileNames.Kind.TABLE.name(number));
        made.add(name);
        linkOrCopy(table.file(), name);
        files.syncFile(name); // whoever wrote the table may not have
        TableMetadata metadata =
            new TableMetadata(number, table.metadata().length(), table.metadata().properties());
        added.add(new VersionEdit.Added(sorted ? level(version, metadata) : 0, metadata));
      }
      files.syncDirectory(directory);
      complete = true;
      return new TableChange(List.of(), added);
    } finally {
      if (!complete) {
        made.forEach(this::deleteQuietly);
      }
    }
  }

  /** The deepest level in use such that nothing in it or above it overlaps the table. */
  static int level(Version version, TableMetadata table) {
    int level = -1;
    int last = Math.max(1, CompactionPicker.deepest(version));
    while (level < last
        && version.overlapping(level + 1, table.smallest(), table.end()).isEmpty()) {
      level++;
    }
    return Math.max(0, level);
  }

  private void linkOrCopy(Path from, Path to) throws IOException {
    try {
      files.link(from, to);
    } catch (IOException e) { // another file system, or one without links
      copy(from, to);
    }
  }

  private void copy(Path from, Path to) throws IOException {
    try (FileSystem.ReadableFile source = files.open(from);
        FileSystem.WritableFile target = files.create(to)) {
      ByteBuffer piece = ByteBuffer.allocate(COPY_BYTES);
      long at = 0;
      for (int read = source.read(piece, at); read > 0; read = source.read(piece, at)) {
        target.append(piece.flip());
        at += read;
        piece.clear();
      }
    }
  }

  private void deleteQuietly(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      // No edit names it, so the next open removes it.
    }
  }
}
