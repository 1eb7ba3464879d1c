package org.ferrisdb.benchmarks.cluster;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that a race found, {@code results.json}:
 *
 * <pre>{@code
 * {
 *   "schema": "ferrisdb-race/1",
 *   "command": "./ferris race --reps 3",
 *   "machine": { "cores": 2, "cpu": "...", ... },          see Machine
 *   "settings": { "cells": [...], "seconds": 10, ... },    see RaceSettings
 *   "contestants": [ { "name": "etcd", "title": "etcd", "settings": "..." } ],
 *   "leftOut": [ "etcd is left out: ..." ],
 *   "runs": [
 *     { "contestant": "etcd", "repetition": 1, "beganMillis": 1764072000000, "fsyncsPerSecond": 9800.0,
 *       "residentMb": 812, "failure": "", "cells": [ { "cell": "put-16", "opsPerSecond": 2516.0, ... } ] }
 *   ]                                                      see CellResult
 * }
 * }</pre>
 *
 * <p>Times end in Millis or Micros; CPU is for one operation. A reader ignores what it does not
 * know; a change that it could not ignore raises the number in {@code schema}.
 *
 * @param schema {@link #SCHEMA}
 * @param command how to repeat it
 * @param machine where
 * @param settings what was asked for
 * @param contestants who took part
 * @param leftOut why others did not
 * @param runs in the order in which they were run
 */
record Results(
    String schema,
    String command,
    Machine machine,
    RaceSettings settings,
    List<Entrant> contestants,
    List<String> leftOut,
    List<Run> runs) {
  static final String SCHEMA = "ferrisdb-race/1";

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /**
   * Who took part.
   *
   * @param name on the command line
   * @param title for people
   * @param settings version and what matters of how it was set up
   */
  record Entrant(String name, String title, String settings) {}

  /**
   * A contestant's turn.
   *
   * @param contestant its name
   * @param repetition from 1
   * @param beganMillis milliseconds since 1970
   * @param fsyncsPerSecond what the disk did just before, see {@link FsyncProbe}
   * @param residentMb memory of all its servers at the end of the run
   * @param failure why it ended early; empty if it did not
   * @param cells what was measured
   */
  record Run(
      String contestant,
      int repetition,
      long beganMillis,
      double fsyncsPerSecond,
      long residentMb,
      String failure,
      List<CellResult> cells) {
    Optional<CellResult> cell(String name) {
      return cells.stream().filter(c -> c.cell().equals(name)).findAny();
    }
  }

  static Path file(Path dir) {
    return dir.resolve("results.json");
  }

  /**
   * Reads those of a directory.
   *
   * @return empty if it has none
   * @throws RaceException if they can not be read
   */
  static Optional<Results> read(Path dir) {
    Path file = file(dir);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Results results = GSON.fromJson(Files.readString(file), Results.class);
      if (results == null || !SCHEMA.equals(results.schema())) {
        throw new RaceException(file + " is not of " + SCHEMA, "name another directory with --out");
      }
      return Optional.of(results);
    } catch (IOException | JsonParseException e) {
      throw new RaceException(
          file + " can not be read: " + e.getMessage(), "name another directory with --out", e);
    }
  }

  /** Writes them, in whole or not at all. */
  void write(Path dir) {
    try {
      Files.createDirectories(dir);
      Path temporary = dir.resolve("results.json.new");
      Files.writeString(temporary, GSON.toJson(this) + "\n", StandardCharsets.UTF_8);
      Files.move(temporary, file(dir), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same with one more run, which takes the place of a failed one. */
  Results with(Run run) {
    List<Run> more = new ArrayList<>(runs);
    more.removeIf(
        r -> r.contestant().equals(run.contestant()) && r.repetition() == run.repetition());
    more.add(run);
    return new Results(schema, command, machine, settings, contestants, leftOut, List.copyOf(more));
  }

  /** Whether this run is done, and well. */
  boolean has(String contestant, int repetition) {
    return runs.stream()
        .anyMatch(r ->
            r.contestant().equals(contestant)
                && r.repetition() == repetition
                && r.failure().isEmpty());
  }

  /** A run's result in a cell, if there is one without errors that outweigh it. */
  Optional<CellResult> cell(String contestant, int repetition, String cell) {
    return runs.stream()
        .filter(r -> r.contestant().equals(contestant) && r.repetition() == repetition)
        .findAny()
        .flatMap(r -> r.cell(cell));
  }
}
