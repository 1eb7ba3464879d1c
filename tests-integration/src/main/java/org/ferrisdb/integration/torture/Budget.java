package org.ferrisdb.integration.torture;

import java.util.ArrayList;
import java.util.List;

/**
 * How a run fits into the minutes that there are. Pure.
 *
 * @param faults those that fit, in the order of the table
 * @param leftOut those that do not
 * @param seconds of load in each cell
 */
record Budget(List<String> faults, List<String> leftOut, int seconds) {
  /**
   * Of a cell besides its load: healing, final reads, checks, now and then a new cluster. Measured
   * with processes on two cores: 3 to 6 s.
   */
  static final int OVERHEAD_SECONDS = 6;

  /** Enough for one strike, its healing, and a tail. */
  static final int LEAST_SECONDS = 12;

  /** More at a time only makes the registers' checker slow; seeds are worth more. */
  static final int MOST_SECONDS = 300;

  /**
   * What is left out last: the kinds of fault that found most bugs in other systems
   * (docs/torture.md names the study). Those that are not here come after them, in the order of the
   * table.
   */
  private static final List<String> FIRST =
      List.of(
          "none",
          "kill-one",
          "pause-leader",
          "partition-halves",
          "kill-all",
          "power-loss",
          "one-way-in",
          "one-way-out",
          "all",
          "kill-majority",
          "refused-leader",
          "partition-one",
          "partition-link",
          "wiped-disk",
          "leadership-transfer",
          "clock-step",
          "failing-fsync",
          "bit-flip",
          "disk-full");

  /**
   * Spreads the minutes over the cells.
   *
   * @param faults that are wanted
   * @param all whether nobody named them, so that some may be left out
   * @throws TortureException if it can not be done
   */
  static Budget of(int minutes, List<String> faults, boolean all, int seeds) {
    int total = minutes * 60;
    int fitting = total / ((LEAST_SECONDS + OVERHEAD_SECONDS) * seeds);
    if (fitting < (all ? 1 : faults.size())) {
      int cells = (all ? 1 : faults.size()) * seeds;
      throw new TortureException(
          minutes + (minutes == 1 ? " min is" : " min are") + " too short for " + cells + " cells",
          "give it --minutes "
              + Math.ceilDiv(cells * (LEAST_SECONDS + OVERHEAD_SECONDS), 60)
              + ", or --seconds of each cell");
    }
    List<String> chosen = new ArrayList<>(faults);
    if (fitting < faults.size()) {
      chosen.retainAll(byImportance(faults).subList(0, fitting));
    }
    List<String> left = new ArrayList<>(faults);
    left.removeAll(chosen);
    int each = total / (chosen.size() * seeds) - OVERHEAD_SECONDS;
    return new Budget(List.copyOf(chosen), List.copyOf(left), Math.min(MOST_SECONDS, each));
  }

  private static List<String> byImportance(List<String> faults) {
    List<String> sorted = new ArrayList<>(FIRST);
    sorted.retainAll(faults);
    faults.stream().filter(f -> !FIRST.contains(f)).forEach(sorted::add);
    return sorted;
  }
}
