package org.ferrisdb.benchmarks.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.benchmarks.cluster.Results.Entrant;

/** What the runs say together. Pure. */
final class Summary {
  private final Results results;

  Summary(Results results) {
    this.results = results;
  }

  /** FerrisDB first, then the peers in the order of the results. */
  List<Entrant> contestants() {
    List<Entrant> sorted = new ArrayList<>(results.contestants());
    sorted.sort((a, b) -> Boolean.compare(isFerris(b), isFerris(a)));
    return sorted;
  }

  List<Entrant> peers() {
    return contestants().stream().filter(c -> !isFerris(c)).toList();
  }

  private static boolean isFerris(Entrant entrant) {
    return entrant.name().equals(FerrisContestant.NAME);
  }

  List<String> cells() {
    return results.settings().cells().stream().map(Cell::name).toList();
  }

  /** A figure of a contestant in a cell over its repetitions; empty without a measurement. */
  Optional<Range> figure(String contestant, String cell, ToDoubleFunction<CellResult> what) {
    List<Double> values = new ArrayList<>();
    for (int r = 1; r <= results.settings().repetitions(); r++) {
      results.cell(contestant, r, cell).map(what::applyAsDouble).ifPresent(values::add);
    }
    return Range.of(values);
  }

  Optional<Range> throughput(String contestant, String cell) {
    return figure(contestant, cell, CellResult::opsPerSecond);
  }

  /**
   * FerrisDB's throughput divided by the peer's, repetition by repetition: above 1, FerrisDB is
   * faster.
   */
  Optional<Range> ratio(String peer, String cell) {
    List<Double> ratios = new ArrayList<>();
    for (int r = 1; r <= results.settings().repetitions(); r++) {
      Optional<CellResult> ours = results.cell(FerrisContestant.NAME, r, cell);
      Optional<CellResult> theirs = results.cell(peer, r, cell);
      if (ours.isPresent() && theirs.isPresent() && theirs.get().opsPerSecond() > 0) {
        ratios.add(ours.get().opsPerSecond() / theirs.get().opsPerSecond());
      }
    }
    return Range.of(ratios);
  }

  /** The peer with the highest median throughput in a cell. */
  Optional<Entrant> bestPeer(String cell) {
    Optional<Entrant> best = Optional.empty();
    double most = -1;
    for (Entrant peer : peers()) {
      double median = throughput(peer.name(), cell).map(Range::median).orElse(-1.0);
      if (median > most) {
        most = median;
        best = Optional.of(peer);
      }
    }
    return best;
  }

  /** Operations that failed, of a contestant in a cell, all repetitions together. */
  long errors(String contestant, String cell) {
    return results.runs().stream()
        .filter(r -> r.contestant().equals(contestant))
        .flatMap(r -> r.cell(cell).stream())
        .mapToLong(CellResult::errors)
        .sum();
  }

  Results results() {
    return results;
  }
}
