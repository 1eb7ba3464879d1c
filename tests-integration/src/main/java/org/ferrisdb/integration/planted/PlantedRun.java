package org.ferrisdb.integration.planted;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.ferrisdb.integration.torture.TortureCommand;
import org.jspecify.annotations.Nullable;

/** Plants one bug into a cluster of its own, tortures that, and looks at the verdict. */
final class PlantedRun implements AutoCloseable {
  /** Starting, healing and judging, beyond the load. */
  private static final long SLACK_SECONDS = 300;

  private final Path root;
  private final Path out;
  private final LongSupplier nanoTime;
  private volatile @Nullable Process torture;

  /**
   * Makes one.
   *
   * @param root of the repository
   * @param out for classes, histories and logs
   */
  PlantedRun(Path root, Path out, LongSupplier nanoTime) {
    this.root = root;
    this.out = out;
    this.nanoTime = nanoTime;
  }

  /**
   * Tries with one seed after the other until the bug is found.
   *
   * @param most this many
   */
  Detection find(PlantedBug bug, long firstSeed, int most)
      throws IOException, InterruptedException {
    Path dir = out.resolve(bug.name());
    Path classes = Files.createDirectories(dir.resolve("classes"));
    String classPath = System.getProperty("java.class.path");
    bug.mutant().compile(root, classes, classPath);
    long began = nanoTime.getAsLong();
    for (int attempt = 1; attempt <= most; attempt++) {
      long seed = firstSeed + attempt - 1;
      Path results = dir.resolve("seed-" + seed);
      int status = torture(bug, seed, classes + File.pathSeparator + classPath, results);
      Optional<String> wrong = wrong(results);
      long seconds = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - began);
      if (wrong.isPresent()) {
        return new Detection(bug, true, attempt, seconds, wrong.get());
      }
      if (status != 0) {
        return new Detection(
            bug, false, attempt, seconds, "the run ended with status " + status + ", see " + dir);
      }
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - began);
    return new Detection(bug, false, most, seconds, "every verdict was right");
  }

  private int torture(PlantedBug bug, long seed, String classPath, Path results)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of("-cp", classPath, TortureCommand.class.getName(), root.toString()));
    command.addAll(List.of("--workload", bug.workload(), "--faults", bug.fault()));
    command.addAll(List.of("--seconds", Integer.toString(bug.seconds())));
    command.addAll(List.of("--seed", Long.toString(seed), "--out", results.toString()));
    Path log = results.resolveSibling(results.getFileName() + ".txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    torture = process;
    try {
      if (!process.waitFor(bug.seconds() + SLACK_SECONDS, TimeUnit.SECONDS)) {
        process.destroy(); // an orderly end: its nodes end with it
        process.waitFor();
        return -1;
      }
      return process.exitValue();
    } finally {
      torture = null;
    }
  }

  /** The first thing that the harness found wrong. */
  private static Optional<String> wrong(Path results) throws IOException {
    Path file = results.resolve("results.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonObject all = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    for (JsonElement cell : all.getAsJsonArray("cells")) {
      JsonObject c = cell.getAsJsonObject();
      for (JsonElement workload : c.getAsJsonArray("workloads")) {
        JsonObject w = workload.getAsJsonObject();
        if (w.get("verdict").getAsString().equals("WRONG")) {
          return Optional.of(first(w, "violations"));
        }
      }
      if (!c.getAsJsonArray("problems").isEmpty()) {
        return Optional.of(first(c, "problems"));
      }
    }
    return Optional.empty();
  }

  private static String first(JsonObject of, String list) {
    return of.getAsJsonArray(list).get(0).getAsString();
  }

  /** Ends what runs. Any thread. */
  @Override
  public void close() {
    Process now = torture;
    if (now != null) {
      now.destroy();
    }
  }
}
