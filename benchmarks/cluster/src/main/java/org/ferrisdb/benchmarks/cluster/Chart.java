package org.ferrisdb.benchmarks.cluster;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ferrisdb.benchmarks.cluster.Results.Entrant;

/**
 * A race as one SVG file without any reference to the outside: for each cell a bar for each
 * contestant, as long as its throughput is of the best one's in that cell, with a line from the
 * smallest to the largest repetition. Readable in light and dark. Pure.
 */
final class Chart {
  private static final int LABEL = 110;
  private static final int BARS = 460;
  private static final int FIGURES = 150;
  private static final int BAR = 13;
  private static final int GAP = 14;
  private static final int TOP = 58;

  /** Told apart also by people who do not see red and green; FerrisDB's first. */
  private static final List<String> COLOURS =
      List.of("#d9622b", "#3b78b5", "#5aa469", "#9a7bbd", "#c2a83e");

  private final Summary summary;
  private final StringBuilder out = new StringBuilder();

  private Chart(Summary summary) {
    this.summary = summary;
  }

  /** The file's text. */
  static String svg(Summary summary) {
    return new Chart(summary).draw();
  }

  private String draw() {
    int rows = summary.cells().size();
    int height = TOP + rows * (summary.contestants().size() * BAR + GAP);
    int width = LABEL + BARS + FIGURES;
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
            + " height=\"%d\" role=\"img\" aria-label=\"Throughput of each contestant by cell\">",
        width, height, width, height);
    add("<style>");
    add("text{font:12px system-ui,sans-serif;fill:#222}.t{font-weight:600;font-size:14px}");
    add(".n{font-size:11px;fill:#555}.w{stroke:#222;stroke-width:1}");
    add("@media(prefers-color-scheme:dark){text{fill:#ddd}.n{fill:#aaa}.w{stroke:#ddd}}");
    add("</style>");
    add("<text class=\"t\" x=\"8\" y=\"20\">Throughput, ops/s (longer is faster)</text>");
    legend();
    int y = TOP;
    for (String cell : summary.cells()) {
      cell(cell, y);
      y += summary.contestants().size() * BAR + GAP;
    }
    add("</svg>");
    return out.toString();
  }

  private void legend() {
    int x = 8;
    for (int i = 0; i < summary.contestants().size(); i++) {
      String title = summary.contestants().get(i).title();
      add(
          "<rect x=\"%d\" y=\"32\" width=\"10\" height=\"10\" fill=\"%s\"/>"
              + "<text x=\"%d\" y=\"41\">%s</text>",
          x, colour(i), x + 14, escape(title));
      x += 30 + 8 * title.length();
    }
  }

  private void cell(String cell, int top) {
    double most = 0;
    for (Entrant c : summary.contestants()) {
      most = Math.max(most, summary.throughput(c.name(), cell).map(Range::most).orElse(0.0));
    }
    int middle = top + summary.contestants().size() * BAR / 2 + 4;
    add("<text x=\"8\" y=\"%d\">%s</text>", middle, escape(cell));
    int y = top;
    for (int i = 0; i < summary.contestants().size(); i++) {
      Optional<Range> range = summary.throughput(summary.contestants().get(i).name(), cell);
      if (range.isPresent() && most > 0) {
        bar(range.get(), most, y, colour(i));
      } else {
        add("<text class=\"n\" x=\"%d\" y=\"%d\">not run</text>", LABEL, y + BAR - 3);
      }
      y += BAR;
    }
  }

  private void bar(Range r, double most, int y, String colour) {
    double scale = BARS / most;
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LABEL, y, r.median() * scale, BAR - 2, colour);
    if (r.count() > 1) {
      add(
          "<line class=\"w\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
          LABEL + r.least() * scale, LABEL + r.most() * scale, y + BAR / 2, y + BAR / 2);
    }
    add(
        "<text class=\"n\" x=\"%.1f\" y=\"%d\">%,.0f</text>",
        LABEL + r.most() * scale + 5, y + BAR - 3, r.median());
  }

  private static String colour(int i) {
    return COLOURS.get(i % COLOURS.size());
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void add(String format, Object... values) {
    out.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
