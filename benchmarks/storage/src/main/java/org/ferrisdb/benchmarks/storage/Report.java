package org.ferrisdb.benchmarks.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.benchmarks.cluster.Range;

/** A storage race as tables, for the terminal and as Markdown. Pure. */
final class Report {
  private static final String NONE = "-";

  private final Results results;
  private final List<Contestant> contestants;

  Report(Results results) {
    this.results = results;
    this.contestants =
        List.of(Contestant.values()).stream()
            .filter(c -> results.runs().stream().anyMatch(r -> r.contestant().equals(c.id())))
            .toList();
  }

  /** With columns aligned. */
  String terminal() {
    List<List<String>> rows = rows();
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    rows.forEach(row -> {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    });
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.append('\n').append(legend()).append('\n').toString();
  }

  String markdown() {
    StringBuilder out = new StringBuilder();
    out.append('`').append(results.command()).append("`\n\n");
    out.append(
        String.format(
            Locale.ROOT,
            "%s. %,d records, keys of %d B, values of %,d B. JVM: `%s`.%n%n",
            results.machine().line(),
            results.records(),
            Data.KEY_BYTES,
            results.valueBytes(),
            String.join(" ", results.jvm())));
    List<List<String>> rows = rows();
    for (int i = 0; i < rows.size(); i++) {
      out.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
      if (i == 0) {
        out.append("|---").append("|---:".repeat(rows.getFirst().size() - 1)).append("|\n");
      }
    }
    return out.append('\n').append(legend()).append('\n').toString();
  }

  private static String legend() {
    return "Each cell: operations a second; p50 and p99.99 in microseconds; CPU of the process for"
        + " an operation, microseconds. Medians of the repetitions. vs: RocksDB's CPU, and its p50,"
        + " divided by FerrisDB's, median (least to most): above 1 FerrisDB takes less.";
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("workload"));
    contestants.forEach(c -> head.add(c.title()));
    head.add("CPU vs RocksDB");
    head.add("p50 vs RocksDB");
    rows.add(head);
    for (Workload workload : Workload.values()) {
      List<String> row = new ArrayList<>(List.of(workload.id()));
      contestants.forEach(c -> row.add(cell(c, workload)));
      row.add(ratio(workload, Measurement::cpuMicros));
      row.add(ratio(workload, Measurement::p50));
      if (row.stream().skip(1).anyMatch(c -> !c.equals(NONE))) {
        rows.add(row);
      }
    }
    rows.add(space());
    return rows;
  }

  private String cell(Contestant contestant, Workload workload) {
    Optional<Range> rate = results.figure(contestant, workload, Measurement::perSecond);
    if (rate.isEmpty()) {
      return NONE;
    }
    return String.format(
        Locale.ROOT,
        "%,.0f/s %s %s CPU %s",
        rate.get().median(),
        micros(results.figure(contestant, workload, Measurement::p50)),
        micros(results.figure(contestant, workload, Measurement::p9999)),
        micros(results.figure(contestant, workload, Measurement::cpuMicros)));
  }

  private static String micros(Optional<Range> range) {
    double value = range.map(Range::median).orElse(0.0);
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%,.0f", value);
  }

  private String ratio(Workload workload, ToDoubleFunction<Measurement> what) {
    return results
        .ratio(Contestant.FERRIS, Contestant.ROCKSDB, workload, what)
        .map(
            r -> String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", r.median(), r.least(), r.most()))
        .orElse(NONE);
  }

  /** After the full compaction, or where there is none, after what came before. */
  private List<String> space() {
    List<String> row = new ArrayList<>(List.of("space"));
    for (Contestant contestant : contestants) {
      row.add(
          results
              .figure(contestant, Workload.COMPACT, Measurement::spaceMb)
              .or(() -> results.figure(contestant, Workload.FILLRANDOM, Measurement::spaceMb))
              .map(r -> String.format(Locale.ROOT, "%,.0f MB", r.median()))
              .orElse(NONE));
    }
    row.add(
        results
            .ratio(Contestant.FERRIS, Contestant.ROCKSDB, Workload.COMPACT, Measurement::spaceMb)
            .map(r -> String.format(Locale.ROOT, "%.2f", r.median()))
            .orElse(NONE));
    row.add(NONE);
    return row;
  }
}
