package org.ferrisdb.benchmarks.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;
import org.ferrisdb.benchmarks.cluster.Range;

/**
 * One figure of a storage race as an SVG file without any reference to the outside: for each data
 * set a panel with an axis of its own, in it a bar for each contestant, and a line from the
 * smallest to the largest repetition. Readable in light and dark. Pure.
 */
final class Plot {
  private static final int WIDTH = 720;
  private static final int LABEL = 130;
  private static final int BARS = 340;
  private static final int BAR = 20;
  private static final int TOP = 52;
  private static final int PANEL_TITLE = 22;
  private static final int AXIS = 40;
  private static final int MOST_TICKS = 5;

  /** Told apart also by people who do not see red and green; the same in every race's charts. */
  private static final Map<Contestant, String> COLOURS =
      Map.of(
          Contestant.FERRIS, "#d9622b",
          Contestant.FERRIS_SKIP_LIST, "#c2a83e",
          Contestant.ROCKSDB, "#3b78b5",
          Contestant.LMDB, "#5aa469");

  private final StringBuilder out = new StringBuilder();

  /** A bar, and what is written behind it. */
  private record Bar(Contestant contestant, Range range, String note) {}

  private record Panel(String title, List<Bar> bars) {
    double most() {
      return bars.stream().mapToDouble(b -> b.range().most()).max().orElse(0);
    }
  }

  private Plot() {}

  /** All files by name: one for each workload, and one for each of what writing costs. */
  static Map<String, String> all(List<DataSet> sets) {
    Map<String, String> files = new TreeMap<>();
    for (Workload workload : Workload.values()) {
      put(
          files,
          workload.id(),
          workload.id() + ": " + workload.title() + " (longer is faster)",
          workload == Workload.RECOVER || workload == Workload.COMPACT
              ? "records a second"
              : "operations a second",
          sets,
          (set, c) -> rate(set, c, workload));
    }
    put(
        files,
        "write-amplification",
        "Bytes written for a byte put, overwriting in steady state (shorter is better)",
        "bytes",
        sets,
        (set, c) ->
            figure(set, c, Workload.OVERWRITE_STEADY, Measurement::writeAmplification, "%.2f"));
    put(
        files,
        "space",
        "Space on disk after overwriting (shorter is better)",
        "MB",
        sets,
        (set, c) -> figure(set, c, Workload.OVERWRITE_STEADY, Measurement::spaceMb, "%,.0f MB"));
    put(
        files,
        "longest-write",
        "Longest wait of any write (shorter is better)",
        "milliseconds",
        sets,
        (set, c) -> set.longestWrite(c).map(r -> scaled(r, 1e-3)).map(r -> bar(c, r, "%,.1f ms")));
    return files;
  }

  private static void put(
      Map<String, String> files,
      String name,
      String title,
      String unit,
      List<DataSet> sets,
      BiFunction<DataSet, Contestant, Optional<Bar>> bar) {
    List<Panel> panels = new ArrayList<>();
    for (DataSet set : sets) {
      List<Bar> bars = set.contestants().stream().flatMap(c -> bar.apply(set, c).stream()).toList();
      if (!bars.isEmpty()) {
        panels.add(new Panel(set.title(), bars));
      }
    }
    if (!panels.isEmpty()) {
      files.put(name + ".svg", new Plot().draw(title, unit, panels));
    }
  }

  private static Optional<Bar> rate(DataSet set, Contestant contestant, Workload workload) {
    return set.figure(contestant, workload, Measurement::perSecond)
        .map(rate ->
            new Bar(
                contestant,
                rate,
                String.format(
                    Locale.ROOT,
                    "%,.0f/s, CPU %s us",
                    rate.median(),
                    set.figure(contestant, workload, Measurement::cpuMicros)
                        .map(r -> String.format(Locale.ROOT, "%.3g", r.median()))
                        .orElse("?"))));
  }

  private static Optional<Bar> figure(
      DataSet set,
      Contestant contestant,
      Workload workload,
      ToDoubleFunction<Measurement> what,
      String format) {
    return set.figure(contestant, workload, what).map(range -> bar(contestant, range, format));
  }

  private static Bar bar(Contestant contestant, Range range, String format) {
    return new Bar(contestant, range, String.format(Locale.ROOT, format, range.median()));
  }

  private static Range scaled(Range range, double factor) {
    return new Range(
        range.count(), range.median() * factor, range.least() * factor, range.most() * factor);
  }

  // ---- drawing

  private String draw(String title, String unit, List<Panel> panels) {
    int height = TOP;
    for (Panel panel : panels) {
      height += PANEL_TITLE + panel.bars().size() * BAR + AXIS;
    }
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
            + " height=\"%d\" role=\"img\" aria-label=\"%s\">",
        WIDTH, height, WIDTH, height, escape(title));
    add("<style>");
    add("text{font:12px system-ui,sans-serif;fill:#222}.t{font-weight:600;font-size:14px}");
    add(".p{font-weight:600}.n{font-size:11px;fill:#555}.w{stroke:#222;stroke-width:1.5}");
    add(".g{stroke:#888;stroke-opacity:.35;stroke-width:1}");
    add("@media(prefers-color-scheme:dark){text{fill:#ddd}.n{fill:#aaa}.w{stroke:#ddd}}");
    add("</style>");
    add("<text class=\"t\" x=\"8\" y=\"20\">%s</text>", escape(title));
    add(
        "<text class=\"n\" x=\"8\" y=\"38\">medians of %d; the line: least to most</text>",
        panels.stream()
            .flatMap(p -> p.bars().stream())
            .mapToInt(b -> b.range().count())
            .max()
            .orElse(0));
    int y = TOP;
    for (Panel panel : panels) {
      panel(panel, unit, y);
      y += PANEL_TITLE + panel.bars().size() * BAR + AXIS;
    }
    add("</svg>");
    return out.toString();
  }

  private void panel(Panel panel, String unit, int top) {
    add("<text class=\"p\" x=\"8\" y=\"%d\">%s</text>", top + 14, escape(panel.title()));
    int first = top + PANEL_TITLE;
    int bottom = first + panel.bars().size() * BAR;
    double step = step(panel.most());
    double axis = step * Math.max(1, Math.ceil(panel.most() / step));
    double scale = BARS / axis;
    for (int tick = 0; tick * step <= axis * 1.001; tick++) {
      double x = LABEL + tick * step * scale;
      add("<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x, x, first, bottom);
      add(
          "<text class=\"n\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x, bottom + 14, number(tick * step));
    }
    add(
        "<text class=\"n\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
        LABEL + BARS / 2, bottom + 28, escape(unit));
    int y = first;
    for (Bar bar : panel.bars()) {
      bar(bar, scale, y);
      y += BAR;
    }
  }

  private void bar(Bar bar, double scale, int y) {
    Range range = bar.range();
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
        LABEL - 8, y + BAR - 6, escape(bar.contestant().title()));
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LABEL, y + 2, range.median() * scale, BAR - 4, colour(bar.contestant()));
    if (range.count() > 1) {
      add(
          "<line class=\"w\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
          LABEL + range.least() * scale, LABEL + range.most() * scale, y + BAR / 2, y + BAR / 2);
    }
    add(
        "<text class=\"n\" x=\"%.1f\" y=\"%d\">%s</text>",
        LABEL + range.most() * scale + 6, y + BAR - 6, escape(bar.note()));
  }

  /** 1, 2 or 5 times a power of ten: so large that few ticks reach the value. */
  static double step(double most) {
    if (most <= 0) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(most / MOST_TICKS)));
    for (double factor : new double[] {1, 2, 5}) {
      if (most / (factor * power) <= MOST_TICKS) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** As short as it can be read: 1500000 as 1.5M. */
  static String number(double value) {
    if (value >= 1e6) {
      return plain(value / 1e6) + "M";
    }
    return value >= 1e3 ? plain(value / 1e3) + "k" : plain(value);
  }

  private static String plain(double value) {
    return String.format(Locale.ROOT, "%.3f", value).replaceAll("\\.?0+$", "");
  }

  private static String colour(Contestant contestant) {
    return COLOURS.getOrDefault(contestant, "#888888");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private void add(String format, Object... values) {
    out.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
