package org.ferrisdb.benchmarks.storage;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.benchmarks.cluster.Machine;
import org.ferrisdb.benchmarks.cluster.Range;

/**
 * All that a storage race found, {@code results.json}.
 *
 * @param schema {@link #SCHEMA}
 * @param command how to repeat it
 * @param machine where
 * @param records of the data set
 * @param valueBytes of each
 * @param seconds of a workload that has no end of its own
 * @param jvm the options of every contestant's JVM
 * @param runs in the order in which they were run
 */
record Results(
    String schema,
    String command,
    Machine machine,
    int records,
    int valueBytes,
    double seconds,
    List<String> jvm,
    List<Run> runs) {
  static final String SCHEMA = "ferrisdb-storage-race/1";

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /**
   * One contestant's turn.
   *
   * @param contestant its id
   * @param repetition from 1
   * @param failure why it ended early; empty if it did not
   * @param measurements in the order of the workloads
   */
  record Run(String contestant, int repetition, String failure, List<Measurement> measurements) {
    Optional<Measurement> of(Workload workload) {
      return measurements.stream().filter(m -> m.workload().equals(workload.id())).findFirst();
    }
  }

  void write(Path file) throws IOException {
    Files.writeString(file, GSON.toJson(this) + "\n");
  }

  /** A figure of a contestant over the repetitions. */
  Optional<Range> figure(
      Contestant contestant, Workload workload, ToDoubleFunction<Measurement> what) {
    return Range.of(
        runs.stream()
            .filter(r -> r.contestant().equals(contestant.id()))
            .flatMap(r -> r.of(workload).stream())
            .map(what::applyAsDouble)
            .toList());
  }

  /** The other's figure divided by ours, repetition by repetition: above 1 ours is smaller. */
  Optional<Range> ratio(
      Contestant ours, Contestant other, Workload workload, ToDoubleFunction<Measurement> what) {
    List<Double> ratios = new ArrayList<>();
    for (Run run : runs) {
      if (!run.contestant().equals(ours.id())) {
        continue;
      }
      Optional<Measurement> theirs =
          runs.stream()
              .filter(r -> r.contestant().equals(other.id()))
              .filter(r -> r.repetition() == run.repetition())
              .flatMap(r -> r.of(workload).stream())
              .findFirst();
      Optional<Measurement> own = run.of(workload);
      if (own.isPresent() && theirs.isPresent() && what.applyAsDouble(own.get()) > 0) {
        ratios.add(what.applyAsDouble(theirs.get()) / what.applyAsDouble(own.get()));
      }
    }
    return Range.of(ratios);
  }
}
