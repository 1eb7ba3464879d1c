package org.ferrisdb.benchmarks.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.ferrisdb.benchmarks.cluster.Results.Entrant;

/** A race as tables: for the terminal and as Markdown. Pure. */
final class Report {
  private static final String NONE = "-";

  private final Summary summary;

  Report(Summary summary) {
    this.summary = summary;
  }

  /** Throughput and ratios, columns aligned. */
  String terminal() {
    List<List<String>> rows = throughputRows(false);
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    out.append("\nops/s, median of the repetitions; vs: FerrisDB divided by the peer, median");
    out.append(" (least to most)\n");
    return out.toString();
  }

  /** All tables, with how they came about. */
  String markdown() {
    Results results = summary.results();
    StringBuilder out = new StringBuilder();
    out.append("`").append(results.command()).append("`\n\n");
    for (Entrant c : summary.contestants()) {
      out.append("- ").append(c.title()).append(": ").append(c.settings()).append(".\n");
    }
    results.leftOut().forEach(l -> out.append("- ").append(l).append(".\n"));
    out.append("- ").append(conditions(results)).append('\n');
    out.append("\n### Throughput, ops/s\n\n");
    table(out, throughputRows(true));
    out.append("\nMedian of the repetitions (least to most); \"vs\" is FerrisDB divided by the");
    out.append(" peer within a repetition, above 1 FerrisDB is faster.\n");
    out.append("\n### Latency, ms: p50 / p99 / p99.9\n\n");
    table(out, rows(this::latency));
    out.append("\n### CPU for one operation, microseconds: servers + client\n\n");
    table(out, rows(this::cpu));
    out.append("\nAll servers together; in brackets what the JVM's compilers took of the first.\n");
    return out.toString();
  }

  private static String conditions(Results results) {
    RaceSettings s = results.settings();
    String disk =
        Range.of(results.runs().stream().map(Results.Run::fsyncsPerSecond).toList())
            .map(r ->
                String.format(
                    Locale.ROOT,
                    " Append of 128 B and fdatasync, before each run: %,.0f/s (%,.0f to %,.0f).",
                    r.median(),
                    r.least(),
                    r.most()))
            .orElse("");
    List<Double> othersByCell =
        results.runs().stream()
            .flatMap(r -> r.cells().stream().map(CellResult::othersCpuPercent))
            .toList();
    String others =
        Range.of(othersByCell)
            .map(r ->
                String.format(
                    Locale.ROOT,
                    " Everything else on the machine took %.0f %% of its CPU (%.0f to %.0f).",
                    r.median(),
                    r.least(),
                    r.most()))
            .orElse("");
    return String.format(
        Locale.ROOT,
        "%s. Three servers each and one driver on this machine; %,d keys, values of %,d B; %d"
            + " repetitions in turns, each on a fresh cluster: %d s of warm-up over all cells, then"
            + " each cell %d s and measured for %d s.%s%s",
        results.machine().line(),
        s.keys(),
        s.valueBytes(),
        s.repetitions(),
        s.warmupSeconds(),
        s.cellWarmupSeconds(),
        s.seconds(),
        disk,
        others);
  }

  private List<List<String>> throughputRows(boolean ranges) {
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("cell"));
    summary.contestants().forEach(c -> header.add(c.title()));
    summary.peers().forEach(p -> header.add("vs " + p.title()));
    rows.add(header);
    for (String cell : summary.cells()) {
      List<String> row = new ArrayList<>(List.of(cell));
      for (Entrant c : summary.contestants()) {
        row.add(throughput(c, cell, ranges));
      }
      for (Entrant p : summary.peers()) {
        row.add(summary.ratio(p.name(), cell).map(Report::ratio).orElse(NONE));
      }
      rows.add(row);
    }
    return rows;
  }

  private String throughput(Entrant c, String cell, boolean ranges) {
    Optional<Range> range = summary.throughput(c.name(), cell);
    String text =
        range.map(r -> ranges && r.count() > 1 ? thousands(r) : thousand(r.median())).orElse(NONE);
    long errors = summary.errors(c.name(), cell);
    return errors == 0 ? text : text + ", " + errors + " errors";
  }

  private static String thousand(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String thousands(Range r) {
    return thousand(r.median()) + " (" + thousand(r.least()) + " to " + thousand(r.most()) + ")";
  }

  static String ratio(Range r) {
    String median = ratio(r.median());
    return r.count() == 1
        ? median
        : median + " (" + ratio(r.least()) + " to " + ratio(r.most()) + ")";
  }

  private static String ratio(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
  }

  private interface CellText {
    String of(Entrant contestant, String cell);
  }

  private List<List<String>> rows(CellText text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("cell"));
    summary.contestants().forEach(c -> header.add(c.title()));
    rows.add(header);
    for (String cell : summary.cells()) {
      List<String> row = new ArrayList<>(List.of(cell));
      summary.contestants().forEach(c -> row.add(text.of(c, cell)));
      rows.add(row);
    }
    return rows;
  }

  private String latency(Entrant c, String cell) {
    return median(c, cell, CellResult::p50Millis, "%.2f")
        .map(p50 ->
            p50
                + " / "
                + median(c, cell, CellResult::p99Millis, "%.1f").orElse(NONE)
                + " / "
                + median(c, cell, CellResult::p999Millis, "%.1f").orElse(NONE))
        .orElse(NONE);
  }

  private String cpu(Entrant c, String cell) {
    Optional<String> servers = median(c, cell, CellResult::serverCpuMicros, "%.0f");
    Optional<String> client = median(c, cell, CellResult::clientCpuMicros, "%.0f");
    String compilers =
        summary
            .figure(c.name(), cell, CellResult::compilerCpuMicros)
            .filter(r -> r.median() >= 0.5)
            .map(r -> String.format(Locale.ROOT, " (%.0f)", r.median()))
            .orElse("");
    return servers.map(s -> s + compilers + " + " + client.orElse(NONE)).orElse(NONE);
  }

  private Optional<String> median(
      Entrant c, String cell, ToDoubleFunction<CellResult> what, String format) {
    return summary
        .figure(c.name(), cell, what)
        .map(r -> String.format(Locale.ROOT, format, r.median()));
  }

  private static void table(StringBuilder out, List<List<String>> rows) {
    for (int i = 0; i < rows.size(); i++) {
      List<String> row = rows.get(i);
      out.append(row.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
      if (i == 0) {
        out.append("|---").append("|---:".repeat(row.size() - 1)).append("|\n");
      }
    }
  }
}
