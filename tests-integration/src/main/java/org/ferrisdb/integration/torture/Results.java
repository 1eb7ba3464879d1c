package org.ferrisdb.integration.torture;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All of a run so far; results.json.
 *
 * @param schema of this file
 * @param settings of the run
 * @param leftOut what the run could not or did not take in, one line each
 * @param cells those that are done, in the order in which they were run
 */
record Results(int schema, TortureSettings settings, List<String> leftOut, List<CellResult> cells) {
  static final int SCHEMA = 1;

  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  Results {
    leftOut = List.copyOf(leftOut);
    cells = List.copyOf(cells);
  }

  static Results begin(TortureSettings settings, List<String> leftOut) {
    return new Results(SCHEMA, settings, leftOut, List.of());
  }

  /** With one cell more. */
  Results with(CellResult cell) {
    List<CellResult> more = new ArrayList<>(cells);
    more.add(cell);
    return new Results(schema, settings, leftOut, more);
  }

  /** The cells still to be run, in order. */
  List<Cell> missing() {
    List<Cell> missing = new ArrayList<>(settings.cells());
    cells.forEach(c -> missing.remove(c.cell()));
    return missing;
  }

  /** Whether every cell that was run is right, and at least one was. */
  boolean right() {
    return cells.stream().anyMatch(CellResult::wasRun)
        && cells.stream().filter(CellResult::wasRun).allMatch(CellResult::right);
  }

  static Path file(Path directory) {
    return directory.resolve("results.json");
  }

  /**
   * Those of a directory; nothing if it has none.
   *
   * @throws TortureException if the file is not one of this version
   */
  static Optional<Results> read(Path directory) throws IOException {
    Path file = file(directory);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Results read = GSON.fromJson(Files.readString(file, StandardCharsets.UTF_8), Results.class);
      if (read != null && read.schema == SCHEMA) {
        return Optional.of(read);
      }
    } catch (RuntimeException e) { // also what the records' constructors think of it
      throw new TortureException(
          file
              + " can not be read: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          "name another directory, or delete it");
    }
    throw new TortureException(
        file + " is not of this version", "name another directory, or delete it");
  }

  /** Replaces the file, so that a crash leaves the old or the new one. */
  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path fresh = directory.resolve("results.json.new");
    Files.writeString(fresh, GSON.toJson(this) + "\n", StandardCharsets.UTF_8);
    Files.move(fresh, file(directory), StandardCopyOption.REPLACE_EXISTING);
  }
}
