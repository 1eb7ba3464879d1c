package org.ferrisdb.benchmarks.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.benchmarks.cluster.Range;

/**
 * What was found on one set of records.
 *
 * @param profile its id; {@link #CUSTOM} if it has none
 * @param records how many
 * @param valueBytes of each
 * @param jvm the options of every contestant's JVM
 * @param runs in the order in which they were run
 */
record DataSet(String profile, int records, int valueBytes, List<String> jvm, List<Run> runs) {
  static final String CUSTOM = "custom";

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

    /** The longest time that any write took, microseconds. */
    Optional<Double> longestWrite() {
      return measurements.stream()
          .filter(m -> m.userMb() > 0)
          .map(Measurement::max)
          .max(Double::compare);
    }
  }

  Data data() {
    return new Data(records, valueBytes);
  }

  /** "2,000,000 records of 100 B". */
  String title() {
    String size = valueBytes % 1024 == 0 ? valueBytes / 1024 + " KiB" : valueBytes + " B";
    return String.format(Locale.ROOT, "%,d records of %s", records, size);
  }

  /** Who took part, in the order of the columns. */
  List<Contestant> contestants() {
    return Arrays.stream(Contestant.values())
        .filter(c -> runs.stream().anyMatch(r -> r.contestant().equals(c.id())))
        .toList();
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

  /** The longest write of each repetition, microseconds. */
  Optional<Range> longestWrite(Contestant contestant) {
    return Range.of(
        runs.stream()
            .filter(r -> r.contestant().equals(contestant.id()))
            .flatMap(r -> r.longestWrite().stream())
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
