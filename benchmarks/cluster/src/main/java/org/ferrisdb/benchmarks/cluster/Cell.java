package org.ferrisdb.benchmarks.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.node.cli.load.BenchSpec.Mix;

/**
 * One thing that is measured of every contestant.
 *
 * @param name {@code put-16x32}: the mix, the threads, and operations outstanding a thread if more
 *     than one
 * @param mix which operations
 * @param threads client threads
 * @param outstanding operations that each keeps in flight
 */
record Cell(String name, Mix mix, int threads, int outstanding) {
  private static final int MOST_THREADS = 1_000;

  /** Those of a whole race, in the order in which they are run. */
  static List<Cell> all() {
    return List.of(
        of(Mix.PUT, 1, 1),
        of(Mix.PUT, 16, 1),
        of(Mix.PUT, 64, 1),
        of(Mix.PUT, 16, 32),
        of(Mix.GET, 1, 1),
        of(Mix.GET, 16, 1),
        of(Mix.GET, 64, 1),
        of(Mix.GET, 16, 32),
        of(Mix.YCSB_A, 64, 1),
        of(Mix.YCSB_B, 16, 1),
        of(Mix.YCSB_E, 16, 1));
  }

  private static Cell of(Mix mix, int threads, int outstanding) {
    String suffix = outstanding == 1 ? "" : "x" + outstanding;
    return new Cell(mix + "-" + threads + suffix, mix, threads, outstanding);
  }

  /**
   * Reads names separated by commas; {@code all} stands for {@link #all}.
   *
   * @throws RaceException if one can not be read
   */
  static List<Cell> parse(String names) {
    List<Cell> cells = new ArrayList<>();
    for (String name : names.split(",", -1)) {
      if (name.equals("all")) {
        cells.addAll(all());
      } else {
        cells.add(parseOne(name));
      }
    }
    return cells.stream().distinct().toList();
  }

  private static Cell parseOne(String name) {
    int dash = name.lastIndexOf('-');
    try {
      String[] numbers = name.substring(dash + 1).split("x", 2);
      int threads = Integer.parseInt(numbers[0]);
      int outstanding = numbers.length == 2 ? Integer.parseInt(numbers[1]) : 1;
      Mix mix = Mix.named(name.substring(0, Math.max(0, dash)));
      boolean scansPipelined = mix == Mix.YCSB_E && outstanding > 1;
      if (threads >= 1 && threads <= MOST_THREADS && outstanding >= 1 && !scansPipelined) {
        return of(mix, threads, outstanding);
      }
    } catch (IllegalArgumentException e) {
      // told below, as numbers out of range are
    }
    throw new RaceException(
        "there is no cell " + name,
        "a cell is MIX-THREADS or MIX-THREADSxOUTSTANDING, with the mixes "
            + String.join(", ", Arrays.stream(Mix.values()).map(Mix::toString).toList())
            + "; those of a whole race are "
            + String.join(",", all().stream().map(Cell::name).toList()));
  }
}
