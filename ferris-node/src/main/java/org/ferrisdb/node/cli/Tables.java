package org.ferrisdb.node.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import java.util.List;
import java.util.Set;

/** Tables without frames, as wide as they may be. Stateless. */
public final class Tables {
  /** Columns of numbers; those stand to the right. */
  private static final Set<String> NUMBERS =
      Set.of("LEADS", "EPOCH", "COUNT", "OPS/S", "MAX ms", "OPERATIONS", "UNKNOWN", "GAP ms");

  /** Of two columns next to each other: the library's padding of each. */
  private static final int GAP = 2;

  /** Below this a cell tells nothing any more: a table that wants it may be too wide. */
  private static final int NARROWEST = 6;

  private Tables() {}

  /**
   * The lines of a table. Where it is wider than the terminal, its widest cells go on in the next
   * line; nothing is left out.
   *
   * @param width how wide lines may be, in columns
   */
  public static List<String> lines(List<String> header, List<List<String>> rows, int width) {
    int[] widths = widths(header, rows, width);
    Column[] columns = new Column[header.size()];
    for (int i = 0; i < columns.length; i++) {
      HorizontalAlign align = align(header.get(i));
      columns[i] =
          new Column()
              .header(header.get(i))
              .headerAlign(align)
              .dataAlign(align)
              .maxWidth(widths[i] + GAP, OverflowBehaviour.NEWLINE);
    }
    String[][] cells = rows.stream().map(r -> r.toArray(String[]::new)).toArray(String[][]::new);
    return AsciiTable.builder()
        .border(AsciiTable.NO_BORDERS)
        .data(columns, cells)
        .asString()
        .lines()
        .map(l -> l.startsWith(" ") ? l.substring(1) : l)
        .map(String::stripTrailing)
        .toList();
  }

  /** How wide each column's text gets: what it needs, or the widest ones less. Pure. */
  static int[] widths(List<String> header, List<List<String>> rows, int width) {
    int[] widths = new int[header.size()];
    long total = (long) GAP * (widths.length - 1);
    for (int i = 0; i < widths.length; i++) {
      widths[i] = header.get(i).length();
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
      total += widths[i];
    }
    while (total > width) {
      int widest = widest(widths);
      if (widths[widest] <= NARROWEST) {
        break;
      }
      widths[widest]--;
      total--;
    }
    return widths;
  }

  private static int widest(int[] widths) {
    int widest = 0;
    for (int i = 1; i < widths.length; i++) {
      widest = widths[i] > widths[widest] ? i : widest;
    }
    return widest;
  }

  private static HorizontalAlign align(String header) {
    boolean number = NUMBERS.contains(header) || header.matches("P[0-9.]+ ms");
    return number ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT;
  }
}
