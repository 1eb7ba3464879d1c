package org.ferrisdb.integration.torture;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run consists of; all that is needed to go on with it or to repeat it.
 *
 * @param workloads names, in the order of the table
 * @param faults names, in the order of the table
 * @param seed the first one
 * @param seeds how many: {@code seed}, {@code seed + 1}, ...
 * @param seconds of load in each cell
 * @param nodes of the cluster
 * @param shards of the cluster
 * @param compose whether it is the one of containers
 * @param perSecond operations a second, of all workloads together
 * @param clients of each workload
 */
record TortureSettings(
    List<String> workloads,
    List<String> faults,
    long seed,
    int seeds,
    int seconds,
    int nodes,
    int shards,
    boolean compose,
    int perSecond,
    int clients) {
  static final int NODES = 3;
  static final int SHARDS = 4;
  static final int PER_SECOND = 240;
  static final int CLIENTS = 6;

  TortureSettings {
    workloads = List.copyOf(workloads);
    faults = List.copyOf(faults);
  }

  /** Every fault with the first seed, then every fault with the next. */
  List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < seeds; i++) {
      for (String fault : faults) {
        cells.add(new Cell(fault, seed + i));
      }
    }
    return cells;
  }

  /** The command that repeats one cell, and nothing else. */
  String command(Cell cell) {
    return command(List.of(cell.fault()), cell.seed(), 1);
  }

  /** The command that repeats all of it. */
  String command() {
    return command(faults, seed, seeds);
  }

  private String command(List<String> columns, long firstSeed, int howMany) {
    StringBuilder words = new StringBuilder("./ferris torture");
    word(words, "--faults", String.join(",", columns), "");
    word(words, "--workload", String.join(",", workloads), "");
    word(words, "--seed", firstSeed, "");
    word(words, "--seeds", howMany, 1);
    word(words, "--seconds", seconds, "");
    word(words, "--nodes", nodes, NODES);
    word(words, "--shards", shards, SHARDS);
    word(words, "--rate", perSecond, PER_SECOND);
    word(words, "--clients", clients, CLIENTS);
    return compose ? words + " --compose" : words.toString();
  }

  private static void word(StringBuilder words, String option, Object value, Object usual) {
    if (!value.equals(usual)) {
      words.append(' ').append(option).append(' ').append(value);
    }
  }
}
