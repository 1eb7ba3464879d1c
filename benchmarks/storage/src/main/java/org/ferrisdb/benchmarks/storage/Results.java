package org.ferrisdb.benchmarks.storage;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.ferrisdb.benchmarks.cluster.Machine;

/**
 * All that a storage race found, {@code results.json}.
 *
 * @param schema {@link #SCHEMA}
 * @param command how to repeat it
 * @param machine where
 * @param seconds of a workload that has no end of its own
 * @param sets what was raced on, in the order in which it was done
 */
record Results(String schema, String command, Machine machine, double seconds, List<DataSet> sets) {
  static final String SCHEMA = "ferrisdb-storage-race/2";

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  void write(Path file) throws IOException {
    Files.writeString(file, GSON.toJson(this) + "\n");
  }

  /** Of a file; empty if it is of another schema, an older one for instance. */
  static Optional<Results> read(Path file) throws IOException {
    try {
      JsonObject json = GSON.fromJson(Files.readString(file), JsonObject.class);
      boolean known =
          json != null && json.has("schema") && SCHEMA.equals(json.get("schema").getAsString());
      return known ? Optional.of(GSON.fromJson(json, Results.class)) : Optional.empty();
    } catch (JsonParseException | UnsupportedOperationException e) {
      throw new IOException(file + ": is no results of a race: " + e.getMessage(), e);
    }
  }
}
