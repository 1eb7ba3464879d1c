package org.ferrisdb.benchmarks.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.benchmarks.cluster.Range;

/** A storage race as tables, for the terminal and as Markdown. Pure. */
final class Report {
  private static final String NONE = "-";

  private final Results results;

  Report(Results results) {
    this.results = results;
  }

  /** With columns aligned. */
  String terminal() {
    StringBuilder out = new StringBuilder();
    for (DataSet set : results.sets()) {
      out.append(set.title()).append("\n\n");
      align(speed(set), out);
      out.append('\n');
      align(price(set), out);
      out.append('\n');
    }
    return out.append(legend()).append('\n').toString();
  }

  private static void align(List<List<String>> rows, StringBuilder out) {
    int[] widths = new int[rows.getFirst().size()];
    rows.forEach(row -> {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    });
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
  }

  String markdown() {
    StringBuilder out = new StringBuilder();
    out.append('`').append(results.command()).append("`\n\n");
    out.append(results.machine().line()).append(".\n");
    for (DataSet set : results.sets()) {
      out.append(
          String.format(
              Locale.ROOT,
              "%n### %s%n%nKeys of %d B, %d MB in all; block cache %d MB. JVM: `%s`.%n%n",
              set.title(),
              Data.KEY_BYTES,
              set.data().rawBytes() / 1_000_000,
              Sizes.cacheBytes(set.data()) >> 20,
              String.join(" ", set.jvm())));
      table(speed(set), out);
      out.append('\n');
      table(price(set), out);
    }
    return out.append('\n').append(legend()).append('\n').toString();
  }

  private static void table(List<List<String>> rows, StringBuilder out) {
    for (int i = 0; i < rows.size(); i++) {
      out.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
      if (i == 0) {
        out.append("|---").append("|---:".repeat(rows.getFirst().size() - 1)).append("|\n");
      }
    }
  }

  private static String legend() {
    return "First table: operations a second; p50, p99.99 and the longest in microseconds; CPU of"
        + " the process for an operation, microseconds. Medians of the repetitions. vs: the peer's"
        + " divided by FerrisDB's, median (least to most): above 1 FerrisDB takes less. Second"
        + " table: write amplification is bytes given to write calls for a byte of keys and values;"
        + " space amplification the files' size by that of all keys and values (values compress to"
        + " half); longest write the median over the repetitions, and the longest of all.";
  }

  private static List<String> head(DataSet set, String first, String... last) {
    List<String> head = new ArrayList<>(List.of(first));
    set.contestants().forEach(c -> head.add(c.title()));
    head.addAll(List.of(last));
    return head;
  }

  /** Whom FerrisDB is compared with: RocksDB, or who takes part in its place. */
  private static Contestant peer(DataSet set) {
    return set.contestants().contains(Contestant.ROCKSDB)
            || !set.contestants().contains(Contestant.LMDB)
        ? Contestant.ROCKSDB
        : Contestant.LMDB;
  }

  // ---- how fast

  private static List<List<String>> speed(DataSet set) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(head(set, "workload", "CPU vs " + peer(set).title(), "p50 vs " + peer(set).title()));
    for (Workload workload : Workload.values()) {
      List<String> row = new ArrayList<>(List.of(workload.id()));
      set.contestants().forEach(c -> row.add(cell(set, c, workload)));
      row.add(ratio(set, workload, Measurement::cpuMicros));
      row.add(ratio(set, workload, Measurement::p50));
      if (row.stream().skip(1).anyMatch(c -> !c.equals(NONE))) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static String cell(DataSet set, Contestant contestant, Workload workload) {
    Optional<Range> rate = set.figure(contestant, workload, Measurement::perSecond);
    if (rate.isEmpty()) {
      return NONE;
    }
    return String.format(
        Locale.ROOT,
        "%,.0f/s %s %s %s CPU %s",
        rate.get().median(),
        micros(set.figure(contestant, workload, Measurement::p50)),
        micros(set.figure(contestant, workload, Measurement::p9999)),
        micros(set.figure(contestant, workload, Measurement::max)),
        micros(set.figure(contestant, workload, Measurement::cpuMicros)));
  }

  private static String micros(Optional<Range> range) {
    double value = range.map(Range::median).orElse(0.0);
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%,.0f", value);
  }

  private static String ratio(DataSet set, Workload workload, ToDoubleFunction<Measurement> what) {
    return set.ratio(Contestant.FERRIS, peer(set), workload, what)
        .map(
            r -> String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", r.median(), r.least(), r.most()))
        .orElse(NONE);
  }

  // ---- what it costs besides

  private static List<List<String>> price(DataSet set) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(head(set, "", "vs " + peer(set).title()));
    for (Workload workload : List.of(Workload.FILLRANDOM, Workload.OVERWRITE)) {
      addAmplification(rows, set, workload);
    }
    addAmplification(rows, set, Workload.OVERWRITE_STEADY);
    addSpace(rows, set, Workload.COMPACT, "after the full compaction");
    addSpace(rows, set, Workload.OVERWRITE_STEADY, "after overwriting");
    addRow(
        rows,
        set,
        "longest write",
        c ->
            set.longestWrite(c)
                .map(r ->
                    String.format(
                        Locale.ROOT, "%.1f ms, %.1f ms", r.median() / 1_000, r.most() / 1_000)),
        NONE);
    return rows;
  }

  private static void addAmplification(List<List<String>> rows, DataSet set, Workload workload) {
    addRow(
        rows,
        set,
        "write amplification, " + workload.id(),
        c ->
            set.figure(c, workload, Measurement::writeAmplification)
                .map(r -> String.format(Locale.ROOT, "%.2f", r.median())),
        ratio(set, workload, Measurement::writeAmplification));
  }

  private static void addSpace(
      List<List<String>> rows, DataSet set, Workload workload, String when) {
    double raw = set.data().rawBytes() / 1e6;
    addRow(
        rows,
        set,
        "space " + when + ", and its amplification",
        c ->
            set.figure(c, workload, Measurement::spaceMb)
                .map(r ->
                    String.format(Locale.ROOT, "%,.0f MB, %.2f", r.median(), r.median() / raw)),
        ratio(set, workload, Measurement::spaceMb));
  }

  private static void addRow(
      List<List<String>> rows,
      DataSet set,
      String name,
      Function<Contestant, Optional<String>> cell,
      String last) {
    List<String> row = new ArrayList<>(List.of(name));
    set.contestants().forEach(c -> row.add(cell.apply(c).orElse(NONE)));
    row.add(last);
    if (row.stream().skip(1).anyMatch(c -> !c.equals(NONE))) {
      rows.add(row);
    }
  }
}
