package org.ferrisdb.integration.torture;

import java.util.Random;

/**
 * One column of the matrix with one seed.
 *
 * @param fault the nemesis by name, or {@link #NO_FAULT}
 * @param seed decides on everything that is drawn
 */
record Cell(String fault, long seed) {
  /** The column without a fault. */
  static final String NO_FAULT = "none";

  /** Of directories and of the keys' tag. */
  String name() {
    return fault + "-" + seed;
  }

  /**
   * A source of random numbers for one purpose, so that one purpose more or less does not change
   * the others: a workload makes the same operations whatever runs beside it.
   */
  Random random(String purpose) {
    return new Random(seedOf(purpose));
  }

  /** The seed of that source. */
  long seedOf(String purpose) {
    long mixed = seed * 0x9E3779B97F4A7C15L + (fault + "/" + purpose).hashCode();
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    return mixed ^ (mixed >>> 31);
  }
}
