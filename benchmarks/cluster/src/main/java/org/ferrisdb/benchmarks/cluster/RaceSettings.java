package org.ferrisdb.benchmarks.cluster;

import java.util.List;

/**
 * What a race measures, and how long.
 *
 * @param cells in this order
 * @param repetitions turns of each contestant
 * @param seconds of each measurement
 * @param cellWarmupSeconds before each measurement
 * @param warmupSeconds after each start of a cluster, spread over all cells
 * @param keys different keys, all written before
 * @param valueBytes size of each value
 * @param shards of FerrisDB
 * @param seed of the random numbers
 */
record RaceSettings(
    List<Cell> cells,
    int repetitions,
    int seconds,
    int cellWarmupSeconds,
    int warmupSeconds,
    int keys,
    int valueBytes,
    int shards,
    long seed) {
  RaceSettings {
    cells = List.copyOf(cells);
    check("--reps", repetitions, 1, 100);
    check("--seconds", seconds, 1, 3_600);
    check("--cell-warmup", cellWarmupSeconds, 0, 3_600);
    check("--warmup", warmupSeconds, 0, 3_600);
    check("--keys", keys, 1, 100_000_000);
    check("--value-size", valueBytes, 0, 1 << 20);
    check("--shards", shards, 1, 256);
  }

  private static void check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new RaceException(
          option + " " + value + " is out of range", "it goes from " + least + " to " + most);
    }
  }

  /** How long one run takes at least, in seconds. */
  int runSeconds(Contestant contestant) {
    return contestant.warmupSeconds(warmupSeconds) + cells.size() * (cellWarmupSeconds + seconds);
  }
}
