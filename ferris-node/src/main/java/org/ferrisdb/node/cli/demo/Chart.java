package org.ferrisdb.node.cli.demo;

import java.util.ArrayList;
import java.util.List;

/** Columns of blocks, one for each value. Pure. */
final class Chart {
  private static final String BLOCKS = " ▁▂▃▄▅▆▇█";

  /** For terminals without block characters: fewer steps, same idea. */
  private static final String ASCII = " ..::||##";

  private static final int STEPS = BLOCKS.length() - 1;

  private Chart() {}

  /**
   * Draws; the right edge is now.
   *
   * @param values oldest first; what does not fit into the width is left out on the left
   * @param top the value of a full column; above 0
   * @param rows height
   * @param width how wide each row is, filled up on the left with blanks
   * @param unicode whether the terminal has block characters
   * @return rows from top to bottom
   */
  static List<String> draw(List<Long> values, long top, int rows, int width, boolean unicode) {
    List<Long> shown = values.subList(Math.max(0, values.size() - width), values.size());
    String alphabet = unicode ? BLOCKS : ASCII;
    List<String> lines = new ArrayList<>();
    for (int row = rows - 1; row >= 0; row--) {
      StringBuilder line = new StringBuilder(" ".repeat(width - shown.size()));
      for (long value : shown) {
        line.append(alphabet.charAt(Math.clamp(steps(value, top, rows) - row * STEPS, 0, STEPS)));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  /** Rounded, but anything above nothing can be seen. */
  private static int steps(long value, long top, int rows) {
    int full = rows * STEPS;
    long steps = Math.round((double) value * full / top);
    return Math.clamp(steps, value > 0 ? 1 : 0, full);
  }
}
