package org.ferrisdb.storage.testing;

import java.util.Random;

/**
 * Randomness that can be had again: a test draws its seed here, which prints it; {@code
 * -Dferris.seed=N} makes every draw that seed.
 */
public final class Seeds {
  private Seeds() {}

  /** The seed to use: the one from the command line, or else the one the test gives. */
  public static long seed(String test, long otherwise) {
    long seed = Long.getLong("ferris.seed", otherwise);
    System.out.println(test + ": -Dferris.seed=" + seed);
    return seed;
  }

  /** A generator for the seed. */
  public static Random random(String test, long otherwise) {
    return new Random(seed(test, otherwise));
  }
}
