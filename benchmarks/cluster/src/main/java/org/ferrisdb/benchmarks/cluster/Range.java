package org.ferrisdb.benchmarks.cluster;

import java.util.List;
import java.util.Optional;

/**
 * Several measurements of one thing.
 *
 * @param count how many
 * @param median the middle one, or the mean of the two in the middle
 * @param least the smallest
 * @param most the largest
 */
public record Range(int count, double median, double least, double most) {
  /** Of these; empty if there are none. */
  public static Optional<Range> of(List<Double> values) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    return Optional.of(new Range(n, median, sorted.getFirst(), sorted.getLast()));
  }
}
