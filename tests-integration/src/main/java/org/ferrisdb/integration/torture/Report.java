package org.ferrisdb.integration.torture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.ferrisdb.integration.torture.WorkloadResult.Judged;
import org.ferrisdb.node.cli.Tables;

/** The tables and sentences of a run. Pure. */
final class Report {
  private static final List<String> HEADER =
      List.of("FAULT", "WORKLOAD", "OPERATIONS", "UNKNOWN", "GAP ms", "VERDICT");

  /** The row of a fault that is about the cluster and not about one workload. */
  private static final String CLUSTER = "(cluster)";

  private final Results results;

  Report(Results results) {
    this.results = results;
  }

  /** What one cell came to, while the run goes on. */
  static List<String> progress(CellResult cell) {
    if (!cell.wasRun()) {
      return List.of("  not run: " + cell.notRun());
    }
    List<String> wrongs = wrongs(cell);
    if (!wrongs.isEmpty()) {
      return wrongs.stream().map(w -> "  " + w).toList();
    }
    long operations = sum(cell, WorkloadResult::operations);
    return List.of(
        String.format(
            Locale.ROOT,
            "  right: %,d operations, %,d of unknown outcome, gap %,d ms%s",
            operations,
            sum(cell, WorkloadResult::indeterminate),
            cell.gapMillis(),
            cell.strikes() == 0 ? "" : ", " + healthyAfter(List.of(cell))));
  }

  private static long sum(CellResult cell, ToLongFunction<WorkloadResult> of) {
    return cell.workloads().stream().mapToLong(of).sum();
  }

  /** Everything that is not right in a cell, one line each; the problems first. */
  static List<String> wrongs(CellResult cell) {
    List<String> lines = new ArrayList<>();
    String where = cell.fault() + ", seed " + cell.seed() + ": ";
    cell.problems().forEach(p -> lines.add("FAILED " + where + p));
    for (WorkloadResult w : cell.workloads()) {
      if (w.verdict() == Judged.UNDECIDED) {
        lines.add("undecided " + where + w.workload() + ": " + w.why());
      }
      w.violations().forEach(v -> lines.add("WRONG " + where + w.workload() + ": " + v));
    }
    return lines;
  }

  /**
   * Table, what is wrong with the commands that repeat it, and a closing sentence.
   *
   * @param width of lines of the table, in columns
   */
  List<String> terminal(int width) {
    List<String> lines = new ArrayList<>(Tables.lines(HEADER, rows(), width));
    lines.add("");
    lines.addAll(notes());
    lines.add(sentence());
    return lines;
  }

  /** The same for a document. */
  String markdown() {
    StringBuilder out =
        new StringBuilder("# Torture\n\n`" + results.settings().command() + "`\n\n");
    out.append(markdownRow(HEADER)).append("|---|---|---:|---:|---:|---|\n");
    rows().forEach(r -> out.append(markdownRow(r)));
    out.append('\n');
    notes().forEach(n -> out.append("- ").append(n).append('\n'));
    return out.append('\n').append(sentence()).append('\n').toString();
  }

  private static String markdownRow(List<String> cells) {
    return "| "
        + cells.stream().map(c -> c.replace("|", "\\|")).collect(Collectors.joining(" | "))
        + " |\n";
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (String fault : results.settings().faults()) {
      List<CellResult> column =
          results.cells().stream().filter(c -> c.fault().equals(fault)).toList();
      List<CellResult> run = column.stream().filter(CellResult::wasRun).toList();
      if (column.isEmpty()) {
        rows.add(List.of(fault, "", "", "", "", "not run yet"));
      } else if (run.isEmpty()) {
        rows.add(List.of(fault, "", "", "", "", "not run: " + column.getFirst().notRun()));
      } else {
        rows.addAll(column(fault, run));
      }
    }
    return rows;
  }

  private List<List<String>> column(String fault, List<CellResult> run) {
    List<List<String>> rows = new ArrayList<>();
    String name = fault;
    for (String workload : results.settings().workloads()) {
      List<Of> of = of(workload, run);
      if (!of.isEmpty()) {
        rows.add(workloadRow(name, workload, of));
        name = "";
      }
    }
    rows.add(clusterRow(name, run));
    return rows;
  }

  /** A result with the seed of its cell. */
  private record Of(long seed, WorkloadResult result) {}

  private static List<Of> of(String workload, List<CellResult> run) {
    List<Of> of = new ArrayList<>();
    for (CellResult cell : run) {
      cell.workloads().stream()
          .filter(w -> w.workload().equals(workload))
          .forEach(w -> of.add(new Of(cell.seed(), w)));
    }
    return of;
  }

  private static List<String> workloadRow(String fault, String workload, List<Of> of) {
    Judged worst =
        of.stream().map(o -> o.result().verdict()).max(Comparator.naturalOrder()).orElseThrow();
    String seeds =
        of.stream()
            .filter(o -> o.result().verdict() == worst)
            .map(o -> Long.toString(o.seed()))
            .collect(Collectors.joining(", "));
    return List.of(
        fault,
        workload,
        number(of.stream().mapToLong(o -> o.result().operations()).sum()),
        number(of.stream().mapToLong(o -> o.result().indeterminate()).sum()),
        number(of.stream().mapToLong(o -> o.result().gapMillis()).max().orElse(0)),
        worst == Judged.RIGHT ? worst.word() : worst.word() + " (seed " + seeds + ")");
  }

  private static List<String> clusterRow(String fault, List<CellResult> run) {
    int strikes = run.stream().mapToInt(CellResult::strikes).sum();
    String failed =
        run.stream()
            .filter(c -> !c.problems().isEmpty())
            .map(c -> Long.toString(c.seed()))
            .collect(Collectors.joining(", "));
    String words =
        !failed.isEmpty()
            ? "FAILED (seed " + failed + ")"
            : strikes == 0
                ? "right"
                : strikes + (strikes == 1 ? " strike, " : " strikes, ") + healthyAfter(run);
    long gap = run.stream().mapToLong(CellResult::gapMillis).max().orElse(-1);
    return List.of(fault, CLUSTER, "", "", gap < 0 ? "" : number(gap), words);
  }

  private static String healthyAfter(List<CellResult> run) {
    long served = run.stream().mapToLong(CellResult::returnMillis).max().orElse(0);
    long healthy = run.stream().mapToLong(CellResult::recoveryMillis).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "back after %.1f s, healthy after %.1f s, replicas agree",
        served / 1e3,
        healthy / 1e3);
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    for (CellResult cell : results.cells()) {
      List<String> wrongs = cell.wasRun() ? wrongs(cell) : List.of();
      notes.addAll(wrongs);
      if (!wrongs.isEmpty()) {
        notes.add("again: " + results.settings().command(cell.cell()));
      }
    }
    results.leftOut().forEach(l -> notes.add("not run: " + l));
    return notes;
  }

  private String sentence() {
    List<CellResult> run = results.cells().stream().filter(CellResult::wasRun).toList();
    long wrong =
        run.stream()
            .filter(c -> c.workloads().stream().anyMatch(w -> w.verdict() == Judged.WRONG))
            .count();
    long failed = run.stream().filter(c -> !c.problems().isEmpty()).count();
    long undecided = run.stream().filter(c -> !c.right()).count();
    String what =
        String.format(
            Locale.ROOT,
            "%d cells with %,d operations, %,d of unknown outcome",
            run.size(),
            run.stream().mapToLong(c -> sum(c, WorkloadResult::operations)).sum(),
            run.stream().mapToLong(c -> sum(c, WorkloadResult::indeterminate)).sum());
    if (run.isEmpty()) {
      return "NOT RIGHT: nothing was run.";
    }
    if (wrong + failed > 0) {
      return "WRONG: "
          + what
          + "; a violation in "
          + wrong
          + ", a failed recovery or another problem in "
          + failed
          + ".";
    }
    return undecided > 0
        ? "UNDECIDED, which is not right: " + what + "; " + undecided + " cells have no verdict."
        : "All right: " + what + "; no violation, every cluster whole again after healing.";
  }

  private static String number(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }
}
